// The loops of the subgroup kernels of convolution, written out for their numbers of columns and lanes.
import {
  AXES,
  addFour,
  addOuter,
  each,
  keptLineText,
  type Lines,
  numberOf,
  ownLine,
  rowsText,
  rowsValue,
} from "./outerProduct.ts";

/** How the weights of four channels are read: as vectors, or one by one; or channels are taken one by one. */
export type FourChannels = "vectors" | "one by one" | undefined;

/** WGSL for where the weights of a lane's own column number `j` start. */
export const firstWeight = (j: number, columns: Lines): string => `w_place(g, column + ${ownLine(j, columns)})`;

/** y0, y1 … with what their columns start from: each lane loads its own and has the others from its neighbours. */
export const startText = (columns: Lines): string =>
  `${each(Math.ceil(columns.count / columns.lanes), (j) => `let start${j} = start_of(g, column + ${ownLine(j, columns)});`)}
${each(columns.count, (r) => `var y${r} = vec4f(${numberOf("start", r, columns)});`)}`;

/** WGSL for the weights of the four channels from `at` on. */
const fourWeights = (at: string, fours: FourChannels): string =>
  fours === "vectors" ? `load4_w(${at})` : `vec4f(${each(4, (q) => `load_w(${at} + ${q}u * sizes.w_k)`, ", ")})`;

/** `kept_line` and `accumulate` of convSubgroup.wgsl: over taps, then channels. */
export function imageLoop(columns: number, lanes: number, fours: FourChannels): string {
  const loads = Math.ceil(columns / lanes);
  const lines = { count: columns, lanes };
  return `${keptLineText(lines)}
${rowsText(columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: Taps, w: Taps) -> Rows {
${startText(lines)}
let inner = sizes.inner;
let w_k = sizes.w_k;
${each(loads, (j) => `let first${j} = ${firstWeight(j, lines)};`)}
for (var i = 0u; i < h.count; i++) {
let source_h = h.source + i32(i) * axis_h().source_step;
let tap_line = u32(h.first + i32(i) * axis_h().tap_step) * sizes.taps_w;
for (var j = 0u; j < w.count; j++) {
let source_w = w.source + i32(j) * axis_w().source_step;
let is_inside = inside(source_h, source_w);
let x_at = x_first + sources(source_h, source_w);
let tap = (tap_line + u32(w.first + i32(j) * axis_w().tap_step)) * sizes.tap_size;
${each(loads, (j) => `let at${j} = first${j} + tap;`)}
${fours ? fourChannels(lines, fours) : oneChannel(lines)}
}
}
return ${rowsValue(columns, "y")};
}`;
}

const oneChannel = (columns: Lines) => `for (var k = 0u; k < inner; k++) {
let x = pixels_of_x(x_at + k, is_inside);
${addOuter(columns, { wide: "x", narrow: "w", load: (j) => `load_w(at${j} + k * w_k)` })}
}`;

const fourChannels = (columns: Lines, fours: FourChannels) => `for (var k = 0u; k < inner; k += 4u) {
${each(4, (p) => `let x${p} = select(vec4f(0.0), load4_x(x_at.${AXES[p]} + k), !PADDED || is_inside.${AXES[p]});`)}
${each(4, (q) => `let wide${q} = vec4f(${AXES.map((_, p) => `x${p}.${AXES[q]}`).join(", ")});`)}
${addFour(columns, { wide: "wide", narrow: "w", load: (j) => fourWeights(`at${j} + k * w_k`, fours) })}
}`;
