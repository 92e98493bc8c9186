// How reductions walk a shape: the axes that stay, and those that go.
import { type Shape, stridesOf } from "../core/shape.ts";
import type { Axis } from "./indexing.ts";

/** Axes of `shape` that stay and axes that are reduced, with the strides that walk them. */
export function splitAxes(shape: Shape, axes: readonly number[]): { kept: Axis[]; reduced: Axis[] } {
  const strides = stridesOf(shape);
  const all = shape.map((size, axis) => ({ size, stride: strides[axis] as number }));
  return { kept: all.filter((_, axis) => !axes.includes(axis)), reduced: all.filter((_, axis) => axes.includes(axis)) };
}
