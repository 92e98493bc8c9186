// What painters have in common, whether they draw with WebGPU or from numbers.
import type { Tensor } from "gpugrad";
import type { Space, View } from "./live.ts";
import type { Points } from "./points.ts";
import type { Canvases, Looks } from "./protocol.ts";
import type { Settings } from "./settings.ts";

/** All that a frame is made of. */
export interface Scene {
  readonly settings: Settings;
  readonly points: Points;
  readonly looks: Looks;
  /** Places of the map in a row. */
  readonly side: number;
  /** The value of a unit that has no colour. */
  readonly middle: number;
}

export interface Painter {
  /** A new run, or new looks: canvases take their sizes, buffers theirs. */
  prepare(scene: Scene): void;
  map(view: View<Tensor>): void | Promise<void>;
  units(view: View<Tensor>): void | Promise<void>;
  space(space: Space<Tensor>): void | Promise<void>;
  /** Settles when what was painted is done. */
  done(): Promise<unknown>;
}

/** 0 values, 1 probability of the second of two classes, 2 probabilities of all. */
export const kindOf = ({ task, classes }: Points): 0 | 1 | 2 => (task === "values" ? 0 : classes === 2 ? 1 : 2);

/** The range of what comes out of a hidden layer's activation, where it has one. */
export function rangeAfter({ activation }: Settings): readonly [number, number] | undefined {
  if (activation === "tanh") return [-1.08, 1.08];
  return activation === "sigmoid" ? [-0.04, 1.04] : undefined;
}

/** Lines of the map shown in the space, each way. */
export const LINES = 9;

/** Gives the canvases the sizes of the looks. Setting a size clears, so only what changed is set. */
export function resize(canvases: Canvases, looks: Looks): void {
  for (const name of ["map", "units", "space"] as const) {
    const [canvas, size] = [canvases[name], looks[name]];
    if (canvas.width !== size.width) canvas.width = Math.max(1, size.width);
    if (canvas.height !== size.height) canvas.height = Math.max(1, size.height);
  }
}
