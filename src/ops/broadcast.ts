// Broadcasting made explicit: reshape, and the adjoint pair expand ↔ sum. Nothing here imports another op.
import { ShapeError } from "../core/error.ts";
import {
  axesOf,
  broadcastShapes,
  checkShape,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  stridesOf,
} from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Input, Node } from "../graph/node.ts";
import { asNode, fill, filledWith } from "./constant.ts";
import { mapIndex } from "./indexing.ts";
import { reduction } from "./reduction.ts";

const reshapeOp = defineOp<{ readonly shape: Shape }>({
  name: "reshape",
  inputs: ["x"],
  infer: ([x], { shape }) => {
    if (x && sizeOf(x.shape) !== sizeOf(shape))
      throw new ShapeError(`reshape: sizes differ: ${showShape(x.shape)} to ${showShape(shape)}`);
    return { shape, dtype: x?.dtype ?? "f32" };
  },
  grad: ({ x: [x], dy }) => [reshape(dy, (x as Node).shape)],
  pointwise: { aligned: true, cost: 0, startsAt: () => 0, expression: ({ load, index }) => load(0, index) },
});

/**
 * The same elements under another shape. One size may be −1: it is worked out.
 * @throws ShapeError when the number of elements differs
 */
export function reshape(x: Node, shape: Shape): Node {
  const open = shape.indexOf(-1);
  let target = [...shape];
  if (open >= 0) {
    const rest = sizeOf(target.filter((_, axis) => axis !== open));
    const extent = rest === 0 ? 0 : sizeOf(x.shape) / rest;
    if (!Number.isInteger(extent) || target.indexOf(-1, open + 1) >= 0) {
      throw new ShapeError(`reshape: sizes differ: ${showShape(x.shape)} to ${showShape(shape)}`);
    }
    target = target.map((size, axis) => (axis === open ? extent : size));
  }
  checkShape("reshape", target);
  return sameShape(x.shape, target) ? x : reshapeOp([x], { shape: target });
}

/** Strides with which `from` is read where `to` is counted: 0 along repeated axes. */
export function expandStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  return to.map((_, axis) => {
    const at = axis - (to.length - from.length);
    return at < 0 || from[at] === 1 ? 0 : (strides[at] as number);
  });
}

const expandOp = defineOp<{ readonly shape: Shape }>({
  name: "expand",
  inputs: ["x"],
  infer: ([x], { shape }) => {
    const from = x?.shape ?? [];
    const fits =
      from.length <= shape.length &&
      from.every((size, axis) => size === 1 || size === shape[axis + shape.length - from.length]);
    if (!fits) throw new ShapeError(`expand: ${showShape(from)} does not expand to ${showShape(shape)}`);
    return { shape, dtype: x?.dtype ?? "f32" };
  },
  grad: ({ x: [x], dy }) => [sumTo(dy, (x as Node).shape)],
  pointwise: {
    aligned: false,
    cost: 1,
    rereads: ([x], y) => sizeOf(y.shape) / Math.max(1, sizeOf(x?.shape ?? [])),
    expression: ({ load, index, inputs: [x], output }) => {
      const strides = expandStrides(x?.shape ?? [], output.shape);
      return load(
        0,
        mapIndex(
          output.shape.map((size, axis) => ({ size, stride: strides[axis] as number })),
          index,
        ),
      );
    },
  },
});

/**
 * Repeats axes of size 1, and adds axes in front, until `x` has `shape`.
 * @throws ShapeError when an axis is neither 1 nor as long as asked
 */
export function expand(x: Input, shape: Shape): Node {
  const node = asNode("expand", x);
  checkShape("expand", shape);
  if (sameShape(node.shape, shape)) return node;
  const value = filledWith(node);
  if (value !== undefined) return fill(shape, value, node.dtype);
  return expandOp([node], { shape: [...shape] });
}

/** Sums `x` down to `shape`: the adjoint of `expand`. */
export function sumTo(x: Node, shape: Shape): Node {
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1));
  return reshape(sum(x, axes), shape);
}

/** Both sides at the shape they broadcast to. */
export function broadcast(call: string, a: Input, b: Input): [Node, Node] {
  const left = asNode(call, a, typeof b === "object" ? b : undefined);
  const right = asNode(call, b, left);
  if (left.dtype !== right.dtype)
    throw new ShapeError(`${call}: element types differ: ${left.dtype} and ${right.dtype}. Use cast`);
  const shape = broadcastShapes(call, left.shape, right.shape);
  return [expand(left, shape), expand(right, shape)];
}

/** Options of reductions. */
export interface ReduceOptions {
  /** Keeps reduced axes with size 1. */
  readonly keepDims?: boolean;
}

const sumOp = reduction("sum", {
  wgsl: () => "a + b",
  grad: ({ x: [x], dy, attrs }) => [expandBack(dy, (x as Node).shape, attrs.axes)],
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** Gives a reduced value its axes back (size 1) and repeats it along them: the adjoint of a sum over `axes`. */
export function expandBack(x: Node, shape: Shape, axes: readonly number[]): Node {
  return expand(
    reshape(
      x,
      shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    ),
    shape,
  );
}

/** The shape after a reduction of `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims = false): number[] {
  return keepDims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Σ of the elements along `axes` (all of them when left out); 0 where there is nothing to add. */
export function sum(x: Node, axes?: number | readonly number[], options: ReduceOptions = {}): Node {
  const over = axesOf("sum", axes, x.shape.length);
  const shape = reducedShape(x.shape, over, options.keepDims);
  if (x.dtype === "bool") throw new ShapeError("sum: takes numbers: got bool. Use cast");
  if (sizeOf(x.shape) === 0) return fill(shape, 0, x.dtype);
  if (over.every((axis) => x.shape[axis] === 1)) return reshape(x, shape);
  return reshape(sumOp([x], { axes: over }), shape);
}

export const broadcastOps = { reshape: reshapeOp, expand: expandOp, sum: sumOp };
