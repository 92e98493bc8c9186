// Products on GPUs: which tile of results a workgroup takes, in how many parts long sums are worked out, and the text that depends on both.
import shader from "../../shaders/matmulTiled.wgsl?raw";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { ProductSizes } from "./matmulKernels.ts";

/** What a workgroup makes: its results, those of one thread, and how it gets there. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Of one thread; multiples of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
  /** k's of one slab, and slabs in workgroup memory. */
  readonly step: number;
  readonly buffers: 1 | 2;
  /** What a GPU full of such workgroups reaches, the best being 1. */
  readonly speed: number;
}

const tile = (
  [rows, columns]: readonly [number, number],
  [threadRows, threadColumns]: readonly [number, number],
  step: number,
  buffers: 1 | 2,
  speed: number,
): Tile => ({ rows, columns, threadRows, threadColumns, step, buffers, speed });

/** All that are worth a try; `npm run bench -- tune` times them. At most 256 threads and 16 KiB. */
export const TILES: readonly Tile[] = [
  tile([128, 128], [8, 8], 16, 1, 1),
  tile([128, 128], [8, 8], 8, 2, 1),
  tile([128, 64], [8, 8], 16, 1, 0.9),
  tile([64, 128], [8, 8], 16, 1, 0.9),
  tile([64, 64], [8, 8], 16, 2, 0.8),
  tile([64, 64], [8, 4], 16, 2, 0.75),
  tile([64, 64], [4, 4], 32, 1, 0.6),
  tile([32, 32], [4, 4], 16, 2, 0.45),
  tile([128, 16], [4, 4], 16, 1, 0.3),
  tile([16, 128], [4, 4], 16, 1, 0.3),
];

/** "128×64 by 8×8, k 16" */
export const nameOf = ({ rows, columns, threadRows, threadColumns, step, buffers }: Tile): string =>
  `${rows}×${columns} by ${threadRows}×${threadColumns}, k ${step}${buffers > 1 ? " twice" : ""}`;

const threadsOf = ({ rows, columns, threadRows, threadColumns }: Tile): number =>
  (rows * columns) / (threadRows * threadColumns);

/** Parts of a sum are whole slabs of every tile. */
const SLAB = 32;
const MOST_PARTS = 64;
/** Compute units that a GPU is thought to have, and threads that keep one busy. */
const UNITS = 128;
const BUSY = 256;
/** k's that a workgroup could multiply while it starts and stores. */
const OVERHEAD = 64;
/** Multiplications for which one partial sum could be written, read and added, and for which one more dispatch could be made. */
const PARTIAL = 48;
const DISPATCH = 6e7;

/** k's of each part but the last. */
export const partOf = (K: number, parts: number): number => Math.ceil(K / parts / SLAB) * SLAB;

/** True for products that take a tile; the smallest are better off with a thread for each few results. */
export function isTiled({ M, N, K }: ProductSizes, { family }: Profile): boolean {
  return family === "gpu" && (M * N >= 256 || K >= 256);
}

/** Sums this long are worked out in so many parts, if any. */
export function partsOf(product: ProductSizes, profile: Profile): number {
  return isTiled(product, profile) ? chooseTile(product, profile).parts : 1;
}

/** The tile for a product, and in how many parts its sums are best worked out: what the estimate below is least for. */
export function chooseTile(product: ProductSizes, profile: Profile, given?: number): { tile: Tile; parts: number } {
  const { M, N, K, B } = product;
  const wanted = profile.choose?.("matmul tile", TILES.map(nameOf));
  const tiles = wanted === undefined ? TILES : TILES.filter((each) => nameOf(each) === wanted);
  const counts = given === undefined ? partCounts(K, profile) : [given];
  let best = { tile: tiles[0] as Tile, parts: 1, cost: Number.POSITIVE_INFINITY };
  for (const tile of tiles) {
    const { rows, columns, speed } = tile;
    const busy = Math.min(1, threadsOf(tile) / BUSY); // of a compute unit, by one workgroup
    for (const parts of counts) {
      const load = (B * parts * Math.ceil(M / rows) * Math.ceil(N / columns)) / UNITS;
      const each = rows * columns * (Math.min(K, partOf(K, parts)) + OVERHEAD);
      const waves = Math.max(1 / busy, load > 4 ? load : Math.ceil(load * busy) / busy);
      const sums = parts > 1 ? (PARTIAL * parts * B * M * N) / UNITS + DISPATCH / UNITS : 0;
      const cost = (each * waves) / speed + sums;
      if (cost < best.cost) best = { tile, parts, cost };
    }
  }
  return best;
}

/** 1, 2, 4 … as long as each part has two slabs; none without k's. */
function partCounts(K: number, profile: Profile): readonly number[] {
  const counts: number[] = [1];
  for (let parts = 2; parts <= MOST_PARTS && K >= 2 * SLAB * parts; parts *= 2)
    counts.push(Math.ceil(K / partOf(K, parts)));
  const wanted = profile.choose?.("matmul parts", counts.map(String));
  return wanted === undefined ? counts : [Number(wanted)];
}

type Context = Omit<KernelContext<unknown>, "attrs">;

