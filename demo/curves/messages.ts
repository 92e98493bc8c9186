// What page and workers tell each other.
import type { Settings } from "./settings.ts";
import type { Points } from "./shapes.ts";
import type { Point, SurfaceName } from "./surfaces.ts";

/** What a fit is opened with: x in 0 … 1, y in −1 … 1. */
export interface FitSetup {
  readonly settings: Settings;
  readonly points: Points;
}

/** Places that the curve is drawn through, from 0 to 1. */
export const PLACES = 241;

/** The fit at one moment: message "drawn" while it trains, and what the request "draw" gives. */
export interface FitDrawn {
  readonly step: number;
  /** [PLACES] what the network says. */
  readonly curve: Float32Array;
  /** [PLACES, units] what each unit adds to it. */
  readonly parts: Float32Array;
  /** [points] */
  readonly answers: Float32Array;
}

/** What the page asks the worker of the paths for; a new order takes the place of one that has not begun. */
export interface PathsOrder {
  readonly surface: SurfaceName;
  readonly start: Point;
  readonly rates: readonly number[];
  /** At most `STEPS`: fewer while the start is dragged. */
  readonly steps: number;
}

export interface Path {
  /** Places and heights of steps 0 … */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly height: Float32Array;
}

export type PathsAnswer =
  /** [SIDE · SIDE] heights of a surface, row by row from the lowest y. */
  | { readonly kind: "picture"; readonly surface: SurfaceName; readonly heights: Float32Array }
  | { readonly kind: "paths"; readonly order: PathsOrder; readonly paths: readonly Path[] }
  | { readonly kind: "failed"; readonly reason: string };
