// Matrix products: kernels that suit the adapter where there are some (its `Profile` brings them), else a plain tile in registers.
import matmulShader from "../../shaders/matmul.wgsl?raw";
import type { Kernel, KernelContext, ProductSizes } from "../graph/form.ts";

export type ProductContext = Omit<KernelContext<unknown>, "attrs">;

/** With `parts`, the results are the sums of as many parts of the k's. */
export function matmulKernel(product: ProductSizes, context: ProductContext, parts?: number): Kernel {
  return context.profile.products?.kernel(product, context, parts) ?? plainKernel(product, context);
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

function shared({ B, M, K, N, a_m, a_k, b_k, b_n }: ProductSizes, rows: number, columns: number) {
  const row_tiles = Math.ceil(M / rows);
  const column_tiles = Math.ceil(N / columns);
  return { M, K, N, a_m, a_k, b_k, b_n, rows, row_tiles, column_tiles, tiles: B * row_tiles * column_tiles };
}

const PLAIN_THREADS = 32;

function plainKernel(product: ProductSizes, context: ProductContext): Kernel {
  const { B, M, N } = product;
  const ROWS = rowsPerThread(B * M, N);
  const sizes = shared(product, ROWS, 4);
  return {
    file: "matmul.wgsl",
    shader: matmulShader,
    consts: { ROWS, BIAS: context.inputs.length > 2, SUMS: context.outputs.length > 1, LANES_ALONG_ROWS: N < 32 },
    code: stubs(context),
    sizes,
    workgroups: Math.ceil(sizes.tiles / PLAIN_THREADS),
  };
}

/** Enough threads to fill the lanes first, then as many rows a thread as registers hold. */
function rowsPerThread(rows: number, columns: number): 1 | 2 | 4 | 8 {
  for (const count of [8, 4, 2] as const) {
    if (rows >= count && Math.ceil(rows / count) * Math.ceil(columns / 4) >= 128) return count;
  }
  return 1;
}
