// What the kernel of max pooling is told of an axis: the first position of a window, the end of its positions, and their distance.
import { isShared, type PoolAxis } from "./poolAxis.ts";
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
