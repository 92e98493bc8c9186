// Index arithmetic in numbers, for float64 references.
import type { Shape } from "../core/shape.ts";

/** Calls `visit` with every coordinate of `shape` in row-major order. The array is reused. */
export function forEachCoordinate(shape: Shape, visit: (coordinates: readonly number[], index: number) => void): void {
  const count = shape.reduce((product, size) => product * size, 1);
  const at = new Array<number>(shape.length).fill(0);
  for (let index = 0; index < count; index++) {
    visit(at, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1;
      if ((at[axis] as number) < (shape[axis] as number)) break;
      at[axis] = 0;
    }
  }
}

/** Σ atₖ · stridesₖ. */
export function dot(at: readonly number[], strides: readonly number[]): number {
  let sum = 0;
  for (let axis = 0; axis < at.length; axis++) sum += (at[axis] as number) * (strides[axis] as number);
  return sum;
}

/** y[at] = x[start + Σ atₖ·strideₖ] for every coordinate of `shape`. */
export function collect(x: Float64Array, shape: Shape, start: number, strides: readonly number[]): Float64Array {
  const y = new Float64Array(shape.reduce((product, size) => product * size, 1));
  forEachCoordinate(shape, (at, i) => {
    y[i] = x[start + dot(at, strides)] as number;
  });
  return y;
}
