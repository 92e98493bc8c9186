// What all kernels of matrix products share. The adapter's `Profile` brings those that suit it.
import { internal } from "../core/error.ts";
import type { Kernel, KernelContext, ProductSizes } from "../graph/form.ts";

export type ProductContext = Omit<KernelContext<unknown>, "attrs">;

/** With `parts`, the results are the sums of as many parts of the k's. */
export function matmulKernel(product: ProductSizes, context: ProductContext, parts?: number): Kernel {
  const { products } = context.profile;
  if (!products) throw internal("matmul: the profile brings no kernel");
  return products.kernel(product, context, parts);
}

/** Parts of a sum are so many k's, or a multiple. */
const PART = 32;

/** k's of each part but the last. */
export const partOf = (K: number, parts: number): number => Math.ceil(K / parts / PART) * PART;

/** Functions that the shader calls whether or not there is a bias to load or sums to store. */
export function stubs({ inputs, outputs }: ProductContext): string {
  const bias = inputs.length > 2 ? "" : "fn load_bias(i: u32) -> f32 { return 0.0; }\n";
  return bias + (outputs.length > 1 ? "" : "fn store_sums(i: u32, value: f32) {}\n");
}
