// The product of a GPU where there are too few results, and too short sums, for a tile.
import shader from "../../shaders/matmulThread.wgsl?raw";
import type { Kernel, ProductSizes } from "../graph/form.ts";
import { type ProductContext, stubs } from "./matmulKernels.ts";

const THREADS = 64;

/** One thread for each result. */
export function threadKernel({ B, M, K, N, a_m, a_k, b_k, b_n }: ProductSizes, context: ProductContext): Kernel {
  const results = B * M * N;
  return {
    file: "matmulThread.wgsl",
    shader,
    form: "a thread for each result",
    consts: { BIAS: context.inputs.length > 2, SUMS: context.outputs.length > 1 },
    code: stubs(context),
    sizes: { M, K, N, a_m, a_k, b_k, b_n, results },
    workgroups: Math.ceil(results / THREADS),
  };
}
