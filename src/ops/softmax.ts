// softmax and log-softmax along any axis: one kernel, rows addressed by their stride, so that no axis needs a transpose first.

import shader from "../../shaders/softmax.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { axisOf, type Shape, sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Kernel, KernelContext } from "../graph/form.ts";
import type { Node, ReferenceContext, Spec, Values } from "../graph/node.ts";
import { mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { floatLibrary } from "./libraries.ts";
import { sumOf, teamFor } from "./team.ts";

interface AxisAttrs {
  readonly axis: number;
}

const BLOCK = 64;

/** How rows along `axis` lie: `rows` of them, `classes` elements each, `inner` apart. */
function rowsAlong(shape: Shape, axis: number): { rows: number; classes: number; inner: number } {
  const classes = shape[axis] as number;
  return { rows: sizeOf(shape) / Math.max(1, classes), classes, inner: sizeOf(shape.slice(axis + 1)) };
}

/** Writes a row's results, given its elements' exponentials: called with the offset of each element. */
type RowRule = (x: number, largest: number, total: number) => number;

function reference(x: Values, { inputs, attrs }: ReferenceContext<AxisAttrs>, rule: RowRule): Values {
  const { rows, classes, inner } = rowsAlong((inputs[0] as Spec).shape, attrs.axis);
  const y = new Float64Array(x.length);
  if (x.length === 0) return y;
  for (let row = 0; row < rows; row++) {
    const first = Math.floor(row / inner) * classes * inner + (row % inner);
    const end = first + classes * inner;
    let largest = x[first] as number;
    for (let i = first; i < end; i += inner) largest = Math.max(largest, x[i] as number);
    let total = 0;
    for (let i = first; i < end; i += inner) total += Math.exp((x[i] as number) - largest);
    for (let i = first; i < end; i += inner) y[i] = rule(x[i] as number, largest, total);
  }
  return y;
}

function kernel({ inputs, attrs, profile }: KernelContext<AxisAttrs>, logarithm: boolean): Kernel {
  const { rows, classes, inner } = rowsAlong((inputs[0] as Spec).shape, attrs.axis);
  const team = teamFor({ results: rows, count: classes, isContiguous: inner === 1 }, profile, [
    ["largest_of_team", "f32", "return max(a, b);"],
    sumOf("f32"),
  ]);
  return {
    file: "softmax.wgsl",
    shader,
    ...team,
    consts: { ...team.consts, LOGARITHM: logarithm, BLOCK },
    libraries: [floatLibrary],
    sizes: { rows, classes, inner },
  };
}

const softmaxOp = defineOp<AxisAttrs>({
  name: "softmax",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
  reference: ([x], context) =>
    reference(x as Values, context, (value, largest, total) => Math.exp(value - largest) / total),
  grad: ({ y, dy, attrs: { axis } }) => [mul(y, sub(dy, sum(mul(dy, y), axis, { keepDims: true })))], // dx = y·(dy − Σ dy·y)
  kernel: { build: (context) => kernel(context, false), reads: [3] },
  tolerance: { relative: 1e-5, absolute: 1e-7 },
});

const logSoftmaxOp = defineOp<AxisAttrs>({
  name: "logSoftmax",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
  reference: ([x], context) =>
    reference(x as Values, context, (value, largest, total) => value - largest - Math.log(total)),
  grad: ({ x: [x], dy, attrs }) => [
    sub(dy, mul(softmaxOp([x as Node], attrs), sum(dy, attrs.axis, { keepDims: true }))), // dx = dy − softmax(x)·Σ dy
  ],
  kernel: { build: (context) => kernel(context, true), reads: [3] },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

function checked(call: string, x: Node, axis: number): AxisAttrs {
  if (x.dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${x.dtype}. Use cast`);
  if (x.shape.length === 0) throw new ShapeError(`${call}: a scalar has no axis to normalise over: shape []`);
  return { axis: axisOf(call, axis, x.shape.length) };
}

/**
 * exp(xᵢ − max x) / Σⱼ exp(xⱼ − max x) along `axis` (the last by default); −∞ gives 0, a row of nothing but −∞ gives NaN.
 * @throws ShapeError when the axis is outside the rank
 */
export function softmax(x: Node, axis = -1): Node {
  return softmaxOp([x], checked("softmax", x, axis));
}

/**
 * ln softmax(x) along `axis` (the last by default), without the underflow: xᵢ − max x − ln Σⱼ exp(xⱼ − max x).
 * @throws ShapeError when the axis is outside the rank
 */
export function logSoftmax(x: Node, axis = -1): Node {
  return logSoftmaxOp([x], checked("logSoftmax", x, axis));
}

export const softmaxOps = { softmax: softmaxOp, logSoftmax: logSoftmaxOp };
