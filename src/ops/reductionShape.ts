// Shapes of reductions' results, whole or in parts.
import type { Shape } from "../core/shape.ts";

export interface ReduceAttrs {
  readonly axes: readonly number[];
  /** Folds every `parts`-th element on its own: the result gets an axis of `parts` results, last if the last axis is reduced, else first. */
  readonly parts?: number;
}

/** Whether parts lie along the last axis of the results, not the first. */
export const partsLast = (shape: Shape, axes: readonly number[]) => axes.includes(shape.length - 1);

/** The shape of the parts of a reduction whose results have the shape `kept`: an axis more, last if the last axis is reduced, else first. */
export function partsShape(shape: Shape, axes: readonly number[], parts: number, kept: Shape): number[] {
  return partsLast(shape, axes) ? [...kept, parts] : [parts, ...kept];
}

/** The shape of the results, parts apart. */
export function reducedShape(shape: Shape, { axes, parts }: ReduceAttrs): number[] {
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  return parts === undefined ? kept : partsShape(shape, axes, parts, kept);
}
