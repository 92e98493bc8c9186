// Reductions along axes. All take `axes` (one, several, or all when left out) and `keepDims`; over nothing they give their neutral element.

import { ShapeError } from "../core/error.ts";
import { axesOf, type Shape, sizeOf } from "../core/shape.ts";
import type { OpFunction } from "../graph/define.ts";
import type { Node } from "../graph/node.ts";
import { add, cast, div, equal, mul, sub, where } from "./arithmetic.ts";
import { permute } from "./arrange.ts";
import { isInfinite } from "./binary.ts";
import { expandBack, type ReduceOptions, reducedShape, reshape, sum } from "./broadcast.ts";
import { fill, zerosLike } from "./constant.ts";
import { cumprod } from "./cumulative.ts";
import { boundsLibrary, floatLibrary } from "./libraries.ts";
import { reduction } from "./reduction.ts";
import type { ReduceAttrs } from "./reductionShape.ts";
import { abs, detach, exp, log, sqrt, square } from "./unary.ts";

/** One axis or several, negative ones counted from the end; all when left out. */
export type Axes = number | readonly number[];

/** Applies a reduction op, or what replaces it when there is nothing to reduce. */
function reduceWith(
  op: OpFunction<ReduceAttrs>,
  x: Node,
  axes: Axes | undefined,
  keepDims: boolean | undefined,
  neutral: number,
): Node {
  const { name } = op.op;
  if (x.dtype === "bool") throw new ShapeError(`${name}: takes numbers: got bool. Use cast`);
  const over = axesOf(name, axes, x.shape.length);
  const shape = reducedShape(x.shape, over, keepDims);
  if (sizeOf(x.shape) === 0) return fill(shape, neutral, x.dtype);
  if (over.every((axis) => x.shape[axis] === 1)) return reshape(x, shape);
  return reshape(op([x], { axes: over }), shape);
}

/** How many elements of a tensor of `shape` go into each result. */
function countOf(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * (shape[axis] as number), 1);
}

/** Shares dy equally among the elements that equal the result. */
function shareAmongEqual({
  x: [x],
  y,
  dy,
  attrs: { axes },
}: {
  x: readonly Node[];
  y: Node;
  dy: Node;
  attrs: ReduceAttrs;
}): Node[] {
  const { shape } = x as Node;
  const isExtreme = equal(x as Node, expandBack(y, shape, axes));
  const share = div(dy, sum(cast(isExtreme, "f32"), axes));
  return [where(isExtreme, expandBack(share, shape, axes), zerosLike(x as Node))];
}

