// What `crossEntropy.wgsl` computes, in float64.
import type { ReferenceContext, Spec, Values } from "../graph/node.ts";
import type { CrossEntropyAttrs } from "./crossEntropy.ts";

/** One row at a time, in the order of the formula. */
export function crossEntropyReference(
  [logits, labels, weights]: readonly Values[],
  context: ReferenceContext<CrossEntropyAttrs>,
): Values[] {
  const [rows, classes] = (context.inputs[0] as Spec).shape as [number, number];
  const isProbabilities = context.inputs[1]?.dtype === "f32";
  const { labelSmoothing, ignoreIndex } = context.attrs;
  const loss = new Float64Array(rows);
  const dlogits = new Float64Array(rows * classes);
  const correct = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = (logits as Values).subarray(row * classes, (row + 1) * classes);
    const given = isProbabilities
      ? (labels as Values).subarray(row * classes, (row + 1) * classes)
      : x.map((_, c) => Number(c === (labels as Values)[row]));
    const label = isProbabilities ? largestAt(given) : ((labels as Values)[row] as number);
    if (!isProbabilities && label === ignoreIndex) continue;
    const largest = x[largestAt(x)] as number;
    const total = x.reduce((so, value) => so + Math.exp(value - largest), 0);
    const share = given.map((p, c) => (weights?.[c] as number) * ((1 - labelSmoothing) * p + labelSmoothing / classes));
    const shares = share.reduce((so, q) => so + q, 0);
    const weighted = share.reduce((so, q, c) => (q === 0 ? so : so + q * ((x[c] as number) - largest)), 0);
    const isClass = label >= 0 && label < classes;
    loss[row] = isClass ? shares * Math.log(total) - weighted : Number.NaN;
    dlogits.set(
      share.map((q, c) => (Math.exp((x[c] as number) - largest) / total) * shares - q),
      row * classes,
    );
    correct[row] = Number(largestAt(x) === label);
  }
  return [loss, dlogits, correct];
}

/** Where the largest element is; the first of equals. */
function largestAt(values: Values): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[at] as number)) at = i;
  return at;
}
