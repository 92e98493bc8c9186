// The curves to fit, each by its formula over 0 … 1, and the noisy points that are drawn from them.
import { random } from "./random.ts";

/** A range of numbers, least first. */
export type Range = readonly [low: number, high: number];

export interface Shape {
  /** The curve over 0 … 1. */
  readonly of: (x: number) => number;
  /** What the plot shows of the y axis; the network sees it as −1 … 1. */
  readonly range: Range;
}

/** A hill as high as 1. */
const hill = (x: number, middle: number, width: number) => Math.exp(-(((x - middle) / width) ** 2));

/** All curves by the name that links give them. */
export const shapes = {
  sine: { of: (x) => Math.sin(2 * Math.PI * x), range: [-1.6, 1.6] },
  /** Three waves on a parabola, from a well-known course of neural networks. */
  complex: {
    of: (x) => 0.4 * x * x + 0.3 * x * Math.sin(15 * x) + 0.01 * Math.cos(50 * x) - 0.3,
    range: [-0.7, 0.6],
  },
  step: { of: (x) => (x < 0.5 ? -0.7 : 0.7), range: [-1.4, 1.4] },
  bumps: {
    of: (x) => 0.8 * hill(x, 0.2, 0.07) - 0.9 * hill(x, 0.52, 0.1) + 0.6 * hill(x, 0.8, 0.05),
    range: [-1.5, 1.4],
  },
  /** Runge's function: polynomials through even points of it swing wildly at both ends. */
  runge: { of: (x) => 1 / (1 + 25 * (2 * x - 1) ** 2), range: [-0.6, 1.4] },
  chirp: { of: (x) => Math.sin(2 * Math.PI * (x + 2 * x * x)), range: [-1.6, 1.6] },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof shapes;
/** What can be fitted: a curve, or the user's own points. */
export type CurveName = ShapeName | "own";

/** What the plot shows of the y axis where points are the user's own. */
const OWN: Range = [-1, 1];

export const isShape = (name: string): name is ShapeName => Object.hasOwn(shapes, name);
export const rangeOf = (name: CurveName): Range => (isShape(name) ? shapes[name].range : OWN);

/** Points of a curve, in the plot's own numbers. */
export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Draws `count` points; noise of 1 is as wide as the plot is high. */
export function drawPoints(
  name: ShapeName,
  { count, noise, seed }: { readonly count: number; readonly noise: number; readonly seed: number },
): Points {
  const { of, range } = shapes[name];
  const uniform = random(seed);
  const half = (noise * (range[1] - range[0])) / 2;
  const x = Array.from({ length: count }, () => uniform());
  return { x, y: x.map((at) => of(at) + uniform(-half, half)) };
}

/** Even places from 0 to 1. */
export const evenly = (count: number): number[] => Array.from({ length: count }, (_, i) => i / (count - 1));

/** Mean squared error and R² = 1 − error / variance of answers. */
export function errorOf(answers: ArrayLike<number>, asked: ArrayLike<number>): { error: number; score: number } {
  const count = asked.length;
  let [mean, error, variance] = [0, 0, 0];
  for (let i = 0; i < count; i++) mean += (asked[i] as number) / count;
  for (let i = 0; i < count; i++) {
    error += ((answers[i] as number) - (asked[i] as number)) ** 2 / count;
    variance += ((asked[i] as number) - mean) ** 2 / count;
  }
  return { error, score: variance > 0 ? 1 - error / variance : Number.NaN };
}