const maxOp = reduction("max", {
  uses: [floatLibrary, boundsLibrary],
  wgsl: (dtype) => (dtype === "f32" ? "float_maximum(a, b)" : "max(a, b)"),
  grad: shareAmongEqual,
});
const minOp = reduction("min", {
  uses: [floatLibrary, boundsLibrary],
  wgsl: (dtype) => (dtype === "f32" ? "float_minimum(a, b)" : "min(a, b)"),
  grad: shareAmongEqual,
});
const prodOp = reduction("prod", {
  wgsl: () => "a * b",
  grad: ({ x: [x], dy, attrs: { axes } }) => [
    mul(expandBack(dy, (x as Node).shape, axes), productOfOthers(x as Node, axes)),
  ],
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** For each element the product of all others along `axes`: no division, so that zeros are no trouble. */
function productOfOthers(x: Node, axes: readonly number[]): Node {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const rows = permute(x, order);
  const flat = reshape(rows, [countOf(x.shape, kept), countOf(x.shape, axes)]);
  const before = cumprod(flat, 1, { exclusive: true });
  const after = cumprod(flat, 1, { exclusive: true, reverse: true });
  return permute(
    reshape(mul(before, after), rows.shape),
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** The largest element along `axes`; NaN if there is one; −∞ of nothing. Equal largest elements share the gradient. */
export function max(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  const least = x.dtype === "f32" ? Number.NEGATIVE_INFINITY : x.dtype === "i32" ? -2147483648 : 0;
  return reduceWith(maxOp, x, axes, options.keepDims, least);
}

/** The smallest element along `axes`; NaN if there is one; ∞ of nothing. Equal smallest elements share the gradient. */
export function min(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  const most = x.dtype === "f32" ? Number.POSITIVE_INFINITY : x.dtype === "i32" ? 2147483647 : 4294967295;
  return reduceWith(minOp, x, axes, options.keepDims, most);
}

/** The product of the elements along `axes`; 1 of nothing. */
export function prod(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  return reduceWith(prodOp, x, axes, options.keepDims, 1);
}

/**
 * Σx/n along `axes`; NaN of nothing.
 * @example
 * mean(x, 0, { keepDims: true }); // [1, columns]
 */
export function mean(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  const over = axesOf("mean", axes, x.shape.length);
  if (x.dtype !== "f32") throw new ShapeError(`mean: takes f32: got ${x.dtype}. Use cast`);
  const count = countOf(x.shape, over);
  const total = sum(x, over, options);
  if (count === 0) return fill(total.shape, Number.NaN);
  return count === 1 ? total : div(total, count);
}

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Degrees of freedom taken from the count: 1 for the unbiased estimate (the default, as PyTorch's), 0 for the variance of these elements. */
  readonly correction?: number;
}

/**
 * Σ(x − mean)²/(n − correction) along `axes`, in two passes; NaN where n does not exceed the correction.
 * @example
 * variance(x, 0, { correction: 0 });
 */
export function variance(x: Node, axes?: Axes, options: VarianceOptions = {}): Node {
  return spreadOf("variance", x, axes, options);
}

function spreadOf(call: string, x: Node, axes: Axes | undefined, options: VarianceOptions): Node {
  const { correction = 1, keepDims = false } = options;
  const over = axesOf(call, axes, x.shape.length);
  if (x.dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${x.dtype}. Use cast`);
  const degrees = countOf(x.shape, over) - correction;
  const squares = sum(square(sub(x, mean(x, over, { keepDims: true }))), over, { keepDims });
  return degrees > 0 ? div(squares, degrees) : fill(squares.shape, Number.NaN);
}

/** √variance; its gradient is 0 where the variance is 0, as PyTorch's. */
export function std(x: Node, axes?: Axes, options: VarianceOptions = {}): Node {
  return rootOrZero(spreadOf("std", x, axes, options));
}

/** √x with gradient 0 at 0 instead of ∞. */
export function rootOrZero(x: Node): Node {
  const isZero = equal(x, 0);
  return where(isZero, 0, sqrt(where(isZero, 1, x)));
}

/** Σx² along `axes` */
export function sumSquare(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  return sum(square(x), axesOf("sumSquare", axes, x.shape.length), options);
}

/** Σ|x| along `axes`, the L1 norm */
export function normL1(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  return sum(abs(x), axesOf("normL1", axes, x.shape.length), options);
}

/** √Σx² along `axes`, the L2 norm; its gradient at 0 is 0. */
export function normL2(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  return rootOrZero(sum(square(x), axesOf("normL2", axes, x.shape.length), options));
}

/** ln Σx along `axes` */
export function logSum(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  return log(sum(x, axesOf("logSum", axes, x.shape.length), options));
}

/**
 * ln Σeˣ along `axes`, shifted by the largest element so that nothing overflows; −∞ where all are −∞, and of nothing.
 * @example
 * logSumExp(logits, -1);
 */
export function logSumExp(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  const over = axesOf("logSumExp", axes, x.shape.length);
  const largest = detach(max(x, over, { keepDims: true })); // any constant shift gives the same value, so none has a gradient
  const shift = where(isInfinite(largest), 0, largest);
  const total = sum(exp(sub(x, shift)), over, options);
  const isNone = equal(total, 0);
  const level = where(isNone, Number.NEGATIVE_INFINITY, log(where(isNone, 1, total)));
  return add(level, reshape(shift, total.shape));
}

export const reduceOps = { max: maxOp, min: minOp, prod: prodOp };
