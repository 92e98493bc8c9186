// Products on GPUs: which tile of results a workgroup takes, in how many parts long sums are worked out, and the text that depends on both.
import shader from "../../shaders/matmulTiled.wgsl?raw";
import type { Kernel, ProductSizes, Products, Profile } from "../graph/form.ts";
import { type ProductContext, partOf, stubs } from "./matmulKernels.ts";
import { threadKernel } from "./matmulThread.ts";
import { sumParts } from "./sumParts.ts";

/** What a workgroup makes, and how well. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Results of one thread; multiples of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
  /** Slabs in workgroup memory. */
  readonly buffers: 1 | 2;
  /** What a GPU full of such workgroups reaches, the best being 1. */
  readonly speed: number;
  /** Workgroups that a compute unit has done in the time that one takes alone. */
  readonly least: number;
}

const tile = (
  [rows, columns, threadRows, threadColumns]: readonly [number, number, number, number],
  [buffers, speed, least]: readonly [1 | 2, number, number],
): Tile => ({ rows, columns, threadRows, threadColumns, buffers, speed, least });

/**
 * All that win somewhere; `npm run bench -- tune` times them, and `speed` and `least` are fitted to what it found on an H200. Each has threads
 * in warps of 4 × 8, at most 256 of them, that carry at most two blocks of 4 × 4 into a slab; at most 16 KiB.
 */
export const TILES: readonly Tile[] = [
  tile([128, 128, 8, 8], [1, 1, 1.5]),
  tile([64, 64, 8, 4], [2, 0.9, 1.25]),
  tile([32, 32, 4, 4], [2, 0.5, 2]),
  tile([16, 128, 4, 4], [1, 0.5, 2.5]),
];

/** "128×64 by 8×8" */
export const nameOf = ({ rows, columns, threadRows, threadColumns }: Tile): string =>
  `${rows}×${columns} by ${threadRows}×${threadColumns}`;

/** k's of a slab. */
const STEP = 16;
/** A part of a sum has so many k's at least. */
const PART = 2 * STEP;
const MOST_PARTS = 64;
/** Compute units that a GPU is thought to have. */
const UNITS = 128;
/** k's that a workgroup could multiply while it starts and stores. */
const OVERHEAD = 16;
/** Multiplications of a unit in the time of one more dispatch, and those of all units while a partial sum is written, read and added. */
const DISPATCH = 750_000;
const PARTIAL = 40;

/** True for products that take a tile; the smallest are better off with a thread for each few results. */
function isTiled({ M, N, K }: ProductSizes): boolean {
  return M * N >= 256 || K >= 256;
}

/** Tiles in workgroup memory, for GPUs. */
export const tiledProducts: Products = {
  split: { partsOf: (product, profile) => (isTiled(product) ? chooseTile(product, profile).parts : 1), sumParts },
  kernel: (product, context, parts) =>
    parts !== undefined || isTiled(product) ? tiledKernel(product, context, parts) : threadKernel(product, context),
};

/** The tile for a product, and in how many parts its sums are best worked out: what takes least by the estimate below. */
export function chooseTile(product: ProductSizes, profile: Profile, given?: number): { tile: Tile; parts: number } {
  const wanted = profile.choose?.("matmul tile", TILES.map(nameOf));
  const counts = given === undefined ? partCounts(product.K, profile) : [given];
  return TILES.filter((tile) => wanted === undefined || nameOf(tile) === wanted)
    .flatMap((tile) => counts.map((parts) => ({ tile, parts, cost: costOf(product, tile, parts) })))
    .reduce((best, way) => (way.cost < best.cost ? way : best));
}

/** 1, 2, 4 … as long as each part has four slabs; none without k's. */
function partCounts(K: number, profile: Profile): readonly number[] {
  const counts: number[] = [1];
  for (let parts = 2; parts <= MOST_PARTS && K >= 2 * PART * parts; parts *= 2)
    counts.push(Math.ceil(K / partOf(K, parts)));
  const wanted = profile.choose?.("matmul parts", counts.map(String));
  return wanted === undefined ? counts : [Number(wanted)];
}

/** Multiplications that the busiest unit could have done meanwhile. */
function costOf({ M, N, K, B }: ProductSizes, { rows, columns, speed, least }: Tile, parts: number): number {
  const load = Math.ceil((B * parts * Math.ceil(M / rows) * Math.ceil(N / columns)) / UNITS);
  const each = rows * columns * (Math.min(K, partOf(K, parts)) + OVERHEAD);
  const sums = parts > 1 ? DISPATCH + (PARTIAL * parts * B * M * N) / UNITS : 0;
  return (each * Math.max(least, load)) / speed + sums;
}

