// What reductions compute, in float64: each folds its elements with a function of `a` (so far) and `b` (the next one).
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Reference, Spec, Values } from "../graph/node.ts";
import { dot, forEachCoordinate } from "./coordinates.ts";
import { partsLast, type ReduceAttrs, reducedShape } from "./reductionShape.ts";
import { splitAxes } from "./splitAxes.ts";

/** Calls `visit(result, element)` for every element of a tensor, each result's elements in row-major order. */
export function forEachReduced(
  shape: Shape,
  axes: readonly number[],
  visit: (result: number, element: number, step: number) => void,
): void {
  const { kept, reduced } = splitAxes(shape, axes);
  const strides = reduced.map((axis) => axis.stride);
  const offsets: number[] = [];
  forEachCoordinate(
    reduced.map((axis) => axis.size),
    (at) => offsets.push(dot(at, strides)),
  );
  forEachCoordinate(
    kept.map((axis) => axis.size),
    (at, result) => {
      const base = dot(
        at,
        kept.map((axis) => axis.stride),
      );
      for (let step = 0; step < offsets.length; step++) visit(result, base + (offsets[step] as number), step);
    },
  );
}

/** Folds along `axes` in row-major order. No result may be without elements. */
const folding =
  (combine: (a: number, b: number) => number): Reference<ReduceAttrs> =>
  ([x], { inputs: [from], attrs }) => {
    const { shape } = from as Spec;
    const { axes, parts = 1 } = attrs;
    const y = new Float64Array(sizeOf(reducedShape(shape, attrs)));
    const at = partPlace(shape, axes, parts);
    forEachReduced(shape, axes, (result, element, step) => {
      const i = at(result, step);
      const value = (x as Values)[element] as number;
      y[i] = step < parts ? value : combine(y[i] as number, value);
    });
    return y;
  };

/** Where step `step` of a result goes: the linear index among all parts of all results. */
export function partPlace(
  shape: Shape,
  axes: readonly number[],
  parts: number,
): (result: number, step: number) => number {
  const kept = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  return partsLast(shape, axes)
    ? (result, step) => result * parts + (step % parts)
    : (result, step) => (step % parts) * kept + result;
}

/** By the names of the ops. */
export const reductionReferences = {
  sum: folding((a, b) => a + b),
  prod: folding((a, b) => a * b),
  max: folding(Math.max),
  min: folding(Math.min),
};