/** The kernel; with `parts`, y and sums hold the sums of as many parts of the k's. */
export function tiledKernel(product: ProductSizes, context: Context, stubs: string, parts = 1): Kernel {
  const { M, K, N, B, a_m, a_k, b_k, b_n } = product;
  const { tile } = chooseTile(product, context.profile, parts);
  const [threadsM, threadsN] = [tile.rows / tile.threadRows, tile.columns / tile.threadColumns];
  const COLUMN_LANES = Math.min(8, threadsN);
  const [ROW_QUADS, COLUMN_QUADS] = [tile.rows / 4, tile.columns / 4];
  const row_tiles = Math.ceil(M / tile.rows);
  const column_tiles = Math.ceil(N / tile.columns);
  const tiles = parts * B * row_tiles * column_tiles;
  return {
    file: "matmulTiled.wgsl",
    form: nameOf(tile) + (parts > 1 ? `, ${parts} parts` : ""),
    shader,
    vectors: ["a", "b"],
    consts: {
      THREADS: threadsOf(tile),
      ROW_LANES: 32 / COLUMN_LANES,
      COLUMN_LANES,
      COLUMN_WARPS: threadsN / COLUMN_LANES,
      ROWS: tile.rows,
      COLUMNS: tile.columns,
      ROW_QUADS,
      COLUMN_QUADS,
      A_LANES: Math.min(8, ROW_QUADS),
      B_LANES: Math.min(8, COLUMN_QUADS),
      STEP: tile.step,
      BUFFERS: tile.buffers,
      BIAS: context.inputs.length > 2,
      SUMS: context.outputs.length > 1,
    },
    code: [
      stubs,
      fetchText("a", a_k === 1 ? K : M, a_k === 1, a_m === 1),
      fetchText("b", b_k === 1 ? K : N, b_k === 1, b_n === 1),
      registers(tile, threadsM, threadsN),
    ].join("\n"),
    sizes: {
      ...{ M, K, N, a_m, a_k, b_k, b_n, batches: B, row_tiles, column_tiles, tiles },
      part: parts > 1 ? partOf(K, parts) : K,
      quads: (tile.threadRows * tile.threadColumns) / 4,
    },
    workgroups: tiles,
  };
}

/** Reads 4 k's of 4 rows of `a` or columns of `b`: by quads along k, by quads across, or one by one. */
function fetchText(side: "a" | "b", contiguous: number, isAlong: boolean, isAcross: boolean): string {
  const head = `fn fetch_${side}(lines: vec4u, k: u32, end: u32) -> mat4x4f {`;
  const isAligned = contiguous % 4 === 0;
  if (isAligned && isAlong) {
    const loads = [..."xyzw"].map((line) => `load4_${side}(lines.${line} + k)`);
    return `${head}
  if (k >= end) { return mat4x4f(); }
  return transpose(mat4x4f(${loads}));
}`;
  }
  const each = (k: number) => `line_${side}(lines, k + ${k}u, end)`;
  const loads = [..."xyzw"].map((line) => `load_${side}(at.${line})`);
  return `${head}
  return mat4x4f(${[0, 1, 2, 3].map(each)});
}
fn line_${side}(lines: vec4u, k: u32, end: u32) -> vec4f {
  if (k >= end) { return vec4f(); }
  let at = lines + k * sizes.${side}_k;
  return ${isAligned && isAcross ? `load4_${side}(at.x)` : `vec4f(${loads})`};
}`;
}

/** The results of one thread as named registers: an array would not be kept in registers everywhere. */
function registers(tile: Tile, threadsM: number, threadsN: number): string {
  const { threadRows, threadColumns, step } = tile;
  const [rowQuads, columnQuads] = [tile.rows / 4, tile.columns / 4];
  const count = (to: number) => Array.from({ length: to }, (_, i) => i);
  const [lines, quads] = [count(threadRows), count(threadColumns / 4)];
  const names = lines.flatMap((r) => quads.map((q) => ({ name: `r${r}_${q}`, r, q })));
  const buffer = (size: number) => (tile.buffers > 1 ? ` + buffer % 2u * ${step * size}u` : "");
  return `struct Rows { ${names.map(({ name }) => `${name}: vec4f`).join(", ")} }
fn start_rows(n: u32, has_bias: bool) -> Rows {
${quads.map((q) => `  var q${q} = vec4f();`).join("\n")}
  if (has_bias) {
    let last = sizes.N - 1u;
${quads.map((q) => `    q${q} = vec4f(${count(4).map((c) => `load_bias(min(n + ${q * 4 * threadsN + c}u, last))`)});`).join("\n")}
  }
  return Rows(${names.map(({ q }) => `q${q}`)});
}
fn multiply(rows: ptr<function, Rows>, thread_m: u32, thread_n: u32, buffer: u32) {
  let m = thread_m % ${threadsM}u${buffer(rowQuads)};
  let n = thread_n % ${threadsN}u${buffer(columnQuads)};
  for (var k = 0u; k < STEP; k++) {
${count(threadRows / 4)
  .map((g) => `    let a${g} = tile_a[k * ROW_QUADS + m + ${g * threadsM}u];`)
  .join("\n")}
${quads.map((q) => `    let b${q} = tile_b[k * COLUMN_QUADS + n + ${q * threadsN}u];`).join("\n")}
${names.map(({ name, r, q }) => `    (*rows).${name} += a${r >> 2}.${"xyzw"[r & 3]} * b${q};`).join("\n")}
  }
}
fn store_rows(rows: ptr<function, Rows>, batch: u32, m: u32, n: u32) {
  var list = array<vec4f, ${names.length}>(${names.map(({ name }) => `(*rows).${name}`)});
  for (var i = 0u; i < sizes.quads; i++) { // a loop, so that the epilogue is compiled once
    let r = i / ${quads.length}u;
    store_quad(batch, m + r / 4u * ${4 * threadsM}u + r % 4u, n + i % ${quads.length}u * ${4 * threadsN}u, list[i]);
  }
}`;
}
