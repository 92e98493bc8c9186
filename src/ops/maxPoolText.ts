// What the kernel of max pooling is told of its windows: where they begin and end along an axis, and how to search one.
import { isShared, mostTaps, type PoolAxes, type PoolAxis } from "./poolAxis.ts";
import { reachOf } from "./window.ts";

/** The function `<name>_span(o)`, and the run-time values that it and the loop over positions read. */
export function spanOf(
  name: "row" | "column",
  axis: PoolAxis,
): { readonly code: string; readonly sizes: Readonly<Record<string, number>> } {
  const [input, output] = [`sizes.${name}s`, `sizes.out_${name}s`];
  const code = (...lines: readonly string[]) => `fn ${name}_span(o: u32) -> vec2u { ${lines.join(" ")} }`;
  if (isShared(axis)) {
    const ends = `vec2u(o * ${input} / ${output}, ((o + 1u) * ${input} + ${output} - 1u) / ${output})`;
    return { code: code(`return ${ends};`), sizes: { [`${name}_step`]: 1 } };
  }
  const sizes = { [`${name}_step`]: axis.dilation, [`${name}_stride`]: axis.stride, [`${name}_reach`]: reachOf(axis) };
  const first = `let first = o * sizes.${name}_stride;`;
  const isClipped = axis.before > 0 || (axis.output - 1) * axis.stride + reachOf(axis) > axis.input;
  if (!isClipped) return { code: code(first, `return vec2u(first, first + sizes.${name}_reach);`), sizes };
  const before = `sizes.${name}_before`;
  const step = `sizes.${name}_step`;
  const skipped = `max(first, ${before}) - first`; // padding in front of the input, then whole steps of it
  const begin =
    axis.dilation === 1 ? `max(first, ${before})` : `first + (${skipped} + ${step} - 1u) / ${step} * ${step}`;
  return {
    code: code(first, `return vec2u(${begin}, min(first + sizes.${name}_reach, ${before} + ${input})) - ${before};`),
    sizes: { ...sizes, [`${name}_before`]: axis.before },
  };
}

/** Elements of windows that are written out: loops cost software adapters more than such a window itself. */
const FEW = 9;

/** The function `search(image, rows, columns, channel)`. */
export function searchText({ rows, columns }: PoolAxes): string {
  const head = "fn search(image: u32, rows: vec2u, columns: vec2u, channel: u32) -> Largest";
  const isFew = mostTaps(rows) * mostTaps(columns) <= FEW;
  if (!isFew || !isDense(rows) || !isDense(columns))
    return `${head} { return search_in_loops(image, rows, columns, channel); }`;
  const lines = ["var found = Largest(-infinity(), rows.x * sizes.columns + columns.x);"];
  for (let h = 0; h < mostTaps(rows); h++) {
    lines.push(`let h${h} = ${tapText("rows", h)} * sizes.columns;`);
    for (let w = 0; w < mostTaps(columns); w++) {
      lines.push(`found = larger(found, image, h${h} + ${tapText("columns", w)}, channel);`);
    }
  }
  return `${head} {\n  ${lines.join("\n  ")}\n  return found;\n}`;
}

const isDense = (axis: PoolAxis): boolean => isShared(axis) || axis.dilation === 1;

/** Position `tap` of a span; where that is cut short, its last one again, which changes nothing. */
const tapText = (span: string, tap: number): string =>
  tap === 0 ? `${span}.x` : `min(${span}.x + ${tap}u, ${span}.y - 1u)`;
