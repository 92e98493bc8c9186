// Resizing images: each axis picks the nearest elements, or weighs two neighbours.
import { OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { expand, reshape } from "./broadcast.ts";
import { constant, fill } from "./constant.ts";
import { gather } from "./gather.ts";
import { checkImages } from "./pool.ts";
import type { PerAxis } from "./window.ts";

/** Options of `upsample2d`: either `size` or `scale`. */
export interface UpsampleOptions {
  /** [height, width] of the result, or one number for both. */
  readonly size?: PerAxis | undefined;
  /** How many times as large the result is, rounded down; below 1 it shrinks. */
  readonly scale?: PerAxis | undefined;
  /** The nearest pixel (the default), or the weighted mean of the four around. */
  readonly mode?: "nearest" | "bilinear" | undefined;
  /** Corner pixels keep their place (bilinear only; default false: the corners of the image do, and pixels are squares). */
  readonly alignCorners?: boolean | undefined;
}

/** One axis: its length before and after, and how far one step of the result goes in the input. */
interface ResizedAxis {
  readonly axis: number;
  readonly input: number;
  readonly output: number;
  readonly step: number;
}

/**
 * Images of another size: [N, H, W, C] → [N, H', W', C]. "nearest" takes pixel ⌊o·H/H'⌋; "bilinear" stands at (o + ½)·H/H' − ½, or at
 * o·(H − 1)/(H' − 1) with `alignCorners`, as PyTorch's interpolate. With `scale` the step is 1/scale. It also shrinks.
 * @throws ShapeError when `x` is no f32 image or has no pixels; OptionError when neither or both of size and scale are given, or are no such numbers
 * @example
 * upsample2d(images, { scale: 2, mode: "bilinear" });
 */
export function upsample2d(x: Node, options: UpsampleOptions): Node {
  checkImages("upsample2d", x);
  checkKnown("upsample2d", options, ["size", "scale", "mode", "alignCorners"]);
  const { mode = "nearest", alignCorners = false } = options;
  if (mode !== "nearest" && mode !== "bilinear")
    throw new OptionError(`upsample2d: mode must be "nearest" or "bilinear": got "${mode}"`, { mode });
  if (mode === "nearest" && alignCorners)
    throw new OptionError('upsample2d: alignCorners goes with mode "bilinear" only');
  const axes = resizedAxes(x, options);
  const shape = [x.shape[0] as number, ...axes.map(({ output }) => output), x.shape[3] as number];
  if (sizeOf(shape) === 0) return fill(shape, 0);
  if (x.shape[1] === 0 || x.shape[2] === 0)
    throw new ShapeError(`upsample2d: nothing to resize: ${showShape(x.shape)}`, { x: x.shape });
  return axes.reduce((y, axis) => (mode === "nearest" ? nearest(y, axis) : linear(y, axis, alignCorners)), x);
}

function resizedAxes(x: Node, { size, scale }: UpsampleOptions): ResizedAxis[] {
  if ((size === undefined) === (scale === undefined))
    throw new OptionError("upsample2d: give either size or scale", { size, scale });
  const given = (size ?? scale) as PerAxis;
  const pair = typeof given === "number" ? [given, given] : given;
  const what = size === undefined ? "scale" : "size";
  const isRight = (value: number) =>
    size === undefined ? value > 0 && value < Infinity : Number.isInteger(value) && value > 0;
  if (pair.length !== 2 || !pair.every(isRight)) {
    const right = size === undefined ? "positive numbers" : "whole numbers from 1 on";
    throw new OptionError(`upsample2d: ${what} must be one or two ${right}: got ${showShape(pair)}`, { [what]: given });
  }
  return pair.map((value, k) => {
    const axis = k + 1;
    const input = x.shape[axis] as number;
    if (size !== undefined) return { axis, input, output: value, step: input / value };
    const output = Math.floor(input * value);
    if (output === 0 && input > 0)
      throw new ShapeError(`upsample2d: nothing would be left: ${showShape(x.shape)} at scale ${value}`, {
        x: x.shape,
      });
    return { axis, input, output, step: 1 / value };
  });
}

/** Repeats elements where each stands equally often; else picks them. */
function nearest(x: Node, { axis, input, output, step }: ResizedAxis): Node {
  const picked = Array.from({ length: output }, (_, o) =>
    Math.min(input - 1, Math.floor(sourceOf(o, input, output, step))),
  );
  if (input === output && picked.every((at, o) => at === o)) return x;
  const times = output / input;
  if (!picked.every((at, o) => at === Math.floor(o / times)) || !Number.isInteger(times))
    return gather(x, constant(picked, [output], "u32"), axis);
  const [before, after] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
  const repeated = expand(reshape(x, [...before, 1, ...after]), [...before, times, ...after]);
  return reshape(repeated, x.shape.with(axis, output));
}

/** o·step; where the step is input/output, without rounding up or down past a whole number. */
function sourceOf(o: number, input: number, output: number, step: number): number {
  return step === input / output ? (o * input) / output : o * step;
}

function linear(x: Node, { axis, input, output, step }: ResizedAxis, alignCorners: boolean): Node {
  if (input === output && (alignCorners || step === 1)) return x;
  const cornerStep = output > 1 ? (input - 1) / (output - 1) : 0;
  const places = Array.from({ length: output }, (_, o) =>
    Math.min(input - 1, Math.max(0, alignCorners ? o * cornerStep : (o + 0.5) * step - 0.5)),
  );
  const left = places.map((place) => Math.min(Math.floor(place), Math.max(0, input - 2)));
  const share = constant(
    places.map((place, o) => place - (left[o] as number)),
    [output, ...x.shape.slice(axis + 1).map(() => 1)],
  );
  const index = constant(left, [output], "u32");
  const [a, b] = [gather(x, index, axis), gather(x, add(index, 1), axis)]; // what is out of range takes the last element
  return add(mul(a, sub(1, share)), mul(b, share));
}
