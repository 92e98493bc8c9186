// The surfaces that optimisers go down: where to look at them, where to start, and rates that suit. The functions are in `landscape.ts`.
import type { Range } from "./shapes.ts";

export const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];
export type Point = readonly [x: number, y: number];

export interface Surface {
  readonly x: Range;
  readonly y: Range;
  readonly start: Point;
  /** The lowest places. */
  readonly lowest: readonly Point[];
  /** In the order of `OPTIMIZERS`. */
  readonly rates: readonly number[];
}

/** What rate sliders stop at. */
export const RATES = [-4, -3, -2, -1, 0].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
/** Steps of a path. */
export const STEPS = 300;
/** Places in a row and a column of the picture of a surface. */
export const SIDE = 81;

/** All surfaces by the name that links give them. */
export const surfaces = {
  valley: {
    ...{ x: [-2, 2], y: [-1.5, 1.5], start: [-1.8, 1.2], lowest: [[0, 0]] },
    rates: [0.2, 0.02, 0.02, 0.5, 0.02, 0.1],
  },
  line: {
    ...{ x: [-2, 6], y: [-1, 5], start: [-1.4, -0.4], lowest: [[2, 3]] },
    rates: [0.2, 0.05, 0.05, 1, 0.05, 0.2],
  },
  banana: {
    ...{ x: [-1.8, 1.8], y: [-0.8, 1.9], start: [-1.3, 0.4], lowest: [[1, 1]] },
    rates: [0.01, 0.002, 0.002, 0.2, 0.02, 0.1],
  },
  beale: {
    ...{ x: [-1, 4.5], y: [-2, 2], start: [0.6, 1.5], lowest: [[3, 0.5]] },
    rates: [0.01, 0.001, 0.001, 0.5, 0.02, 0.1],
  },
  hollows: {
    ...{ x: [-5, 5], y: [-5, 5], start: [-0.3, -0.9] },
    lowest: [
      [3, 2],
      [-2.805118, 3.131312],
      [-3.77931, -3.283186],
      [3.584428, -1.848126],
    ],
    rates: [0.01, 0.002, 0.002, 1, 0.05, 0.2],
  },
  net: {
    ...{ x: [-4, 4], y: [-3, 3], start: [-0.4, 2.6] },
    lowest: [
      [2, 1.5],
      [-2, -1.5],
    ],
    rates: [0.2, 0.05, 0.05, 0.5, 0.02, 0.1],
  },
} as const satisfies Record<string, Surface>;

export type SurfaceName = keyof typeof surfaces;
export const surfaceOf = (name: SurfaceName): Surface => surfaces[name];
