// The text that matmulOuter.wgsl has filled in: how each side is read, and the lines that WGSL cannot loop over, because `subgroupBroadcast`
// wants its lane as a constant.
import { AXES, addFour, addOuter, each, keptLineText, ownLine } from "./outerProduct.ts";

/** Sums so short are not worth the compile time of many rows. */
export const SHORT = 32;
/** Multiplications of a product that, without vectors on both sides, is not worth the compile time of four k's a turn. */
const SMALL = 100_000;
/** And of one so short that a page is better off with text that compiles in a third to a half of the time. */
const MEDIUM = 4_000_000;
/** Threads of a workgroup, where each is a worker. */
export const THREADS = 32;

/** One side of a product: its lines (rows or columns of the result), and the steps between elements. */
export interface Side {
  readonly name: "a" | "b";
  readonly count: number;
  readonly step: number;
  readonly k: number;
}

/** How a product is laid over workers: subgroups, or threads, which are one lane. */
export interface Layout {
  readonly left: Side;
  readonly right: Side;
  readonly lanes: number;
  readonly ROWS: number;
  readonly tiles: number;
  /** Of what is computed, the share that is stored. */
  readonly use: number;
}

/** Each worker takes a tile. */
export function mainOf(lanes: number): string {
  const [threads, name, id, tile, lane] =
    lanes === 1
      ? [THREADS, "thread", "local_invocation_index", `* ${THREADS}u + thread`, "0u"]
      : [lanes, "lane", "subgroup_invocation_id", "", "lane"];
  return `@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(${id}) ${name}: u32) {
multiply(workgroup_index(group, groups) ${tile}, ${lane});
}`;
}

/** How many k's a turn takes, and how each side is read: as vectors along k, as vectors along the lines, or one by one. */
export interface Reads {
  readonly turn: 1 | 4;
  readonly left: "along k" | "along rows" | "one by one";
  readonly right: "along k" | "along columns" | "one by one";
}

export function readsOf({ left, right, lanes, ROWS }: Layout, K: number, needsRowSums: boolean): Reads {
  const areBlocks = lanes === 4 ? ROWS === 16 : ROWS % 4 === 0 && ROWS % lanes === 0;
  const isAcross = left.step === 1 && left.count % 4 === 0 && areBlocks && !needsRowSums;
  const isAlong = K % 4 === 0;
  const isAcrossRight = right.step === 1 && right.count % 4 === 0;
  const isAlongRight = right.k === 1 && isAlong && !isAcrossRight;
  const leftAs = left.k === 1 && isAlong ? "along k" : isAcross ? "along rows" : "one by one";
  const work = left.count * right.count * K;
  // Four k's a turn save loads and loop turns, and double the code: subgroups of 4 lanes gain half, those of 8 a sixth, in products of millions, those of 8 also along k.
  const hasVectors = isAcrossRight || isAlongRight;
  if (
    K < SHORT ||
    (leftAs === "one by one" && work < SMALL) ||
    (lanes >= 4 && work < MEDIUM && (lanes === 4 || !isAlongRight)) ||
    (lanes === 1 && !hasVectors)
  ) {
    return { turn: 1, left: "one by one", right: isAcrossRight ? "along columns" : "one by one" };
  }
  return { turn: 4, left: leftAs, right: isAcrossRight ? "along columns" : isAlongRight ? "along k" : "one by one" };
}

