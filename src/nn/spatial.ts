// Layers that work on images and sequences: what their examples must look like.
import { ShapeError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { input as leaf } from "../ops/constant.ts";
import { type Layer, stateless } from "./layer.ts";

/** Axes of an image and of a sequence, without the batch. */
export const IMAGE = ["height", "width", "channels"] as const;
export const SEQUENCE = ["length", "channels"] as const;

/** Refuses an example of another rank, and says what would make it one. */
export function checkExample(call: string, input: Shape, axes: readonly string[]): void {
  if (input.length === axes.length) return;
  const wanted = `[${axes.join(", ")}]`;
  const likely = input.length < axes.length ? `. Use nn.reshape(${likelyShape(input, axes) ?? wanted}) before it` : "";
  throw new ShapeError(`${call}: an example must be ${wanted}: got ${showShape(input)}${likely}`, { input });
}

/** One channel where only that is missing; a square image of one channel for as many numbers in a row. */
function likelyShape(input: Shape, axes: readonly string[]): string | undefined {
  if (input.length === axes.length - 1) return showShape([...input, 1]);
  const side = Math.sqrt(input[0] ?? 0);
  return axes === IMAGE && input.length === 1 && Number.isInteger(side) ? showShape([side, side, 1]) : undefined;
}

/** A layer without parameters for examples of one rank, whose output has the shape that `apply` gives. */
export function spatial(call: string, name: string, axes: readonly string[], apply: (x: Node) => Node): Layer {
  return stateless(name, apply, (input: Shape) => {
    checkExample(call, input, axes);
    return apply(leaf("example", [1, ...input])).shape.slice(1);
  });
}
