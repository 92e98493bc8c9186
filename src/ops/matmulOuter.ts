// The software family's product: outer products by subgroup, or by single threads. Which side gives the rows, and how many of them a worker takes.
import shader from "../../shaders/matmulOuter.wgsl?raw";
import type { Kernel, ProductSizes, Products, Profile } from "../graph/form.ts";
import { type ProductContext, stubs } from "./matmulKernels.ts";
import { type Layout, linesOf, mainOf, readsOf, SHORT, type Side, THREADS } from "./matmulOuterText.ts";
import { lanesOf } from "./outerProduct.ts";

/** Rows of a subgroup, and of a thread by itself: adapters whose wide vectors would not all be in registers want fewer. */
const MOST_ROWS = 16;
const THREAD_ROWS = { narrow: [16, 8, 4, 2], wide: [8, 4, 2] } as const;
const NARROW = 4;
/** Work that is worth sharing between threads: multiplications. */
const LARGE = 100_000;
/** Threads of a product before each takes more rows. */
const ENOUGH_THREADS = 128;

/** Outer products, for software adapters. */
export const outerProducts: Products = { kernel: outerKernel };

function outerKernel(product: ProductSizes, context: ProductContext): Kernel {
  const { B, M, K, N } = product;
  const chosen = layoutOf(product, context.profile);
  const { left, right, lanes, ROWS, tiles } = chosen;
  const SWAPPED = left.name === "b";
  const hasSums = context.outputs.length > 1;
  const reads = readsOf(chosen, K, SWAPPED && hasSums);
  const IN_FOURS = !SWAPPED && N % 4 === 0;
  const isAlone = lanes === 1;
  const worker = isAlone ? "thread" : "subgroup";
  return {
    file: "matmulOuter.wgsl",
    shader,
    form: `${worker}: ${ROWS} rows × ${4 * lanes} columns${SWAPPED ? ", swapped" : ""}`,
    ...(isAlone ? {} : { enables: ["subgroups"] }),
    vectors: (["left", "right"] as const)
      .filter((side) => reads[side] !== "one by one")
      .map((side) => chosen[side].name),
    ...(IN_FOURS ? { vectorResults: ["y"] } : {}),
    consts: { IN_FOURS, LANES: lanes, ROWS, BIAS: context.inputs.length > 2, SUMS: hasSums, SWAPPED },
    code: [
      mainOf(lanes),
      ...(IN_FOURS ? [] : ["fn store4_y(i: u32, value: vec4f) {}"]),
      stubs(context) + linesOf(chosen, reads, { SWAPPED, hasSums, hasOnes: reads.turn === 1 || K % 4 > 0 }),
    ].join("\n"),
    sizes: {
      row_count: left.count,
      column_count: right.count,
      K,
      batch_left: left.count * K,
      batch_right: right.count * K,
      batch_y: M * N,
      left_r: left.step,
      left_k: left.k,
      right_k: right.k,
      right_c: right.step,
      y_r: SWAPPED ? 1 : N,
      y_c: SWAPPED ? N : 1,
      rows: ROWS,
      row_tiles: Math.ceil(left.count / ROWS),
      column_tiles: Math.ceil(right.count / (4 * lanes)),
      tiles: B * tiles,
    },
    workgroups: isAlone ? Math.ceil((B * tiles) / THREADS) : B * tiles,
  };
}

/** By subgroup, where there are some and a product is not too narrow both ways, nor so narrow that one would do it alone. */
function layoutOf({ B, M, K, N, a_m, a_k, b_k, b_n }: ProductSizes, profile: Profile): Layout {
  const lanes = lanesOf(profile);
  const a: Side = { name: "a", count: M, step: a_m, k: a_k };
  const b: Side = { name: "b", count: N, step: b_n, k: b_k };
  const better = (lay: (left: Side, right: Side) => Layout): Layout => {
    const [straight, swapped] = [lay(a, b), lay(b, a)];
    return swapped.use > straight.use ? swapped : straight;
  };
  const most = K < SHORT ? lanes : MOST_ROWS;
  const chosen = lanes > 1 && better((left, right) => layout(left, right, lanes, most));
  if (chosen && chosen.use >= 0.5 && (B * chosen.tiles > 1 || M * N * K <= LARGE)) return chosen;
  const rowsOf = THREAD_ROWS[(profile.width ?? 0) === NARROW ? "narrow" : "wide"];
  return better((left, right) => {
    const threads = (rows: number) => B * Math.ceil(left.count / rows) * Math.ceil(right.count / 4);
    const rows = rowsOf.find((rows) => left.count >= rows && threads(rows) >= ENOUGH_THREADS) ?? 1;
    return layout(left, right, 1, rows);
  });
}

function layout(left: Side, right: Side, lanes: number, most: number): Layout {
  const ROWS = Math.ceil(left.count / Math.ceil(left.count / most));
  const [row_tiles, column_tiles] = [Math.ceil(left.count / ROWS), Math.ceil(right.count / (4 * lanes))];
  const computed = row_tiles * (lanes > 1 ? Math.max(ROWS, 4) : ROWS) * column_tiles * 4 * lanes;
  return { left, right, lanes, ROWS, tiles: row_tiles * column_tiles, use: (left.count * right.count) / computed };
}