/** The kernel; with `parts`, y and sums hold the sums of as many parts of the k's. */
function tiledKernel(product: ProductSizes, context: ProductContext, parts = 1): Kernel {
  const { M, K, N, B, a_m, a_k, b_k, b_n } = product;
  const { tile } = chooseTile(product, context.profile, parts);
  const { rows, columns, threadRows, threadColumns } = tile;
  const row_tiles = Math.ceil(M / rows);
  const column_tiles = Math.ceil(N / columns);
  const tiles = parts * B * row_tiles * column_tiles;
  return {
    file: "matmulTiled.wgsl",
    form: nameOf(tile) + (parts > 1 ? `, ${parts} parts` : ""),
    shader,
    vectors: ["a", "b"],
    consts: {
      THREADS: (rows * columns) / (threadRows * threadColumns),
      ROWS: rows,
      COLUMNS: columns,
      WARPS: columns / threadColumns / 8,
      STEP,
      BUFFERS: tile.buffers,
      BIAS: context.inputs.length > 2,
      SUMS: context.outputs.length > 1,
    },
    code: [
      stubs(context),
      fetchText("a", a_k === 1, a_k === 1 ? K : M),
      fetchText("b", b_k === 1, b_k === 1 ? K : N),
      registers(tile),
    ].join("\n"),
    sizes: {
      ...{ M, K, N, a_m, a_k, b_k, b_n, batches: B, row_tiles, column_tiles, tiles },
      part: parts > 1 ? partOf(K, parts) : K,
      quads: (threadRows * threadColumns) / 4,
    },
    workgroups: tiles,
  };
}

/** Reads 4 k's of 4 rows of `a` or columns of `b`: by quads along k or across, or, where lines of so many are no whole quads, one by one. */
function fetchText(side: "a" | "b", isAlong: boolean, line: number): string {
  const hasQuads = line % 4 === 0;
  const each = (text: (axis: string, i: number) => string) => [..."xyzw"].map(text).join(", ");
  const quads = `if (k >= end) { return mat4x4f(); }
  return transpose(mat4x4f(${each((axis) => `load4_${side}(lines.${axis} + k)`)}));`;
  const lines = `return mat4x4f(${each((_, i) => `line_${side}(lines, k + ${i}u, end)`)});`;
  return `fn fetch_${side}(lines: vec4u, k: u32, end: u32) -> mat4x4f {
  ${hasQuads && isAlong ? quads : lines}
}
fn line_${side}(lines: vec4u, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(); }
  let at = lines + k * sizes.${side}_k;
  return ${hasQuads ? `load4_${side}(at.x)` : `vec4f(${each((axis) => `load_${side}(at.${axis})`)})`};
}`;
}

/** The results of one thread as named registers: an array would not be kept in registers everywhere. */
function registers({ rows, columns, threadRows, threadColumns }: Tile): string {
  const [down, across] = [rows / threadRows, columns / threadColumns];
  const quads = Array.from({ length: threadColumns / 4 }, (_, i) => i);
  const lines = Array.from({ length: threadRows }, (_, i) => i);
  const all = lines.flatMap((r) => quads.map((q) => ({ name: `r${r}_${q}`, r, q })));
  return `struct Rows { ${all.map(({ name }) => `${name}: vec4f`)} }
fn multiply(rows: ptr<function, Rows>, m: u32, n: u32) {
  for (var k = 0u; k < STEP; k++) {
${lines
  .filter((r) => r % 4 === 0)
  .map((r) => `    let a${r / 4} = slabs[k * ROWS / 4u + m + ${(r / 4) * down}u];`)
  .join("\n")}
${quads.map((q) => `    let b${q} = slabs[k * COLUMNS / 4u + n + ${q * across}u];`).join("\n")}
${all.map(({ name, r, q }) => `    (*rows).${name} += a${r >> 2}.${"xyzw"[r & 3]} * b${q};`).join("\n")}
  }
}
fn store_rows(rows: ptr<function, Rows>, batch: u32, m: u32, n: u32, has_bias: bool) {
  var list = array<vec4f, ${all.length}>(${all.map(({ name }) => `(*rows).${name}`)});
  for (var i = 0u; i < sizes.quads; i++) { // a loop, so that the epilogue is compiled once
    let r = i / ${quads.length}u;
    store_quad(batch, m + r / 4u * ${4 * down}u + r % 4u, n + i % ${quads.length}u * ${4 * across}u, list[i], has_bias);
  }
}`;
}
