// Random shapes for fuzzing: seeded, and sure to meet the sizes where kernels go wrong.
import { keyOf, randomUniform } from "../core/rng.ts";
import { type Shape, sizeOf } from "../core/shape.ts";

/** Sizes at which loops and tiles begin and end. */
const EDGES = [0, 1, 2, 3, 15, 16, 17, 63, 64, 65] as const;
/** Elements of a drawn tensor at most, so that the float64 reference stays quick. */
const MOST = 20_000;

/** Random choices of one random sample. */
export interface Draw {
  /** A whole number in low … high, both included. */
  int(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of a list. */
  pick<T>(from: readonly T[]): T;
  /** An axis length; the first one asked for walks through all edge sizes from one draw to the next. */
  size(least?: number): number;
  /** A shape of `rank` axes, or of 0 … 4. */
  shape(rank?: number, least?: number): number[];
  /** A shape that broadcasts with `shape`. */
  broadcastable(shape: Shape): number[];
  /** Some of the axes of a shape, in order. */
  axes(shape: Shape): number[];
}

/** Draw number `turn` of a function. */
export function drawOf(seed: number, turn: number): Draw {
  const [k0, k1] = keyOf(seed, [turn]);
  let next = 0;
  let isFirst = true;
  const uniform = () => randomUniform(k0, k1, next++);
  const int = (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1));
  const pick = <T>(from: readonly T[]) => from[int(0, from.length - 1)] as T;
  const size = (least = 0): number => {
    const edge = isFirst ? EDGES[turn % EDGES.length] : undefined;
    isFirst = false;
    const drawn = edge ?? (uniform() < 0.5 ? int(0, 3) : uniform() < 0.6 ? pick(EDGES) : int(4, 130));
    return Math.max(least, drawn);
  };
  const fitting = (rank: number, least: number): number[] => {
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const extent = size(least);
      shape.push(sizeOf(shape) * extent > MOST ? Math.max(least, 1) : extent);
    }
    for (let axis = shape.length - 1; axis > 0; axis--) {
      // the edge size shall not always stand first
      const other = int(0, axis);
      [shape[axis], shape[other]] = [shape[other] as number, shape[axis] as number];
    }
    return shape;
  };
  return {
    int,
    pick,
    size,
    chance: (probability) => uniform() < probability,
    shape: (rank = int(0, 4), least = 0) => fitting(rank, least),
    broadcastable: (shape) => shape.slice(int(0, shape.length)).map((extent) => (uniform() < 0.3 ? 1 : extent)),
    axes: (shape) => shape.map((_, axis) => axis).filter(() => uniform() < 0.5),
  };
}
