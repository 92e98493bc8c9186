// Text of kernels that add up outer products: every lane keeps `count` vectors in registers and has its neighbours' numbers broadcast,
// one line a vector, because `subgroupBroadcast` wants its lane as a constant. The vectors are variables of one function: drivers keep what
// lies behind a pointer in memory. A thread that works alone is the one lane there is.
import type { Profile } from "../graph/form.ts";

/** The lanes of a subgroup on adapters whose subgroups pay; 0 on others. */
export function lanesOf({ family, subgroup = 0 }: Profile): number {
  return family === "software" && subgroup <= 16 ? subgroup : 0;
}

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

/** The value of type Rows of the variables <name>0, <name>1 …, and of `more` fields. */
export function rowsValue(count: number, name: string, more: readonly string[] = []): string {
  return `Rows(${[...Array.from({ length: count }, (_, r) => `${name}${r}`), ...more].join(", ")})`;
}

/** What lane number `i` has as `name`. */
const ofLane = (name: string, i: number, lanes: number) => (lanes === 1 ? name : `subgroupBroadcast(${name}, ${i}u)`);

/**
 * Adds to each of y0, y1 … the vector `wide` times one number: number r is in lane r mod `lanes` of the variable `<narrow><r / lanes>`,
 * which `load(j)` fills.
 */
export function addOuter(
  count: number,
  lanes: number,
  { wide, narrow, load }: { wide: string; narrow: string; load: (j: number) => string },
): string {
  return `${each(Math.ceil(count / lanes), (j) => `let ${narrow}${j} = ${load(j)};`)}
${each(count, (r) => `y${r} += ${ofLane(`${narrow}${Math.floor(r / lanes)}`, r % lanes, lanes)} * ${wide};`)}`;
}

export const AXES = ["x", "y", "z", "w"] as const;

/**
 * The same for four vectors `<wide>0` … `<wide>3` at once, whose numbers come as vectors: number r of the first is followed by that of the
 * second …, or (`isAcross`) by number r + 1 of the first.
 */
export function addFour(
  count: number,
  lanes: number,
  { isAcross, wide, narrow, load }: { isAcross: boolean; wide: string; narrow: string; load: (j: number) => string },
): string {
  const number = (r: number, q: number) => {
    const [from, axis] = isAcross ? [(q * count + r) >> 2, r % 4] : [r, q];
    return ofLane(`${narrow}${Math.floor(from / lanes)}.${AXES[axis]}`, from % lanes, lanes);
  };
  return `${each(Math.ceil(count / lanes), (j) => `let ${narrow}${j} = ${load(j)};`)}
${each(count, (r) => `y${r} += ${AXES.map((_, q) => `${number(r, q)} * ${wide}${q}`).join(" + ")};`)}`;
}
