// Reductions and rows: sums along either axis, softmax, the loss of a classifier with its gradient.
import { output } from "../../src/graph/define.ts";
import type { Node } from "../../src/graph/node.ts";
import { softmaxCrossEntropy } from "../../src/loss/classification.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { cumsum } from "../../src/ops/cumulative.ts";
import { softmax } from "../../src/ops/softmax.ts";
import { type KernelCase, kernel } from "./kernel.ts";

const MILLION = [1024, 1024] as const;
const ROWS = [8192, 128] as const;

/** A classifier's loss of each row with the gradient of their sum: softmax + cross-entropy, forward and backward. */
function crossEntropy(rows: number, classes: number): KernelCase {
  const made = kernel(
    `softmax-cross-entropy-${rows}x${classes}`,
    [[rows, classes], { shape: [rows], dtype: "i32", values: [0, classes] }],
    (logits, target) => {
      const loss = softmaxCrossEntropy(logits as Node, target as Node, { reduction: "none" });
      return [loss, output(loss, 1)];
    },
  );
  return { ...made, peers: { kind: "crossEntropy" } };
}

/** A million logits each. */
export const CROSS_ENTROPIES = [crossEntropy(...ROWS), crossEntropy(...MILLION)];

export const ROW_CASES: readonly KernelCase[] = [
  kernel("sum-rows", [MILLION], (x) => sum(x as Node, 1)),
  kernel("sum-columns", [MILLION], (x) => sum(x as Node, 0)),
  kernel("sum-all", [MILLION], (x) => sum(x as Node)),
  kernel("cumsum-rows", [MILLION], (x) => cumsum(x as Node, 1)),
  { ...kernel("softmax-8192x128", [ROWS], (x) => softmax(x as Node)), peers: { kind: "softmax" } },
  ...CROSS_ENTROPIES,
];
