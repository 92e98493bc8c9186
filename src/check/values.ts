// Seeded input values for samples: the same numbers on every machine, all exact in f32.
import type { DType } from "../core/dtype.ts";
import { permutation, uniforms } from "../core/rng.ts";
import { sizeOf } from "../core/shape.ts";
import type { Values } from "../graph/node.ts";
import type { SampleInput } from "./sample.ts";

/** What elements are like. */
export type Domain =
  /** Uniform between two numbers (whole ones for integers, the second excluded). */
  | readonly [low: number, high: number]
  /** Uniform, but no nearer than `by` (0.05) to the points where a function has kinks. */
  | { readonly between: readonly [number, number]; readonly away: readonly number[]; readonly by?: number }
  /** All different, this far apart, in random order, around 0: no ties for maxima. */
  | { readonly apart: number }
  /** These numbers, again and again. */
  | { readonly list: readonly number[] };

const USUAL: Readonly<Record<DType, Domain>> = { f32: [-2, 2], i32: [-9, 10], u32: [0, 10], bool: [0, 2] };

/** Draws the elements of input `position` of a sample. */
export function drawValues(
  { shape, dtype = "f32", values = USUAL[dtype] }: SampleInput,
  seed: number,
  position: number,
): Values {
  const count = sizeOf(shape);
  const whole = dtype !== "f32";
  const between = (low: number, high: number) =>
    Float64Array.from(uniforms(seed, [position], count, low, high), (value) => (whole ? Math.floor(value) : value));
  if ("list" in values)
    return Float64Array.from({ length: count }, (_, i) => Math.fround(values.list[i % values.list.length] as number));
  if ("apart" in values) {
    return Float64Array.from(permutation(seed, [position], count), (place) =>
      Math.fround((place - Math.floor(count / 2) + 0.3) * values.apart),
    );
  }
  if ("between" in values) {
    const { between: range, away, by = 0.05 } = values;
    return between(...range).map((value) => Math.fround(kept(value, away, by)));
  }
  return between(...values);
}

/** `value`, or the nearest number that is `by` away from all the points. */
function kept(value: number, away: readonly number[], by: number): number {
  const near = away.find((point) => Math.abs(value - point) < by);
  return near === undefined ? value : near + (value < near ? -by : by);
}
