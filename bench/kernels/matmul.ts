// Matrix products to time: a square one, and shapes on which engines are known to collapse.

/** [M, K] · [K, N] */
export interface ProductCase {
  readonly name: string;
  readonly M: number;
  readonly K: number;
  readonly N: number;
}

export const PRODUCT_CASES: readonly ProductCase[] = [
  [512, 512, 512],
  [64, 784, 128],
  [127, 381, 513],
  [1000, 1000, 10],
].map(([M, K, N]) => ({ name: M === K && K === N ? `matmul-${M}` : `matmul-${M}x${K}x${N}`, M, K, N }) as ProductCase);
