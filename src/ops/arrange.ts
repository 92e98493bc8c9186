// Ops that keep every element and only change where it stands: permute, squeeze, unsqueeze; tile repeats them.
import { ShapeError } from "../core/error.ts";
import { axesOf, axisOf, showShape, stridesOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { expand, reshape } from "./broadcast.ts";
import { collect } from "./coordinates.ts";
import { mapIndex } from "./indexing.ts";

const permuteOp = defineOp<{ readonly axes: readonly number[] }>({
  name: "permute",
  inputs: ["x"],
  infer: ([x], { axes }) => ({
    shape: axes.map((axis) => (x as Spec).shape[axis] as number),
    dtype: (x as Spec).dtype,
  }),
  reference: ([x], { inputs: [from], outputs: [to], attrs: { axes } }) => {
    const strides = stridesOf((from as Spec).shape);
    return collect(
      x as Float64Array,
      (to as Spec).shape,
      0,
      axes.map((axis) => strides[axis] as number),
    );
  },
  grad: ({ dy, attrs: { axes } }) => [
    permute(
      dy,
      axes.map((_, axis) => axes.indexOf(axis)),
    ),
  ],
  pointwise: {
    aligned: false,
    cost: 2,
    expression: ({ load, index, inputs: [x], output, attrs: { axes } }) => {
      const strides = stridesOf((x as Spec).shape);
      return load(
        0,
        mapIndex(
          output.shape.map((size, k) => ({ size, stride: strides[axes[k] as number] as number })),
          index,
        ),
      );
    },
  },
});

/**
 * Reorders axes: axis k of the result is axis `axes[k]` of `x`, as NumPy's transpose with axes.
 * @throws ShapeError unless `axes` names every axis once
 * @example
 * permute(images, [0, 3, 1, 2]); // NHWC to NCHW
 */
export function permute(x: Node, axes: readonly number[]): Node {
  return reorder("permute", x, axes);
}

function reorder(call: string, x: Node, axes: readonly number[]): Node {
  const rank = x.shape.length;
  const order = axes.map((axis) => axisOf(call, axis, rank));
  if (new Set(order).size !== rank || order.length !== rank) {
    throw new ShapeError(`${call}: needs every axis once: [${axes.join(", ")}] for shape ${showShape(x.shape)}`);
  }
  const moved = order.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, k) => k === 0 || axis > (moved[k - 1] as number))) {
    return reshape(
      x,
      order.map((axis) => x.shape[axis] as number),
    ); // only axes of size 1 move: the elements stay
  }
  return permuteOp([x], { axes: order });
}

/** Reverses all axes, or reorders them as `permute`. */
export function transpose(
  x: Node,
  axes: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis),
): Node {
  return reorder("transpose", x, axes);
}

/**
 * Drops axes of size 1: those given, or all.
 * @throws ShapeError when a given axis is longer than 1
 * @example
 * squeeze(x, -1).shape; // [3] where x is [3, 1]
 */
export function squeeze(x: Node, axes?: number | readonly number[]): Node {
  const over = axesOf("squeeze", axes, x.shape.length);
  const long = axes === undefined ? undefined : over.find((axis) => x.shape[axis] !== 1);
  if (long !== undefined) throw new ShapeError(`squeeze: axis ${long} is not 1 in ${showShape(x.shape)}`);
  return reshape(
    x,
    x.shape.filter((size, axis) => size !== 1 || !over.includes(axis)),
  );
}

/**
 * Adds axes of size 1, so that the result has them at `axes`.
 * @example
 * unsqueeze(x, 0).shape; // [1, 3] where x is [3]
 */
export function unsqueeze(x: Node, axes: number | readonly number[]): Node {
  const list = typeof axes === "number" ? [axes] : axes;
  const rank = x.shape.length + list.length;
  const over = axesOf("unsqueeze", list, rank);
  const rest = x.shape.values();
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (over.includes(axis) ? 1 : (rest.next().value as number))),
  );
}

/**
 * Repeats `x` as a whole, `repetitions[k]` times along axis k; missing leading axes are added, as NumPy's tile.
 * @example
 * tile(x, [2, 1]); // the rows of x twice
 */
export function tile(x: Node, repetitions: readonly number[]): Node {
  if (!repetitions.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ShapeError(`tile: repetitions must be whole numbers, not negative: [${repetitions.join(", ")}]`);
  }
  const rank = Math.max(x.shape.length, repetitions.length);
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const counts = [...new Array<number>(rank - repetitions.length).fill(1), ...repetitions];
  const spread = expand(
    reshape(
      x,
      shape.flatMap((size) => [1, size]),
    ),
    shape.flatMap((size, axis) => [counts[axis] as number, size]),
  );
  return reshape(
    spread,
    shape.map((size, axis) => size * (counts[axis] as number)),
  );
}

export const arrangeOps = { permute: permuteOp };
