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

/** Image, row, column and channel of element `index` as WGSL, one division for each axis. */
export function coordinates(
  { shape }: Spec,
  index: string,
  local: (type: string, expression: string) => string,
): [n: string, h: string, w: string, c: string] {
  const [, height, width, channels] = shape as [number, number, number, number];
  const at = /^\d/.test(index) ? local("u32", `(${index})`) : index; // WGSL refuses constants that wrap round, as these may further on
  const pixel = channels === 1 ? at : local("u32", `${at} / ${channels}u`);
  const row = width === 1 ? pixel : local("u32", `${pixel} / ${width}u`);
  const image = height === 1 ? row : local("u32", `${row} / ${height}u`);
  const [h, w, c] = [`${row} % ${height}u`, `${pixel} % ${width}u`, `${at} % ${channels}u`];
  return [image, local("u32", h), local("u32", w), local("u32", c)];
}
