// Pools of images [N, H, W, C] as a whole: their shapes, which elements their windows cover, and sums over both axes as WGSL.
import type { PointwiseContext } from "../graph/form.ts";
import type { Spec } from "../graph/node.ts";
import { coverage, type PoolAxes } from "./poolAxis.ts";

/** Calls `visit(window, element)`, linear indices, for each element that each window of images covers; row-major within a window. */
export function forEachCovered(
  { shape }: Spec,
  { rows, columns }: PoolAxes,
  visit: (window: number, element: number, position: number) => void,
): void {
  const [images, , , channels] = shape as [number, number, number, number];
  const [down, across] = [coverage(rows), coverage(columns)];
  for (let n = 0; n < images; n++) {
    for (const [row, h] of down) {
      for (const [column, w] of across) {
        const window = ((n * rows.output + row) * columns.output + column) * channels;
        const element = ((n * rows.input + h) * columns.input + w) * channels;
        for (let c = 0; c < channels; c++) visit(window + c, element + c, h * columns.input + w);
      }
    }
  }
}

/** Shape of the pooled images. */
export function pooledShape({ shape }: Spec, { rows, columns }: PoolAxes): number[] {
  return [shape[0] as number, rows.output, columns.output, shape[3] as number];
}

/** Shape of the images that pooled ones come from. */
export function unpooledShape({ shape }: Spec, { rows, columns }: PoolAxes): number[] {
  return [shape[0] as number, rows.input, columns.input, shape[3] as number];
}

/** Σ of `term(a, b)` over a below `most` and b below `others`; the term itself where there is one. */
export function overPairs(
  most: number,
  others: number,
  { accumulate, local }: Pick<PointwiseContext<unknown>, "accumulate" | "local">,
  term: (a: string, b: string) => string,
): string {
  if (most * others === 1) return term("0u", "0u");
  return accumulate("f32", "0.0", most * others, (k) => {
    if (others === 1) return term(k, "0u");
    if (most === 1) return term("0u", k);
    return term(local("u32", `${k} / ${others}u`), local("u32", `${k} % ${others}u`));
  });
}
