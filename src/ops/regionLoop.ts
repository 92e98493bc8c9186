// The loop of convRegion.wgsl, written out for its numbers of columns, lanes and taps.
import { type FourChannels, firstWeight, fourWeights, startText } from "./convolutionLoops.ts";
import { each, keptLineText, numberOf, rowsText, rowsValue } from "./outerProduct.ts";

/** What a worker of convRegion.wgsl takes. */
export interface Region {
  readonly columns: number;
  readonly lanes: number;
  /** Taps of a line. */
  readonly taps: number;
  readonly fours: FourChannels;
  readonly isTransposed: boolean;
  /** True when some taps miss the image. */
  readonly isPadded: boolean;
  /** True for so much work that longer text pays. */
  readonly isLong: boolean;
}

/**
 * `kept_line` and `accumulate`: over channels, four at a time where they are vectors, then lines of taps. u0, u1 … are the sources that the upper line of
 * pixels meets, v0, v1 … those of the lower one. Products are added to each other first and then to a pixel: sums lie in memory.
 */
export function regionLoop(region: Region): string {
  const { columns, lanes, fours, isPadded, isLong } = region;
  return `${keptLineText(linesOf(region))}
${rowsText(2 * columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: i32, w: i32) -> Rows {
${startText(linesOf(region))}
${each(columns, (r) => `var y${columns + r} = y${r};`)}
${each(Math.ceil(columns / lanes), (j) => `let first${j} = ${firstWeight(j, linesOf(region))};`)}
let pitch_h = sizes.source_w * sizes.pitch;
let begin = max(0, -1 - h);
let end = min(i32(sizes.taps_h), i32(sizes.source_h) - h);
${fours && (isPadded || !isLong) ? tapByTap(region) : allTaps(region)}
return ${rowsValue(2 * columns, "y")};
}`;
}

/** Taps one after the other, in a loop that leaves out those which meet no source at all; the sources move on by one each time. */
function tapByTap(region: Region): string {
  const source = (line: string, w: string) =>
    sourceOf(region, `${line} + ${columnAt(w)}`, `is_inside_${line} & (u32(${w}) < sizes.source_w)`);
  const start = (name: string, line: string) =>
    each(4, (p) => `var ${name}${p} = ${p === 0 ? "vec4f()" : source(line, `w + first_tap + ${p - 1}`)};`);
  const move = (name: string, line: string) =>
    `${each(3, (p) => `${name}${p} = ${name}${p + 1};`)}\n${name}3 = ${source(line, "w + t + 3")};`;
  const read = (line: string, h: string) => `let ${line} = x_first + k + ${lineAt(h)};
let is_inside_${line} = u32(${h}) < sizes.source_h;`;
  return `let first_tap = max(0, -3 - w);
let past_tap = min(i32(sizes.taps_w), i32(sizes.source_w) - w);
for (var k = 0u; k < sizes.inner; k += 4u) {
for (var i = begin; i < end; i++) {
${read("upper", "h + i")}
${read("lower", "h + i + 1")}
${start("u", "upper")}
${start("v", "lower")}
${tapLine(region)}
for (var t = first_tap; t < past_tap; t++) {
${move("u", "upper")}
${move("v", "lower")}
${meetTap(region, { tap: region.isTransposed ? "i32(sizes.taps_w) - 1 - t" : "t", first: 0 })}
}
}
}`;
}

/** All taps of a line written out: they meet a window of sources that is loaded once, and the next line's is one of the two again. */
function allTaps(region: Region): string {
  const { taps, fours, isTransposed, isPadded } = region;
  const window = (line: (j: number) => string) => each(taps + 3, line);
  const tapOf = (t: number) => `${isTransposed ? taps - 1 - t : t}`;
  const source = (j: number) => sourceOf(region, `c${j} + line`, `is_inside & is_inside${j}`);
  const read = (h: string) => `let h_at = ${h};
let line = ${lineAt("h_at")} + k;
let is_inside = u32(h_at) < sizes.source_h;
${window((j) => `v${j} = ${source(j)};`)}`;
  return `${window((j) => `let c${j} = x_first + ${columnAt(`w + ${j}`)};`)}
${isPadded ? window((j) => `let is_inside${j} = u32(w + ${j}) < sizes.source_w;`) : ""}
for (var k = 0u; k < sizes.inner; k += ${fours ? 4 : 1}u) {
${window((j) => `var v${j} = ${fours ? "vec4f()" : "0.0f"};`)}
{
${read("h + begin")}
}
for (var i = begin; i < end; i++) {
${window((j) => `let u${j} = v${j};`)}
${read("h + i + 1")}
${tapLine(region)}
${fours ? each(taps, (t) => `{\n${meetTap(region, { tap: tapOf(t), first: t })}\n}`) : meetTaps(region, tapOf)}
}
}`;
}

const lineAt = (h: string) => `u32(clamp(${h}, 0, i32(sizes.source_h) - 1)) * pitch_h`;
const columnAt = (w: string) => `u32(clamp(${w}, 0, i32(sizes.source_w) - 1)) * sizes.pitch`;

/** What lies at a place, 0 outside of the image. */
function sourceOf({ fours, isPadded }: Region, place: string, isInside: string): string {
  const value = `${fours ? "load4_x" : "load_x"}(${place})`;
  return isPadded ? `select(${fours ? "vec4f()" : "0.0"}, ${value}, ${isInside})` : value;
}

const tapLine = ({ isTransposed }: Region) =>
  `let tap_line = u32(${isTransposed ? "i32(sizes.taps_h) - 1 - i" : "i"}) * sizes.taps_w * sizes.tap_size + k * sizes.w_k;`;
const each4 = (value: (p: number) => string) => `vec4f(${[0, 1, 2, 3].map(value).join(", ")})`;
const linesOf = ({ columns, lanes }: Region) => ({ count: columns, lanes });

/** Four channels of one tap: its four sources of the upper line are u`first` and so on. */
function meetTap(region: Region, { tap, first }: { readonly tap: string; readonly first: number }): string {
  const { columns, lanes, fours } = region;
  const dots = (line: string) => each4((p) => `dot(n, ${line}${first + p})`);
  return `let tap = tap_line + u32(${tap}) * sizes.tap_size;
${each(Math.ceil(columns / lanes), (j) => `let w${j} = ${fourWeights(`first${j} + tap`, fours)};`)}
${each(columns, (r) => `{ let n = ${numberOf("w", r, linesOf(region))}; y${r} += ${dots("u")}; y${columns + r} += ${dots("v")}; }`)}`;
}

/** One channel of all taps. */
function meetTaps(region: Region, tapOf: (t: number) => string): string {
  const { columns, lanes, taps } = region;
  const loadTap = (t: number) => `let tap${t} = tap_line + ${tapOf(t)}u * sizes.tap_size;
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
