// The loops of the subgroup kernels of a filter's gradient, written out for their numbers of rows, columns and lanes.
import { AXES, addOuter, each, keptLineText, rowsText, rowsValue } from "./outerProduct.ts";

/** `kept_line`, `accumulate` and `store_totals` of convFilterSubgroup.wgsl: over result lines, then their pixels. A few lines are added up apart. */
export function filterLoop(columns: number, lanes: number): string {
  const loads = Math.ceil(columns / lanes);
  const totals = Array.from({ length: loads }, (_, j) => `total${j}`);
  const lines = { count: columns, lanes };
  return `${keptLineText(lines)}
${rowsText(columns).replace("}", `${totals.map((name) => `  ${name}: f32,\n`).join("")}}`)}
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
${addOuter(lines, { wide: "x", narrow: "dy", load: (j) => `load_dy(at${j} + pixel)` })}
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

/** What a worker of convFilterWindow.wgsl takes. */
export interface FilterWindow {
  readonly taps: readonly [number, number];
  readonly channels: number;
  /** Columns of a lane, at most 4. */
  readonly width: number;
}

/** Pixels of a line that are taken together. */
const PIXELS = 4;

/** `accumulate` of convFilterWindow.wgsl: over fours of a line's pixels, then lines. The lines of one image, or some of them, are added up apart. */
export function filterWindowLoop(
  { taps: [lines, taps], channels, width }: FilterWindow,
  lanes: number,
  hasVectors: boolean,
): string {
  const type = width === 1 ? "f32" : `vec${width}f`;
  const rows = lines * taps * channels;
  const across = taps + PIXELS - 1;
  const loads = Math.ceil(across / lanes);
  /** The loads of one line of the window. */
  const line = (write: (c: number, j: number) => string) => each(channels, (c) => each(loads, (j) => write(c, j)));
  const load = (h: string) => (c: number, j: number) => `pixel_of_x(x_at + ${c}u, ${h}, x_w + ${j * lanes})`;
  const dy = hasVectors
    ? "load4_dy(dy_at + min(column, sizes.per_group - 4u) + (w + p) * sizes.columns)"
    : `${type}(${Array.from({ length: width }, (_, c) => `number_of_dy(dy_at, column + ${c}u, w + p)`).join(", ")})`;
  const four = (part: (p: number) => string) => `vec4f(${each(PIXELS, part, ", ")})`;
  const axes = AXES.slice(0, width);
  const dots = (t: number) => axes.map((axis) => `dot(m${t}, turned_${axis})`).join(", ");
  const meet = (i: number, c: number) => `{
${each(across, (at) => `let n${at} = subgroupBroadcast(x${i}_${c}_${Math.floor(at / lanes)}, ${at % lanes}u);`)}
${each(taps, (t) => `let m${t} = ${four((p) => `n${t + p}`)};`)}
${each(taps, (t) => `y${(i * taps + t) * channels + c} += ${width === 1 ? dots(t) : `${type}(${dots(t)})`};`)}
}`;
  return `struct Rows {
${each(rows, (r) => `  y${r}: ${type},`)}
  total: ${type},
}
fn list_rows(rows: Rows) -> array<${type}, ${rows}> {
return array<${type}, ${rows}>(${Array.from({ length: rows }, (_, r) => `rows.y${r}`).join(", ")});
}
fn number_of(numbers: ${type}, c: u32) -> f32 { return numbers${width === 1 ? "" : "[c]"}; }
fn accumulate(x_first: u32, dy_first: u32, column: u32, lane: u32, first: u32, end: u32) -> Rows {
${each(rows, (r) => `var sum${r} = ${type}();`)}
var total = ${type}();
for (var w = 0u; w < sizes.result_w; w += ${PIXELS}u) {
let x_w = i32(w + lane) - i32(sizes.before_w);
for (var line = first; line < end;) {
let image = line / sizes.result_h;
let stop = min(min(end, line + sizes.block), (image + 1u) * sizes.result_h);
let x_at = x_first + image * sizes.source_h * sizes.source_w * sizes.pitch;
var h = i32(line - image * sizes.result_h) - i32(sizes.before_h);
${each(rows, (r) => `var y${r} = ${type}();`)}
var some = ${type}();
${each(lines - 1, (i) => line((c, j) => `var x${i}_${c}_${j} = ${load(`h + ${i}`)(c, j)};`))}
for (; line < stop; line++) {
${line((c, j) => `let x${lines - 1}_${c}_${j} = ${load(`h + ${lines - 1}`)(c, j)};`)}
let dy_at = dy_first + line * sizes.result_w * sizes.columns;
${each(PIXELS, (p) => `var dy${p} = ${type}();`)}
for (var p = 0u; p < ${PIXELS}u; p++) { // a loop, so that what gives them is compiled once
${each(PIXELS - 1, (p) => `dy${p} = dy${p + 1};`)}
dy${PIXELS - 1} = ${dy};
}
${axes.map((axis) => `let turned_${axis} = ${four((p) => `dy${p}${width === 1 ? "" : `.${axis}`}`)};`).join("\n")}
${each(lines, (i) => each(channels, (c) => meet(i, c)))}
if (SUMS) { some += ${Array.from({ length: PIXELS }, (_, p) => `dy${p}`).join(" + ")}; }
${each(lines - 1, (i) => line((c, j) => `x${i}_${c}_${j} = x${i + 1}_${c}_${j};`))}
h++;
}
${each(rows, (r) => `sum${r} += y${r};`)}
total += some;
}
}
return ${rowsValue(rows, "sum", ["total"])};
}`;
}
