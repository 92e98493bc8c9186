// What ops compute, in float64, that only fill, choose, convert and move elements.
import type { DType } from "../core/dtype.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Reference, Spec, Values } from "../graph/node.ts";
import { expandStrides } from "./broadcast.ts";
import { collect } from "./coordinates.ts";
import { gatherReference } from "./gatherReference.ts";
import type { RunAttrs } from "./section.ts";

const fill: Reference<{ readonly shape: Shape; readonly value: number }> = (_, { attrs: { shape, value } }) =>
  new Float64Array(sizeOf(shape)).fill(value);

const iota: Reference<{ readonly count: number }> = (_, { attrs: { count } }) =>
  Float64Array.from({ length: count }, (_, i) => i);

/** The same elements. */
const same: Reference = ([x]) => (x as Values).slice();

const expand: Reference<{ readonly shape: Shape }> = ([x], { inputs: [from], attrs: { shape } }) =>
  collect(x as Values, shape, 0, expandStrides((from as Spec).shape, shape));

const section: Reference<RunAttrs> = ([x], { attrs: { start, shape } }) =>
  (x as Values).slice(start, start + sizeOf(shape));

const place: Reference<RunAttrs> = ([x], { attrs: { start, shape } }) => {
  const y = new Float64Array(sizeOf(shape));
  y.set(x as Values, start);
  return y;
};

const sumParts: Reference = (values, { outputs }) =>
  values.map((value, i) => {
    const y = new Float64Array(sizeOf((outputs[i] as Spec).shape));
    value.forEach((x, at) => {
      y[at % y.length] = (y[at % y.length] as number) + x;
    });
    return y;
  });

const where: Reference = ([condition, a, b]) =>
  (a as Values).map((value, i) => (condition?.[i] ? value : (b?.[i] as number)));

const cast: Reference<{ readonly dtype: DType }> = ([x], { inputs: [from], attrs: { dtype } }) =>
  (x as Values).map((value) => castValue(value, (from as Spec).dtype, dtype));

/** Between integers the bits stay: what does not fit wraps round. */
function castValue(value: number, from: DType, dtype: DType): number {
  if (dtype === "bool") return Number(value !== 0);
  if (dtype === "f32" || from !== "f32") return value;
  if (Number.isNaN(value)) return 0;
  return dtype === "i32"
    ? Math.trunc(Math.min(2147483520, Math.max(-2147483648, value)))
    : Math.trunc(Math.min(4294967040, Math.max(0, value)));
}

/** By the names of the ops. */
export const layoutReferences = {
  fill,
  iota,
  copy: same,
  detach: same,
  reshape: same,
  expand,
  section,
  place,
  sumParts,
  where,
  cast,
  gather: gatherReference,
  pickRows: gatherReference,
};
