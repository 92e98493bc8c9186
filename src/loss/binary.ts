// Losses of yes-or-no targets, as functions of nodes. Definitions follow torch.nn.functional.
import type { Node } from "../graph/node.ts";
import { relu } from "../ops/activation.ts";
import { mul, sub } from "../ops/arithmetic.ts";
import {
  sigmoidCrossEntropy as entropyOfLogits,
  binaryCrossEntropy as entropyOfProbabilities,
} from "../ops/binaryCrossEntropy.ts";
import { type ReductionOptions, reduceLosses } from "./reduction.ts";
import { sameShapes } from "./regression.ts";

/** Options of `sigmoidCrossEntropy`. */
export interface SigmoidCrossEntropyOptions extends ReductionOptions {
  /** Weight of the positive targets, broadcast against the losses: above 1 it trades precision for recall. */
  readonly positiveWeight?: Node | number;
}

/** Losses of the elements, before any reduction. */
export const elementwise = {
  sigmoidCrossEntropy: (logits: Node, target: Node, positiveWeight?: Node | number) => {
    sameShapes("sigmoidCrossEntropy", logits, target);
    return entropyOfLogits(logits, target, positiveWeight);
  },
  binaryCrossEntropy: (probabilities: Node, target: Node) => {
    sameShapes("binaryCrossEntropy", probabilities, target);
    return entropyOfProbabilities(probabilities, target);
  },
  hinge: (prediction: Node, target: Node) => {
    sameShapes("hinge", prediction, target);
    return relu(sub(1, mul(prediction, target)));
  },
};

/** Cross-entropy between σ(logits) and targets in 0 … 1 (BCEWithLogitsLoss): stable for any logit. */
export function sigmoidCrossEntropy(logits: Node, target: Node, options: SigmoidCrossEntropyOptions = {}): Node {
  const losses = elementwise.sigmoidCrossEntropy(logits, target, options.positiveWeight);
  return reduceLosses("sigmoidCrossEntropy", losses, options);
}

/** Cross-entropy between probabilities and targets in 0 … 1 (BCELoss): logarithms are no less than −100. */
export function binaryCrossEntropy(probabilities: Node, target: Node, options: ReductionOptions = {}): Node {
  return reduceLosses("binaryCrossEntropy", elementwise.binaryCrossEntropy(probabilities, target), options);
}

/** max(0, 1 − p·t) for targets −1 and 1. */
export function hinge(prediction: Node, target: Node, options: ReductionOptions = {}): Node {
  return reduceLosses("hinge", elementwise.hinge(prediction, target), options);
}
