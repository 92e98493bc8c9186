// What picking by index computes, in float64.
import type { ReferenceContext, Spec, Values } from "../graph/node.ts";
import { around, type GatherAttrs } from "./pickRows.ts";

/** Index `value` into an axis of `size`: negative ones count from the end; what is out of range stops at the ends. */
export function wrapped(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value < 0 ? value + size : value));
}

/** Row after row. */
export function gatherReference(
  [x, indices]: readonly Values[],
  { inputs: [from], attrs: { axis } }: ReferenceContext<GatherAttrs>,
): Values {
  const { outer, size, inner } = around(from as Spec, axis);
  const [values, rows] = [x as Values, indices as Values];
  const y = new Float64Array(outer * rows.length * inner);
  for (let o = 0; o < outer; o++) {
    rows.forEach((row, j) => {
      const start = (o * size + wrapped(row, size)) * inner;
      y.set(values.subarray(start, start + inner), (o * rows.length + j) * inner);
    });
  }
  return y;
}
