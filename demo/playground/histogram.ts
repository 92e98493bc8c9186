// Numbers counted in bins of equal width, symmetric about 0.

export interface Histogram {
  /** The bins lie evenly between −reach and reach. */
  readonly reach: number;
  readonly counts: readonly number[];
  /** Euclidean length of all numbers. */
  readonly norm: number;
}

/** Counts `values`. What lies exactly at the end belongs to the last bin; numbers that are not finite are left out. */
export function histogram(values: ArrayLike<number>, bins = 25): Histogram {
  let [reach, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    reach = Math.max(reach, Math.abs(value));
    squares += value * value;
  }
  const counts = new Array<number>(bins).fill(0);
  const width = (2 * reach) / bins;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const bin = reach === 0 ? (bins - 1) >> 1 : Math.min(bins - 1, Math.floor((value + reach) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { reach, counts, norm: Math.sqrt(squares) };
}
