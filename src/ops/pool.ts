// What all pools share: their options, and images or sequences as axes that windows slide along.

import { ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { reshape } from "./broadcast.ts";
import { everyOne, type PoolAxes, type PoolAxis, positionsOf, sharedAxis } from "./poolAxis.ts";
import { type Padding, type PerAxis, windowAxes } from "./window.ts";

/** How a pool's windows lie. */
export interface PoolOptions {
  /** Elements of a window along each axis. */
  readonly size: PerAxis;
  /** Distance between windows; default: their size, so that they lie side by side. */
  readonly stride?: PerAxis | undefined;
  /** What lies around the image: nothing ("valid", the default), as much as makes the output ⌈input/stride⌉ long ("same"), or so much. */
  readonly padding?: Padding | undefined;
  /** Distance of a window's elements, default 1. */
  readonly dilation?: PerAxis | undefined;
  /** A last window may reach beyond the padding, as long as it starts in front of that (default false). */
  readonly ceilMode?: boolean | undefined;
}

/** Options of average pooling. */
export interface AvgPoolOptions extends PoolOptions {
  /** Padding counts as zeros (the default, as PyTorch's); otherwise only elements count, as in TensorFlow and WebNN. */
  readonly countIncludePad?: boolean | undefined;
}

const KNOWN = ["size", "stride", "padding", "dilation", "ceilMode"];

/** The axes of a pool of `x` [N, H, W, C]. */
export function imageAxes(call: string, x: Node, options: PoolOptions, more: readonly string[] = []): PoolAxes {
  checkImages(call, x);
  const [rows, columns] = axesOf(call, x, options, more);
  return { rows: rows as PoolAxis, columns: columns as PoolAxis };
}

/** The axes of a pool of `x` [N, L, C], taken for images of one row. */
export function sequenceAxes(call: string, x: Node, options: PoolOptions, more: readonly string[] = []): PoolAxes {
  checkPooled(call, x, "sequences [N, L, C]", 3);
  return { rows: everyOne(1), columns: axesOf(call, x, options, more)[0] as PoolAxis };
}

/** The axes of an adaptive pool of `x` [N, H, W, C]. */
export function adaptiveAxes(call: string, x: Node, size: PerAxis): PoolAxes {
  checkImages(call, x);
  const [, height, width] = x.shape as [number, number, number];
  const sizes = typeof size === "number" ? [size, size] : size;
  if (sizes.length !== 2)
    throw new ShapeError(`${call}: output size must be a number or [height, width]: got ${showShape(sizes)}`);
  return {
    rows: sharedAxis(call, height, sizes[0] as number),
    columns: sharedAxis(call, width, sizes[1] as number),
  };
}

function axesOf(call: string, x: Node, options: PoolOptions, more: readonly string[]): readonly PoolAxis[] {
  checkKnown(call, options, [...KNOWN, ...more]);
  const { size, stride = size, padding, dilation, ceilMode } = options;
  return windowAxes(call, x.shape.slice(1, -1), { size, stride, padding, dilation, ceilMode });
}

/** Checks that `x` is [N, H, W, C] of f32. */
export function checkImages(call: string, x: Node): void {
  checkPooled(call, x, "images [N, H, W, C]", 4);
}

function checkPooled(call: string, x: Node, what: string, rank: number): void {
  if (x.shape.length !== rank)
    throw new ShapeError(`${call}: takes ${what}: got ${showShape(x.shape)}`, { x: x.shape });
  if (x.dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${x.dtype}. Use cast`);
}

/** Refuses windows that hold padding alone: they have no largest element and no mean. */
export function checkFilled(call: string, axes: PoolAxes): void {
  for (const axis of Object.values(axes) as PoolAxis[]) {
    for (let o = 0; o < axis.output; o++) {
      if (positionsOf(axis, o).length > 0) continue;
      const { before, after } = axis as { readonly before?: number; readonly after?: number };
      throw new ShapeError(
        `${call}: window ${o} of an axis holds no element: ${axis.input} elements with padding [${before}, ${after}]. Use less padding`,
      );
    }
  }
}

/** Pools sequences [N, L, C] as images of one row. */
export function asImages(x: Node, pool: (images: Node) => Node): Node {
  const [count, length, channels] = x.shape as [number, number, number];
  const y = pool(reshape(x, [count, 1, length, channels]));
  return reshape(y, [count, y.shape[2] as number, channels]);
}
