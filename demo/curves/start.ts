// Where paths begin and at which rates: as set, or as the surface has them.
import type { Settings } from "./settings.ts";
import { type Point, type Surface, surfaceOf } from "./surfaces.ts";

/** The rates of six optimisers, those that suit the surface where none are set. */
export const ratesOf = ({ surface, rates }: Settings): readonly number[] => rates ?? surfaceOf(surface).rates;

/** A place of a surface from parts of a thousand of its picture. */
export const placeAt = ({ x, y }: Surface, [a, b]: readonly [number, number]): Point => [
  x[0] + ((x[1] - x[0]) * a) / 1000,
  y[0] + ((y[1] - y[0]) * b) / 1000,
];

/** Where the paths begin. */
export const startOf = ({ surface, start }: Settings): Point => {
  const of = surfaceOf(surface);
  return start ? placeAt(of, start) : of.start;
};

/** The start as parts of a thousand. */
export function partsOf(settings: Settings): readonly [number, number] {
  const { x, y } = surfaceOf(settings.surface);
  const [a, b] = startOf(settings);
  return [Math.round((1000 * (a - x[0])) / (x[1] - x[0])), Math.round((1000 * (b - y[0])) / (y[1] - y[0]))];
}
