// How far a peer's results may be from the reference.

/** As a share of the largest value. */
const LARGEST_DIFFERENCE = 1e-3;

/** Says how results, one after another in `first`, differ from `expected`, if they do. */
export function differenceFrom(expected: readonly ArrayLike<number>[], first: Float32Array): string | undefined {
  let start = 0;
  let worst = 0;
  for (const values of expected) {
    let [error, largest] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      error = Math.max(error, Math.abs((first[start + i] as number) - value)); // NaN stays
      largest = Math.max(largest, Math.abs(value));
    }
    start += values.length;
    worst = Math.max(worst, error / largest); // NaN stays, too
  }
  if (start !== first.length) return `it gives ${first.length} numbers instead of ${start}`;
  return worst < LARGEST_DIFFERENCE ? undefined : `its result differs by ${worst.toPrecision(2)} of the largest value`;
}
