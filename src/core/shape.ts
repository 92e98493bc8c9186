// Shapes: readonly lists of non-negative integers, row-major. No op is known here.
import { ShapeError } from "./error.ts";

/** Sizes of axes, the last running fastest; [] for a scalar. */
export type Shape = readonly number[];

/** The number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Turns a possibly negative axis into one in 0 … rank − 1. */
export function axisOf(call: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`${call}: axis is outside the rank: axis ${axis}, rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Sorted, distinct, non-negative axes; all of them when `axes` is undefined. */
export function axesOf(call: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => axisOf(call, axis, rank));
  const distinct = [...new Set(list)].sort((a, b) => a - b);
  if (distinct.length !== list.length) throw new ShapeError(`${call}: an axis is given twice: [${list.join(", ")}]`);
  return distinct;
}

/** The shape that `shapes` broadcast to, by NumPy's rule. */
export function broadcastShapes(call: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((extent, axis) => {
      const at = axis + rank - shape.length;
      if (extent === 1 || extent === result[at]) return;
      if (result[at] !== 1) {
        throw new ShapeError(`${call}: shapes do not broadcast: ${shapes.map(showShape).join(" and ")}`);
      }
      result[at] = extent;
    });
  }
  return result;
}

/** Checks that every extent is a non-negative integer and the whole fits 32-bit indices. */
export function checkShape(call: string, shape: Shape): void {
  if (!shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    throw new ShapeError(`${call}: sizes must be non-negative integers: ${showShape(shape)}`);
  }
  if (sizeOf(shape) > 0x7fffffff) throw new ShapeError(`${call}: more than 2^31 − 1 elements: ${showShape(shape)}`);
}