/** `kept_line`, `columns_of`, `accumulate`, `store_rows` and `store_totals`. */
export function linesOf(
  { left, right, lanes, ROWS }: Layout,
  reads: Reads,
  { SWAPPED, hasSums, hasOnes }: { SWAPPED: boolean; hasSums: boolean; hasOnes: boolean },
): string {
  const loads = Math.ceil(ROWS / lanes);
  const [l, r] = [`load_${left.name}`, `load_${right.name}`];
  const [l4, r4] = [`load4_${left.name}`, `load4_${right.name}`];
  const vectors = ROWS / 4; // of one k, along the rows
  const isAcross = reads.left === "along rows";
  const lines = { count: ROWS, lanes, isAcross };

  const loadLeft = (j: number) => {
    if (reads.left === "along k") return `${l4}(p${j} + k)`;
    if (isAcross) return `${l4}(p${j} + k * sizes.left_k)`;
    return `vec4f(${each(4, (q) => `${l}(p${j} + (k + ${q}u) * sizes.left_k)`, ", ")})`;
  };
  const loadRight = {
    "along columns": each(4, (q) => `let r${q} = ${r4}(first.x + (k + ${q}u) * sizes.right_k);`),
    "along k": `${each(4, (c) => `let c${c} = ${r4}(first.${AXES[c]} + k);`)}
${each(4, (q) => `let r${q} = vec4f(${each(4, (c) => `c${c}.${AXES[q]}`, ", ")});`)}`,
    "one by one": each(4, (q) => `let r${q} = right_row(first, k + ${q}u);`),
  }[reads.right];
  const row = (j: number) => `left_first + min(r + ${ownLine(j, lines)}, sizes.row_count - 1u) * sizes.left_r`;
  const vector = (j: number) => {
    const i = `(${j * lanes}u + lane)`;
    return `left_first + (${i} / ${vectors}u) * sizes.left_k + min(r + ${i} % ${vectors}u * 4u, sizes.row_count - 4u)`;
  };

  const rightRow =
    reads.right === "along columns" ? `${r4}(at.x)` : `vec4f(${each(4, (c) => `${r}(at.${AXES[c]})`, ", ")})`;
  const sums = hasSums ? Array.from({ length: SWAPPED ? loads : 1 }, (_, j) => `total${j}`) : [];
  const add = (swapped: (j: number) => string, straight: string) =>
    each(sums.length, (j) => `total${j} += ${SWAPPED ? swapped(j) : straight};`);
  const columns =
    right.count % 4 === 0
      ? "min(c, sizes.column_count - 4u) + vec4u(0u, 1u, 2u, 3u)"
      : "min(vec4u(c, c + 1u, c + 2u, c + 3u), vec4u(sizes.column_count - 1u))";

  const bias = SWAPPED
    ? each(ROWS, (row) => `y${row} = vec4f(load_bias(min(r + kept_line(${row}u, lane), sizes.row_count - 1u)));`)
    : `y0 = vec4f(${each(4, (c) => `load_bias(columns.${AXES[c]})`, ", ")});
${each(ROWS - 1, (row) => `y${row + 1} = y0;`)}`;
  const fours = `for (; k + 3u < sizes.K; k += 4u) {
${loadRight}
${addFour(lines, { wide: "r", narrow: "l", load: loadLeft })}
${add((j) => `dot(l${j}, vec4f(1.0))`, "r0 + r1 + r2 + r3")}
}`;
  const ones = `for (; k < sizes.K; k++) {
let row = right_row(first, k);
${addOuter(lines, { wide: "row", narrow: "l", load: (j) => `${l}(one${j} + k * sizes.left_k)` })}
${add((j) => `l${j}`, "row")}
}`;
  const storeTotals = SWAPPED
    ? each(sums.length, (j) => `store_total(r, ${j * lanes}u + lane, rows.total${j});`)
    : each(sums.length, () => "for (var i = 0u; i < 4u; i++) { store_total(c, i, rows.total0[i]); }");

  return `${keptLineText(lines)}
struct Rows {
${each(ROWS, (row) => `y${row}: vec4f,`)}
${each(sums.length, (j) => `total${j}: ${SWAPPED ? "f32" : "vec4f"},`)}
}
fn columns_of(c: u32) -> vec4u { return ${columns}; }
fn right_row(first: vec4u, k: u32) -> vec4f {
  let at = first + k * sizes.right_k;
  return ${rightRow};
}
fn accumulate(left_first: u32, r: u32, first: vec4u, columns: vec4u, lane: u32) -> Rows {
${each(ROWS, (row) => `var y${row} = vec4f(0.0);`)}
${each(sums.length, (j) => `var total${j} = ${SWAPPED ? "0.0f" : "vec4f(0.0)"};`)}
if (BIAS) {
${bias}
}
${each(loads, (j) => `let one${j} = ${row(j)};\nlet p${j} = ${isAcross ? vector(j) : `one${j}`};`)}
var k = 0u;
${reads.turn === 4 ? fours : ""}
${hasOnes ? ones : ""}
return Rows(${[...Array.from({ length: ROWS }, (_, row) => `y${row}`), ...sums].join(", ")});
}
fn store_rows(rows: Rows, batch: u32, r: u32, c: u32, lane: u32) {
var list = array<vec4f, ${ROWS}>(${each(ROWS, (row) => `rows.y${row}`, ", ")});
for (var i = 0u; i < sizes.rows; i++) { store_row(batch, r + i, c, list[kept_line(i, lane)]); } // a loop, so that the epilogue is compiled once
}
fn store_totals(rows: Rows, r: u32, c: u32, lane: u32) {
${storeTotals}
}`;
}
