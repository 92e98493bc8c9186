// What the ops of the step loop compute, in float64.
import type { Reference, ReferenceContext, Spec, Values } from "../graph/node.ts";
import { layoutOf, type RecordAttrs } from "./state.ts";

const pack: Reference = (values, { inputs }) => {
  const { offsets, total } = layoutOf(inputs);
  const y = new Float64Array(total);
  values.forEach((value, i) => {
    y.set(value, offsets[i]);
  });
  return y;
};

const finiteCheck: Reference = ([flag, ...values]) =>
  Float64Array.of(flag?.[0] || values.some((value) => !value.every(Number.isFinite)) ? 1 : 0);

const recordSome = (
  [ring, counter, ...values]: readonly Values[],
  { inputs: [from], attrs: { first } }: ReferenceContext<RecordAttrs>,
): Values => {
  const [rows, columns] = (from as Spec).shape as [number, number];
  const at = counter?.[0] as number;
  const next = (ring as Values).slice();
  values.forEach((value, i) => {
    next[(at % rows) * columns + first + i] = value.reduce((total, x) => total + x, 0);
  });
  return next;
};

const record: Reference<RecordAttrs> = (inputs, context) => [
  recordSome(inputs, context),
  Float64Array.of((inputs[1]?.[0] as number) + 1),
];

/** By the names of the ops. */
export const stateReferences = { pack, finiteCheck, record, recordSome };
