// The loop of convRegion.wgsl, written out for its numbers of columns, lanes and taps.
import { firstWeight, startText } from "./convolutionLoops.ts";
import { each, keptLineText, numberOf, rowsText, rowsValue } from "./outerProduct.ts";

/** What a worker of convRegion.wgsl takes. */
export interface Region {
  readonly columns: number;
  readonly lanes: number;
  /** Taps of a line. */
  readonly taps: number;
  readonly isTransposed: boolean;
  /** True when some taps miss the image. */
  readonly isPadded: boolean;
}

/**
 * `kept_line` and `accumulate`: over channels, then lines of taps. u0, u1 … are the sources that the upper line of pixels meets, v0, v1 … those of
 * the lower one: a window that is loaded once, and the next line's is one of the two again. Products are added to each other first and then to a
 * pixel: sums lie in memory.
 */
export function regionLoop(region: Region): string {
  const { columns, lanes, taps, isTransposed, isPadded } = region;
  const window = (line: (j: number) => string) => each(taps + 3, line);
  const source = (j: number) =>
    isPadded ? `select(0.0, load_x(c${j} + line), is_inside & is_inside${j})` : `load_x(c${j} + line)`;
  const read = (h: string) => `let h_at = ${h};
let line = u32(clamp(h_at, 0, i32(sizes.source_h) - 1)) * pitch_h + k;
${isPadded ? "let is_inside = u32(h_at) < sizes.source_h;" : ""}
${window((j) => `v${j} = ${source(j)};`)}`;
  return `${keptLineText(linesOf(region))}
${rowsText(2 * columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: i32, w: i32) -> Rows {
${startText(linesOf(region))}
${each(columns, (r) => `var y${columns + r} = y${r};`)}
${each(Math.ceil(columns / lanes), (j) => `let first${j} = ${firstWeight(j, linesOf(region))};`)}
let pitch_h = sizes.source_w * sizes.pitch;
let begin = max(0, -1 - h);
let end = min(i32(sizes.taps_h), i32(sizes.source_h) - h);
${window((j) => `let c${j} = x_first + u32(clamp(w + ${j}, 0, i32(sizes.source_w) - 1)) * sizes.pitch;`)}
${isPadded ? window((j) => `let is_inside${j} = u32(w + ${j}) < sizes.source_w;`) : ""}
for (var k = 0u; k < sizes.inner; k++) {
${window((j) => `var v${j} = 0.0f;`)}
{
${read("h + begin")}
}
for (var i = begin; i < end; i++) {
${window((j) => `let u${j} = v${j};`)}
${read("h + i + 1")}
let tap_line = u32(${isTransposed ? "i32(sizes.taps_h) - 1 - i" : "i"}) * sizes.taps_w * sizes.tap_size + k * sizes.w_k;
${meetTaps(region)}
}
}
return ${rowsValue(2 * columns, "y")};
}`;
}

const each4 = (value: (p: number) => string) => `vec4f(${[0, 1, 2, 3].map(value).join(", ")})`;
const linesOf = ({ columns, lanes }: Region) => ({ count: columns, lanes });

/** One channel of all taps of a line. */
function meetTaps(region: Region): string {
  const { columns, lanes, taps, isTransposed } = region;
  const loadTap = (t: number) => `let tap${t} = tap_line + ${isTransposed ? taps - 1 - t : t}u * sizes.tap_size;
${each(Math.ceil(columns / lanes), (j) => `let w${t}_${j} = load_w(first${j} + tap${t});`)}`;
  const sums = (line: string) =>
    each4((p) => Array.from({ length: taps }, (_, t) => `n${t} * ${line}${t + p}`).join(" + "));
  return `${each(taps, loadTap)}
${each(
  columns,
  (r) => `{
${each(taps, (t) => `let n${t} = ${numberOf(`w${t}_`, r, linesOf(region))};`)}
y${r} += ${sums("u")};
y${columns + r} += ${sums("v")};
}`,
)}`;
}
