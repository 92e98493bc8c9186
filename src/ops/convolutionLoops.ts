// The loops of the subgroup kernels of convolution, written out for their numbers of columns and lanes.
import { addOuter, each, rowsText, rowsValue } from "./outerProduct.ts";

/** `accumulate` of convSubgroup.wgsl: over taps, then channels. */
export function imageLoop(columns: number, lanes: number): string {
  const loads = Math.ceil(columns / lanes);
  return `${rowsText(columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: Taps, w: Taps) -> Rows {
${each(columns, (r) => `var y${r} = start_of(g, column + ${r}u);`)}
${each(loads, (j) => `let first${j} = w_place(g, column + ${j * lanes}u + lane);`)}
let inner = sizes.inner;
let w_k = sizes.w_k;
for (var i = 0u; i < h.count; i++) {
let source_h = h.source + i32(i) * axis_h().source_step;
let tap_line = u32(h.first + i32(i) * axis_h().tap_step) * sizes.taps_w;
for (var j = 0u; j < w.count; j++) {
let source_w = w.source + i32(j) * axis_w().source_step;
let is_inside = inside(source_h, source_w);
let x_at = x_first + sources(source_h, source_w);
let tap = (tap_line + u32(w.first + i32(j) * axis_w().tap_step)) * sizes.tap_size;
${each(loads, (j) => `let at${j} = first${j} + tap;`)}
for (var k = 0u; k < inner; k++) {
let x = pixels_of_x(x_at + k, is_inside);
${addOuter(columns, lanes, { wide: "x", narrow: "w", load: (j) => `load_w(at${j} + k * w_k)` })}
}
}
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
