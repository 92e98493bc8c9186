// Which shader multiplies: outer products by subgroup on software adapters, else a plain tile in registers. Chosen by adapter and shape.
import matmulShader from "../../shaders/matmul.wgsl?raw";
import subgroupShader from "../../shaders/matmulSubgroup.wgsl?raw";
import type { Kernel, ProductSizes, Profile } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";

export interface Context {
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly profile: Profile;
}

export function matmulKernel(product: ProductSizes, context: Context): Kernel {
  const { family, subgroup, within } = context.profile;
  const { M, N } = product;
  if (within) return within.product(product, context);
  if (family === "software" && subgroup !== undefined && subgroup <= 16 && N >= 4 * subgroup && M >= subgroup) {
    return subgroupKernel(product, context, subgroup);
  }
  return plainKernel(product, context);
}

/** Functions that the shader calls whether or not there is a bias to load or sums to store. */
export function stubs({ inputs, outputs }: Context): string {
  const bias = inputs.length > 2 ? "" : "fn load_bias(i: u32) -> f32 { return 0.0; }\n";
  return bias + (outputs.length > 1 ? "" : "fn store_sums(i: u32, value: f32) {}\n");
}

function shared({ B, M, K, N, a_m, a_k, b_k, b_n }: ProductSizes, rows: number, columns: number) {
  const row_tiles = Math.ceil(M / rows);
  const column_tiles = Math.ceil(N / columns);
  return { M, K, N, a_m, a_k, b_k, b_n, rows, row_tiles, column_tiles, tiles: B * row_tiles * column_tiles };
}

const PLAIN_THREADS = 32;

function plainKernel(product: ProductSizes, context: Context): Kernel {
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

function subgroupKernel(product: ProductSizes, context: Context, LANES: number): Kernel {
  // SwiftShader: more k's a turn help long sums where a is read along k, more rows help where it is not. Both cost compile time.
  const isNarrow = LANES === 4;
  const alongK = product.a_k === 1;
  const isSmall = product.M <= LANES || product.K < 32; // not worth the compile time of many rows
  const ROWS = isSmall ? LANES : isNarrow && alongK ? 8 : 16;
  const sizes = shared(product, ROWS, 4 * LANES);
  return {
    file: "matmulSubgroup.wgsl",
    shader: subgroupShader,
    enables: ["subgroups"],
    consts: {
      LANES,
      ROWS,
      STEP: isNarrow && alongK && product.K >= 256 ? 4 : 1,
      BIAS: context.inputs.length > 2,
      SUMS: context.outputs.length > 1,
    },
    code: stubs(context) + outerProduct(ROWS, LANES),
    sizes,
    workgroups: sizes.tiles,
  };
}

/** One line a row: `subgroupBroadcast` wants its lane as a constant. */
function outerProduct(rows: number, lanes: number): string {
  const each = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n");
  const loads = Math.max(1, rows / lanes);
  return `struct Rows {
${each(rows, (r) => `  r${r}: vec4f,`)}
}
struct Places {
${each(loads, (j) => `  p${j}: u32,`)}
}
fn places_of(first: u32, m: u32, lane: u32) -> Places {
  return Places(${Array.from({ length: loads }, (_, j) => `first + min(m + ${j * lanes}u + lane, sizes.M - 1u) * sizes.a_m`).join(", ")});
}
fn start_rows(first: vec4f) -> Rows {
  return Rows(${Array.from({ length: rows }, () => "first").join(", ")});
}
fn add_outer(rows: ptr<function, Rows>, places: Places, k: u32, row: vec4f) {
  let step = k * sizes.a_k;
${each(loads, (j) => `  let a${j} = load_a(places.p${j} + step);`)}
${each(rows, (r) => `  (*rows).r${r} += subgroupBroadcast(a${Math.floor(r / lanes)}, ${r % lanes}u) * row;`)}
}
fn store_rows(rows: ptr<function, Rows>, batch: u32, m: u32, n: u32) {
  var list = array<vec4f, ${rows}>(${Array.from({ length: rows }, (_, r) => `(*rows).r${r}`).join(", ")});
  for (var r = 0u; r < sizes.rows; r++) { store_row(batch, m + r, n, list[r]); } // a loop, so that the epilogue is compiled once
}`;
}
