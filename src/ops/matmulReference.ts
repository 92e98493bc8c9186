// What the kernels of matrix products compute, in float64.
import type { ReferenceContext, Values } from "../graph/node.ts";
import { type MatmulAttrs, measure } from "./matmul.ts";
import { partOf } from "./matmulKernels.ts";

/** One product after the other, each row of the left side times all of the right. */
export function matmulReference(values: readonly Values[], { inputs, attrs }: ReferenceContext<MatmulAttrs>): Values[] {
  const [a, b, bias] = values as [Values, Values, Values | undefined];
  const { B, M, K, N, a_m, a_k, b_k, b_n } = measure(inputs, attrs);
  const { parts = 1 } = attrs;
  const part = parts > 1 ? partOf(K, parts) : K;
  const y = new Float64Array(parts * B * M * N);
  for (let batch = 0; batch < B; batch++) {
    for (let m = 0; m < M; m++) {
      const first = (batch * M + m) * N;
      if (bias) y.set(bias, first);
      for (let k = 0; k < K; k++) {
        const start = Math.floor(k / part) * B * M * N + first;
        const row = y.subarray(start, start + N);
        const left = a[batch * M * K + m * a_m + k * a_k] as number;
        const at = batch * K * N + k * b_k;
        for (let n = 0; n < N; n++) row[n] = (row[n] as number) + left * (b[at + n * b_n] as number);
      }
    }
  }
  if (!attrs.columnSums) return [y];
  const sums = new Float64Array(parts * N);
  for (let k = 0; k < K; k++)
    for (let n = 0, at = Math.floor(k / part) * N; n < N; n++, at++)
      sums[at] = (sums[at] as number) + (b[k * b_k + n * b_n] as number);
  return [y, sums];
}
