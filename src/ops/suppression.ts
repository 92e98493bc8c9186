// Channels against each other, and channels left out: local response normalisation and spatial dropout.
import { OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { add, cast, div, lessEqual, mul, sub } from "./arithmetic.ts";
import { pow } from "./binary.ts";
import { reshape } from "./broadcast.ts";
import { fill, iota } from "./constant.ts";
import { matmul } from "./matmul.ts";
import { dropout, type RandomSource } from "./random.ts";
import { abs, square } from "./unary.ts";

/** Options of `localResponseNorm`, as PyTorch's. */
export interface LocalResponseNormOptions {
  /** Channels in a window. */
  readonly size: number;
  /** 1e-4 */
  readonly alpha?: number;
  /** 0.75 */
  readonly beta?: number;
  /** 1 */
  readonly k?: number;
}

/**
 * x/(k + alpha·m)^beta, m being Σx²/size over the `size` channels (last axis) around each one; channels beyond the border are 0.
 * Krizhevsky, Sutskever and Hinton, NeurIPS 2012, with PyTorch's alpha.
 * @throws OptionError when size is not a whole number from 1 on
 */
export function localResponseNorm(x: Node, options: LocalResponseNormOptions): Node {
  const call = "localResponseNorm";
  checkKnown(call, options, ["size", "alpha", "beta", "k"]);
  const { size, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new OptionError(`${call}: size must be a whole number from 1 on: got ${size}`, { size });
  if (x.dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${x.dtype}. Use cast`);
  const channels = x.shape.at(-1);
  if (channels === undefined) throw new ShapeError(`${call}: a scalar has no channels: shape []`);
  const window = matmul(square(x), band(channels, Math.floor(size / 2), Math.floor((size - 1) / 2)));
  return div(x, pow(add(mul(window, alpha / size), k), beta));
}

/** [count, count]: 1 in row r and column c for r in c − before … c + after, else 0. Multiplying by it adds up windows. */
function band(count: number, before: number, after: number): Node {
  const index = iota(count, "i32");
  const distance = cast(sub(reshape(index, [count, 1]), index), "f32");
  const isInside = lessEqual(abs(add(mul(distance, 2), before - after)), before + after);
  return cast(isInside, "f32");
}

/**
 * Zeroes whole channels (the last axis) of an example with probability `rate`, all its positions together, and multiplies the others by
 * 1 / (1 − rate). Tompson et al., CVPR 2015.
 * @throws OptionError unless the rate is in 0 … 1; ShapeError when x has no batch and channels
 */
export function spatialDropout(x: Node, rate: number, source: RandomSource): Node {
  if (!(rate >= 0 && rate <= 1)) throw new OptionError(`spatialDropout: rate must be in 0 … 1: got ${rate}`);
  if (x.shape.length < 2) throw new ShapeError(`spatialDropout: needs a batch and channels: got ${showShape(x.shape)}`);
  if (rate === 0) return x;
  const channels = x.shape.map((size, axis) => (axis === 0 || axis === x.shape.length - 1 ? size : 1));
  return mul(x, dropout(fill(channels, 1), rate, source));
}
