// Metrics that a training step works out on the device, a number for each sample; a trainer averages them over the samples that count.
import { OptionError } from "../core/error.ts";
import type { Node } from "../graph/node.ts";
import { crossEntropyRows } from "../loss/classification.ts";
import { meanOfSamples } from "../loss/reduction.ts";
import { elementwise } from "../loss/regression.ts";
import { cast, equal, greater, less, where } from "../ops/arithmetic.ts";
import { reshape, sum } from "../ops/broadcast.ts";
import { iota } from "../ops/constant.ts";

/** A metric as a trainer takes it: a number for each sample, whose mean is reported. */
export interface Metric {
  readonly name: string;
  /** [B] */
  readonly perSample: (prediction: Node, target: Node) => Node;
}

/** 1 where the largest of the logits or probabilities [B, … , C] is the target's class; of indices or probabilities. Free beside `softmaxCrossEntropy`. */
export function accuracy(): Metric {
  return {
    name: "accuracy",
    perSample: (prediction, target) => meanOfSamples(crossEntropyRows(prediction, target, {}).correct as Node),
  };
}

/** 1 where fewer than `k` classes score above the target's. */
export function topKAccuracy(k = 5): Metric {
  if (!(Number.isInteger(k) && k > 0))
    throw new OptionError(`topKAccuracy: k must be a whole number above 0: got ${k}`);
  return {
    name: `top${k}Accuracy`,
    perSample: (prediction, target) => {
      const labels = reshape(cast(target, "i32"), [...target.shape, 1]);
      const isLabel = equal(iota(prediction.shape.at(-1) ?? 0, "i32"), labels);
      const score = sum(where(isLabel, prediction, 0), -1, { keepDims: true });
      const above = sum(cast(greater(prediction, score), "f32"), -1);
      return meanOfSamples(cast(less(above, k), "f32"));
    },
  };
}

/** The share of elements on the same side of `threshold` (0.5; 0 for logits) as their 0/1 target. */
export function binaryAccuracy(threshold = 0.5): Metric {
  return {
    name: "accuracy",
    perSample: (prediction, target) =>
      meanOfSamples(cast(equal(greater(prediction, threshold), greater(target, 0.5)), "f32")),
  };
}

/** Mean squared error. */
export function meanSquaredError(): Metric {
  return { name: "mse", perSample: (prediction, target) => meanOfSamples(elementwise.mse(prediction, target)) };
}

/** Mean absolute error. */
export function meanAbsoluteError(): Metric {
  return { name: "mae", perSample: (prediction, target) => meanOfSamples(elementwise.mae(prediction, target)) };
}
