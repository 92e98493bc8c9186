// The loop of convRegion.wgsl, written out for its numbers of columns, lanes and taps.
import { firstWeight, type WeightVectors } from "./convolutionLoops.ts";
import { AXES, each, rowsText, rowsValue } from "./outerProduct.ts";

/** What a worker of convRegion.wgsl takes. */
export interface Region {
  readonly columns: number;
  readonly lanes: number;
  /** Taps of a line. */
  readonly taps: number;
  readonly vectors: WeightVectors;
  readonly isTransposed: boolean;
  /** True when some taps miss the image. */
  readonly isPadded: boolean;
}

/**
 * `accumulate`: over channels, four at a time where they are vectors, then lines of taps. u0, u1 … are the sources that the upper line of
 * pixels meets, v0, v1 … those of the lower one. Products are added to each other first and then to a pixel: sums lie in memory.
 */
export function regionLoop({ columns, lanes, taps, vectors, isTransposed, isPadded }: Region): string {
  const loads = Math.ceil(columns / lanes);
  const isAcross = vectors === "along columns";
  const quads = columns / 4;
  const step = vectors ? 4 : 1;
  const lower = (r: number) => `y${columns + r}`;
  const window = (line: (j: number) => string) => each(taps + 3, line);
  const [load, zero] = vectors ? ["load4_", "vec4f(0.0)"] : ["load_", "0.0"];
  const source = (j: number) =>
    isPadded ? `select(${zero}, ${load}x(c${j} + line), is_inside && is_inside${j})` : `${load}x(c${j} + line)`;
  const read = (h: string, into: (j: number) => string) => `let h_at = ${h};
let line = u32(clamp(h_at, 0, i32(sizes.source_h) - 1)) * pitch_h + k;
let is_inside = u32(h_at) < sizes.source_h;
${window((j) => `${into(j)} = ${source(j)};`)}`;
  const broadcast = (name: string, i: number) => `subgroupBroadcast(${name}${Math.floor(i / lanes)}, ${i % lanes}u)`;
  /** The four channels of column r. */
  const number = (r: number) =>
    isAcross ? `vec4f(${AXES.map((_, q) => `n${q * quads + (r >> 2)}.${AXES[r % 4]}`).join(", ")})` : broadcast("w", r);
  const each4 = (value: (p: number) => string) => `vec4f(${[0, 1, 2, 3].map(value).join(", ")})`;
  const loadTap = (
    t: number,
    name: string,
  ) => `let tap${t} = tap_line + ${isTransposed ? taps - 1 - t : t}u * sizes.tap_size;
${each(loads, (j) => `let ${name}${j} = ${load}w(first${j} + tap${t});`)}`;
  /** Four channels of one tap. */
  const dots = (line: string, t: number) => each4((p) => `dot(n, ${line}${t + p})`);
  const meetTap = (t: number) => `{
${loadTap(t, "w")}
${isAcross ? each(columns, (i) => `let n${i} = ${broadcast("w", i)};`) : ""}
${each(columns, (r) => `{ let n = ${number(r)}; y${r} += ${dots("u", t)}; ${lower(r)} += ${dots("v", t)}; }`)}
}`;
  /** One channel of all taps. */
  const sums = (line: string) =>
    each4((p) => Array.from({ length: taps }, (_, t) => `n${t} * ${line}${t + p}`).join(" + "));
  const meetTaps = `${each(taps, (t) => loadTap(t, `w${t}_`))}
${each(
  columns,
  (r) => `{
${each(taps, (t) => `let n${t} = ${broadcast(`w${t}_`, r)};`)}
y${r} += ${sums("u")};
${lower(r)} += ${sums("v")};
}`,
)}`;
  const tapLine = isTransposed ? "i32(sizes.taps_h) - 1 - i" : "i";
  return `${rowsText(2 * columns)}
fn accumulate(x_first: u32, g: u32, column: u32, lane: u32, h: i32, w: i32) -> Rows {
${each(columns, (r) => `var y${r} = start_of(g, column + ${r}u);\nvar ${lower(r)} = y${r};`)}
${each(loads, (j) => `let first${j} = ${firstWeight(j, columns, lanes, isAcross)};`)}
${window((j) => `let c${j} = x_first + u32(clamp(w + ${j}, 0, i32(sizes.source_w) - 1)) * sizes.pitch;`)}
${window((j) => `let is_inside${j} = u32(w + ${j}) < sizes.source_w;`)}
let pitch_h = sizes.source_w * sizes.pitch;
let begin = max(0, -1 - h);
let end = min(i32(sizes.taps_h), i32(sizes.source_h) - h);
for (var k = 0u; k < sizes.inner; k += ${step}u) {
${window((j) => `var v${j} = ${vectors ? "vec4f()" : "0.0f"};`)}
{
${read("h + begin", (j) => `v${j}`)}
}
for (var i = begin; i < end; i++) {
${window((j) => `let u${j} = v${j};`)}
${read("h + i + 1", (j) => `v${j}`)}
let tap_line = u32(${tapLine}) * sizes.taps_w * sizes.tap_size + k * sizes.w_k;
${vectors ? each(taps, meetTap) : meetTaps}
}
}
return ${rowsValue(2 * columns, "y")};
}`;
}
