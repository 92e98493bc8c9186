// Cross-entropy of yes-or-no targets, element by element, from logits or from probabilities. Both are written out because composing them
// from simpler ops would lose digits, and would give NaN gradients where a probability is 0 or 1.

import type { Input, Node } from "../graph/node.ts";
import { sigmoid } from "./activation.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { maximum } from "./binary.ts";
import { floatLibrary, saturatingLibrary } from "./libraries.ts";
import { binary } from "./pointwise.ts";
import { log } from "./unary.ts";

const fromLogits = binary("sigmoidCrossEntropy", {
  cost: 50,
  uses: [floatLibrary, saturatingLibrary],
  wgsl: (x, t) => `(float_relu(${x}) - ${x} * ${t} + float_softplus(-abs(${x})))`,
  cpu: (x, t) => Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x))),
  grad: ({ x: [x, t], dy }) => [mul(dy, sub(sigmoid(x as Node), t as Node)), neg(mul(dy, x as Node))],
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

const LEAST_LOG = -100; // as PyTorch's binary_cross_entropy
const LEAST_VARIANCE = 1e-12;
const clampedLog = (x: Node) => maximum(log(x), LEAST_LOG);

const fromProbabilities = binary("binaryCrossEntropy", {
  cost: 50,
  uses: [floatLibrary],
  wgsl: (p, t) => `(-${t} * max(float_log(${p}), -100.0f) - (1.0f - ${t}) * max(float_log(1.0f - ${p}), -100.0f))`,
  cpu: (p, t) => -t * Math.max(Math.log(p), LEAST_LOG) - (1 - t) * Math.max(Math.log(1 - p), LEAST_LOG),
  grad: ({ x, dy }) => {
    const [p, t] = x as [Node, Node];
    const not = sub(1, p);
    return [
      div(mul(dy, sub(p, t)), maximum(mul(p, not), LEAST_VARIANCE)), // (p − t) / (p(1 − p))
      mul(dy, sub(clampedLog(not), clampedLog(p))),
    ];
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/**
 * −t·ln σ(x) − (1 − t)·ln(1 − σ(x)) for logits x and targets t in 0 … 1, stable for any x: max(x, 0) − x·t + ln(1 + e⁻|ˣ|).
 * `positiveWeight` multiplies the first term; it broadcasts.
 */
export function sigmoidCrossEntropy(logits: Node, target: Input, positiveWeight?: Input): Node {
  const plain = fromLogits(logits, target);
  if (positiveWeight === undefined) return plain;
  return add(plain, mul(mul(sub(positiveWeight, 1), target), fromLogits(logits, 1)));
}

/** −t·ln p − (1 − t)·ln(1 − p) for probabilities p, logarithms no less than −100 and the gradient's p(1 − p) no less than 1e-12, as PyTorch. */
export function binaryCrossEntropy(probabilities: Node, target: Input): Node {
  return fromProbabilities(probabilities, target);
}

export const binaryCrossEntropyOps = {
  sigmoidCrossEntropy: fromLogits,
  binaryCrossEntropy: fromProbabilities,
};
