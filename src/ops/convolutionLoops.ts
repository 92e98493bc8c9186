// The loops of the subgroup kernels of convolution, written out for their numbers of columns and lanes.
import { AXES, addFour, addOuter, each, rowsText, rowsValue } from "./outerProduct.ts";

/** How the weights of four channels are read: as vectors along the channels or the columns; or channels are taken one by one. */
export type WeightVectors = "along channels" | "along columns" | undefined;

/** WGSL for where the `j`-th load of weights of a lane starts: a number of its column, or (`isAcross`) a vector of one channel. */
export function firstWeight(j: number, columns: number, lanes: number, isAcross: boolean): string {
  const i = `(${j * lanes}u + lane)`;
  const quads = columns / 4; // of one channel, along the columns
  return isAcross
    ? `w_place(g, min(column + ${i} % ${quads}u * 4u, sizes.per_group - 4u)) + ${i} / ${quads}u * sizes.w_k`
    : `w_place(g, column + ${i})`;
}

/** `accumulate` of convSubgroup.wgsl: over taps, then channels. */
export function imageLoop(columns: number, lanes: number, vectors: WeightVectors): string {
  const loads = Math.ceil(columns / lanes);
  const isAcross = vectors === "along columns";
  return `${rowsText(columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: Taps, w: Taps) -> Rows {
${each(columns, (r) => `var y${r} = start_of(g, column + ${r}u);`)}
let inner = sizes.inner;
let w_k = sizes.w_k;
${each(loads, (j) => `let first${j} = ${firstWeight(j, columns, lanes, isAcross)};`)}
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
