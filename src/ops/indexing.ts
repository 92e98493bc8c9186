// Index arithmetic shared by layout ops and reductions: linear index ↔ coordinates, as WGSL; `coordinates.ts` has it as numbers.
import type { Shape } from "../core/shape.ts";

/** One axis of an index map: how many positions it has, and how far one of them moves in the source. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** Drops axes of size 1 and joins neighbours that step together, so that the index arithmetic is as short as it can be. */
export function mergeAxes(axes: readonly Axis[]): Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const last = merged.at(-1);
    if (last && last.stride === axis.stride * axis.size)
      merged[merged.length - 1] = { size: last.size * axis.size, stride: axis.stride };
    else merged.push(axis);
  }
  return merged;
}

/** WGSL for Σ coordinateₖ · strideₖ, the coordinates being those of linear index `index` over `axes` (last fastest). */
export function mapIndex(axes: readonly Axis[], index: string): string {
  const merged = mergeAxes(axes);
  if (merged.length === 0) return "0u";
  const terms: string[] = [];
  let below = 1;
  for (let k = merged.length - 1; k >= 0; k--) {
    const { size, stride } = merged[k] as Axis;
    const shifted = below === 1 ? index : `${index} / ${below}u`;
    const coordinate = k === 0 ? shifted : `(${shifted}) % ${size}u`;
    if (stride === 1) terms.unshift(k === 0 && below === 1 ? index : `(${coordinate})`);
    else if (stride !== 0) terms.unshift(`(${coordinate}) * ${stride}u`);
    below *= size;
  }
  return terms.length === 0 ? "0u" : `(${terms.join(" + ")})`;
}

/** WGSL for coordinate `axis` of linear index `index` in `shape`. */
export function coordinate(shape: Shape, axis: number, index: string): string {
  const below = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const shifted = below === 1 ? index : `(${index} / ${below}u)`;
  return axis === 0 ? shifted : `(${shifted} % ${shape[axis]}u)`;
}

/** All conditions at once as WGSL, without the branches of &&, of which software adapters compile many for minutes. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] as string) : conditions.map((each) => `(${each})`).join(" & ");
}
