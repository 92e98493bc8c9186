// The loops of the subgroup kernels of convolution, written out for their numbers of columns and lanes.
import { AXES, addFour, addOuter, each, rowsText, rowsValue } from "./outerProduct.ts";

/** How the weights of four channels are read: as vectors along the channels or the columns; or channels are taken one by one. */
export type WeightVectors = "along channels" | "along columns" | undefined;

/** `accumulate` of convSubgroup.wgsl: over taps, then channels. */
export function imageLoop(columns: number, lanes: number, vectors: WeightVectors): string {
  const loads = Math.ceil(columns / lanes);
  const quads = columns / 4; // of one channel, along the columns
  const isAcross = vectors === "along columns";
  const across = (j: number) => {
    const i = `(${j * lanes}u + lane)`;
    return `w_place(g, min(column + ${i} % ${quads}u * 4u, sizes.per_group - 4u)) + ${i} / ${quads}u * w_k`;
  };
  const first = (j: number) => (isAcross ? across(j) : `w_place(g, column + ${j * lanes}u + lane)`);
  return `${rowsText(columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: Taps, w: Taps) -> Rows {
${each(columns, (r) => `var y${r} = start_of(g, column + ${r}u);`)}
let inner = sizes.inner;
let w_k = sizes.w_k;
${each(loads, (j) => `let first${j} = ${first(j)};`)}
for (var i = 0u; i < h.count; i++) {
let source_h = h.source + i32(i) * axis_h().source_step;
let tap_line = u32(h.first + i32(i) * axis_h().tap_step) * sizes.taps_w;
for (var j = 0u; j < w.count; j++) {
let source_w = w.source + i32(j) * axis_w().source_step;
let is_inside = inside(source_h, source_w);
let x_at = x_first + sources(source_h, source_w);
let tap = (tap_line + u32(w.first + i32(j) * axis_w().tap_step)) * sizes.tap_size;
${each(loads, (j) => `let at${j} = first${j} + tap;`)}
${vectors ? fourChannels(columns, lanes, isAcross) : oneChannel(columns, lanes)}
}
}
return ${rowsValue(columns, "y")};
}`;
}

const oneChannel = (columns: number, lanes: number) => `for (var k = 0u; k < inner; k++) {
let x = pixels_of_x(x_at + k, is_inside);
${addOuter(columns, lanes, { wide: "x", narrow: "w", load: (j) => `load_w(at${j} + k * w_k)` })}
}`;

const fourChannels = (columns: number, lanes: number, isAcross: boolean) => `for (var k = 0u; k < inner; k += 4u) {
${each(4, (p) => `let x${p} = select(vec4f(0.0), load4_x(x_at.${AXES[p]} + k), !PADDED || is_inside.${AXES[p]});`)}
${each(4, (q) => `let wide${q} = vec4f(${AXES.map((_, p) => `x${p}.${AXES[q]}`).join(", ")});`)}
${addFour(columns, lanes, { isAcross, wide: "wide", narrow: "w", load: (j) => `load4_w(at${j} + k${isAcross ? " * w_k" : ""})` })}
}`;

/** The longest row of taps of which four neighbouring pixels, or windows of 2 × 2, meet no more than two vectors of a line. */
export const LONGEST_ROW = 5;

/**
 * The same for images of one channel, every tap inside, steps of 1: the taps of a line meet a window of eight neighbours, read as two vectors.
 * Of windows of 2 × 2 the lower line is the upper one of the next taps.
 */
export function windowLoop(columns: number, lanes: number, taps: number, isPooled: boolean): string {
  const loads = Math.ceil(columns / lanes);
  const [last, wide] = isPooled
    ? [taps, (t: number) => `vec4f(u${t}, u${t + 1}, v${t}, v${t + 1})`]
    : [taps + 2, (t: number) => `vec4f(v${t}, v${t + 1}, v${t + 2}, v${t + 3})`];
  const each8 = (line: (i: number) => string) => each(last + 1, line);
  const element = (i: number) => `${i < 4 ? "a" : "b"}.${AXES[i % 4]}`;
  const read = (i: number) =>
    isPooled ? `select(${element(i)}, ${element(Math.min(i + 2, 7))}, is_right)` : element(i);
  const window = (at: string, into: (i: number) => string) => `{
let a = load4_x(${at});
let b = load4_x(${at} + 4u);
${each8((i) => `${into(i)} = ${read(i)};`)}
}`;
  return `${rowsText(columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: Taps, w: Taps) -> Rows {
${each(columns, (r) => `var y${r} = start_of(g, column + ${r}u);`)}
${each(loads, (j) => `let first${j} = w_place(g, column + ${j * lanes}u + lane);`)}
let at = x_first + u32(h.source) * sizes.source_w + (u32(w.source) & ~3u);
let is_right = (w.source & 2) != 0;
${each8((i) => `var v${i} = 0.0f;`)}
${isPooled ? window("at", (i) => `v${i}`) : ""}
for (var i = 0u; i < h.count; i++) {
${isPooled ? each8((t) => `let u${t} = v${t};`) : ""}
${window(`(at + (i${isPooled ? " + 1u" : ""}) * sizes.source_w)`, (i) => `v${i}`)}
${each(
  taps,
  (t) => `{
${addOuter(columns, lanes, { wide: wide(t), narrow: "w", load: (j) => `load_w(first${j} + i * sizes.tap_size + ${t}u * sizes.w_k)` })}
}`,
)}
}
return ${rowsValue(columns, "y")};
}`;
}

/** `accumulate` and `store_totals` of convFilterSubgroup.wgsl: over result lines, then their pixels. A few lines are added up apart. */
export function filterLoop(columns: number, lanes: number): string {
  const loads = Math.ceil(columns / lanes);
  const totals = Array.from({ length: loads }, (_, j) => `total${j}`);
  return `${rowsText(columns).replace("}", `${totals.map((name) => `  ${name}: f32,\n`).join("")}}`)}
fn accumulate(rows: FilterRows, g: u32, column: u32, lane: u32, first: u32, end: u32) -> Rows {
${each(columns, (r) => `var sum${r} = vec4f(0.0);`)}
${each(loads, (j) => `var total${j} = 0.0f;\nlet at${j} = dy_place(g, column + ${j * lanes}u + lane);`)}
for (var line = first; line < end;) {
${each(columns, (r) => `var y${r} = vec4f(0.0);`)}
${each(loads, (j) => `var some${j} = 0.0f;`)}
for (let stop = min(end, line + sizes.block); line < stop; line++) {
let source = line_of(line, rows);
let start = line * sizes.result_w;
for (var w = 0u; w < sizes.result_w; w++) {
let x = rows_of_x(source, rows, w);
let pixel = (start + w) * sizes.columns;
${addOuter(columns, lanes, { wide: "x", narrow: "dy", load: (j) => `load_dy(at${j} + pixel)` })}
if (SUMS) {
${each(loads, (j) => `some${j} += dy${j};`)}
}
}
}
${each(columns, (r) => `sum${r} += y${r};`)}
${each(loads, (j) => `total${j} += some${j};`)}
}
return ${rowsValue(columns, "sum", totals)};
}
fn store_totals(rows: Rows, first: u32, column: u32, lane: u32) {
${each(loads, (j) => `store_total(first, column + ${j * lanes}u + lane, rows.total${j});`)}
}`;
}
