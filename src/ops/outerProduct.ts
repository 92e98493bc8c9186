// Text of kernels that add up outer products: every lane keeps `count` vectors in registers, each a line of the result, and has the numbers
// that they are multiplied by from its neighbours. One statement a vector, because `subgroupBroadcast` wants its lane as a constant. The
// vectors are variables of one function: drivers keep what lies behind a pointer in memory. A thread that works alone is the one lane there is.
//
// Four lanes do not broadcast, they swap: SwiftShader takes one instruction for that, and six for a broadcast. What comes from the neighbour
// whose number is ours XOR i is then another number in each lane, and so is the line which a lane keeps as y<r>: see `kept_line`.
import type { Profile } from "../graph/form.ts";

/** The lanes of a subgroup on adapters whose subgroups pay; 0 on others. */
export function lanesOf({ family, subgroup = 0 }: Profile): number {
  return family === "software" && subgroup <= 16 ? subgroup : 0;
}

/** FLOPs from which more is gained by longer text than it takes to compile: lavapipe needs 0.15 s more for four k's a turn. */
const LONG = 2 ** 25;

/** True for work that deserves text of twice the length. */
export const isLong = (flops: number): boolean => flops >= LONG;

/** `line(0)` … `line(count − 1)`, one below the other. */
export function each(count: number, line: (i: number) => string, separator = "\n"): string {
  return Array.from({ length: count }, (_, i) => line(i)).join(separator);
}

/** The struct `Rows` of `count` vectors, and `list_rows`, which makes an array of it. */
export function rowsText(count: number): string {
  return `struct Rows {
${each(count, (r) => `  y${r}: vec4f,`)}
}
fn list_rows(rows: Rows) -> array<vec4f, ${count}> {
  return array<vec4f, ${count}>(${Array.from({ length: count }, (_, r) => `rows.y${r}`).join(", ")});
}`;
}

/** How lines lie over lanes: in turns, or (`isAcross`) in blocks of four lines, which are vectors. */
export interface Lines {
  readonly count: number;
  readonly lanes: number;
  readonly isAcross?: boolean;
}

/** Lines up to here are swapped for; a rest that not all four lanes have is broadcast. */
const swappedLines = ({ count, lanes }: Lines) => (lanes === 4 ? count - (count % 4) : 0);

/** `kept_line`: the line that a lane keeps as y<r>; and, as it is its own inverse, the r of the y<r> in which it keeps a line. */
export function keptLineText(lines: Lines): string {
  const end = swappedLines(lines);
  const line = lines.isAcross ? "r ^ (lane << 2u)" : "r ^ lane";
  const value = end === 0 ? "r" : end === lines.count ? line : `select(r, ${line}, r < ${end}u)`;
  return `fn kept_line(r: u32, lane: u32) -> u32 { return ${value}; }`;
}

/** WGSL for the line whose number a lane loads as its number `j`. */
export const ownLine = (j: number, { lanes, isAcross }: Lines): string =>
  lanes === 4 && isAcross ? `(lane * 4u + ${j}u)` : `(${j * lanes}u + lane)`;

const SWAPS = ["", "quadSwapX", "quadSwapY", "quadSwapDiagonal"] as const;

/** WGSL for the number of y<r>: lanes have loaded those of their own lines as `<name>0`, `<name>1` …; `axis` is a part of it. */
export function numberOf(name: string, r: number, lines: Lines, axis = ""): string {
  const { lanes, isAcross } = lines;
  if (lanes === 1) return `${name}${r}${axis}`;
  if (r >= swappedLines(lines)) return `subgroupBroadcast(${name}${Math.floor(r / lanes)}${axis}, ${r % lanes}u)`;
  const [from, i] = isAcross ? [r % 4, r >> 2] : [r >> 2, r % 4];
  return i === 0 ? `${name}${from}${axis}` : `${SWAPS[i]}(${name}${from}${axis})`;
}

/** The value of type Rows of the variables <name>0, <name>1 …, and of `more` fields. */
export function rowsValue(count: number, name: string, more: readonly string[] = []): string {
  return `Rows(${[...Array.from({ length: count }, (_, r) => `${name}${r}`), ...more].join(", ")})`;
}

/** Adds to each of y0, y1 … the vector `wide` times the number of its line: `load(j)` is that of the lane's own line `j`. */
export function addOuter(
  lines: Lines,
  { wide, narrow, load }: { wide: string; narrow: string; load: (j: number) => string },
): string {
  return `${each(Math.ceil(lines.count / lines.lanes), (j) => `let ${narrow}${j} = ${load(j)};`)}
${each(lines.count, (r) => `y${r} += ${numberOf(narrow, r, lines)} * ${wide};`)}`;
}

export const AXES = ["x", "y", "z", "w"] as const;

/**
 * The same for four vectors `<wide>0` … `<wide>3` at once, whose numbers come as vectors: a lane's four of one line, or (`isAcross`) four
 * lines' of one vector; lanes that swap have a block of four lines, and load (j) the vector that meets `<wide>j`.
 */
export function addFour(
  lines: Lines,
  { wide, narrow, load }: { wide: string; narrow: string; load: (j: number) => string },
): string {
  const { count, lanes, isAcross } = lines;
  const number = (r: number, q: number) => {
    if (!isAcross) return numberOf(narrow, r, lines, `.${AXES[q]}`);
    const vector = (q * count + r) >> 2;
    return lanes === 4
      ? numberOf(narrow, 4 * (r >> 2) + q, lines, `.${AXES[r % 4]}`)
      : numberOf(narrow, vector, { count, lanes }, `.${AXES[r % 4]}`);
  };
  return `${each(Math.ceil(count / lanes), (j) => `let ${narrow}${j} = ${load(j)};`)}
${each(4, (c) => `let turned${c} = vec4f(${AXES.map((_, q) => `${wide}${q}.${AXES[c]}`).join(", ")});`)}
${each(count, (r) => `{ let n = vec4f(${AXES.map((_, q) => number(r, q)).join(", ")}); y${r} += vec4f(${AXES.map((_, c) => `dot(turned${c}, n)`).join(", ")}); }`)}`;
}
