// The product of a network so small that its whole step is one kernel.
import smallShader from "../../shaders/matmulSmall.wgsl?raw";
import type { Kernel, ProductSizes } from "../graph/form.ts";
import { type ProductContext, stubs } from "./matmulKernels.ts";

/** One thread a row or a column, whichever take fewer turns of the threads there are. */
export function smallKernel({ B, M, K, N, a_m, a_k, b_k, b_n }: ProductSizes, context: ProductContext): Kernel {
  const lanes = context.profile.within?.lanes ?? 1;
  const [BIAS, SUMS] = [context.inputs.length > 2, context.outputs.length > 1];
  const BY_ROWS = Math.ceil(M / lanes) * N < Math.ceil(N / lanes) * M;
  const threads = Math.max(BY_ROWS ? M : N, SUMS ? N : 0);
  return {
    file: "matmulSmall.wgsl",
    shader: smallShader,
    consts: { M, K, N, A_M: a_m, A_K: a_k, B_K: b_k, B_N: b_n, BY_ROWS, BIAS, SUMS },
    code: stubs(context),
    sizes: { batch: B, across: BY_ROWS ? N : M, inner: K },
    workgroups: Math.ceil(threads / 64),
    threads,
  };
}
