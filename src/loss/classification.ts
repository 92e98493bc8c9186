// Losses of distributions over classes (the last axis), as functions of nodes. Definitions follow torch.nn.functional.
import { OptionError, ShapeError } from "../core/error.ts";
import { sameShape, showShape, sizeOf } from "../core/shape.ts";
import { output } from "../graph/define.ts";
import type { Node } from "../graph/node.ts";
import { cast, equal, greater, mul, neg, notEqual, sub, where } from "../ops/arithmetic.ts";
import { reshape, sum } from "../ops/broadcast.ts";
import { iota } from "../ops/constant.ts";
import { type CrossEntropyOptions, softmaxCrossEntropy as entropyOfRows } from "../ops/crossEntropy.ts";
import { exp, log } from "../ops/unary.ts";
import { type ReductionOptions, reduceLosses } from "./reduction.ts";
import { sameShapes } from "./regression.ts";

/** Losses of rows, what a mean divides them by where that is not 1 each, and which rows are right. */
export interface RowLosses {
  readonly loss: Node;
  readonly weight?: Node;
  readonly correct?: Node;
}

/** Softmax cross-entropy of logits [… , C] against class indices […] or probabilities [… , C], for each row. */
export function crossEntropyRows(logits: Node, target: Node, options: CrossEntropyOptions): RowLosses {
  const lead = logits.shape.slice(0, -1);
  const rows = [sizeOf(lead), logits.shape.at(-1) ?? 0];
  const isProbabilities = target.dtype === "f32";
  if (logits.shape.length === 0 || !sameShape(target.shape, isProbabilities ? logits.shape : lead)) {
    throw new ShapeError(
      `softmaxCrossEntropy: logits [… , classes] need class indices […] or probabilities [… , classes]: logits ${showShape(logits.shape)}, target ${target.dtype} ${showShape(target.shape)}`,
    );
  }
  const losses = entropyOfRows(
    reshape(logits, rows),
    reshape(target, isProbabilities ? rows : rows.slice(0, 1)),
    options,
  );
  const weight = isProbabilities ? undefined : labelWeights(target, logits, options);
  return { loss: reshape(losses, lead), correct: reshape(output(losses, 2), lead), ...(weight ? { weight } : {}) };
}

/** w[t] for each label t, 0 for ignored ones; undefined where all of them are 1. */
function labelWeights(
  labels: Node,
  scores: Node,
  { classWeights, ignoreIndex }: Pick<CrossEntropyOptions, "classWeights" | "ignoreIndex">,
): Node | undefined {
  const counts = ignoreIndex === undefined ? undefined : cast(notEqual(cast(labels, "i32"), ignoreIndex), "f32");
  if (!classWeights) return counts;
  const weight = pick(classWeights, labels, scores);
  return counts ? mul(counts, weight) : weight;
}

/** Element `labels` of each row of `values` (rows like those of `scores`), 0 where the label is no class. */
function pick(values: Node, labels: Node, scores: Node): Node {
  const isLabel = equal(reshape(cast(labels, "i32"), [...labels.shape, 1]), iota(scores.shape.at(-1) ?? 0, "i32"));
  return sum(where(isLabel, values, 0), -1);
}

/** Options of `softmaxCrossEntropy`. */
export interface SoftmaxCrossEntropyOptions extends ReductionOptions, CrossEntropyOptions {}

/**
 * Cross-entropy between softmax(logits) and a target: logits [… , C]; target class indices […] (i32 or u32) or probabilities [… , C].
 * With class weights and class indices the mean divides by the sum of the targets' weights; ignored rows are left out of it.
 */
export function softmaxCrossEntropy(logits: Node, target: Node, options: SoftmaxCrossEntropyOptions = {}): Node {
  const { loss, weight } = crossEntropyRows(logits, target, options);
  return reduceLosses("softmaxCrossEntropy", loss, options, weight);
}

/** Options of `nll`. */
export interface NllOptions extends ReductionOptions, Omit<CrossEntropyOptions, "labelSmoothing"> {}

/** −w[t]·logp[t] for each row of log-probabilities [… , C] and class indices t […]. */
export function nllRows(logProbabilities: Node, target: Node, options: NllOptions = {}): RowLosses {
  const lead = logProbabilities.shape.slice(0, -1);
  if (logProbabilities.shape.length === 0 || target.dtype === "f32" || !sameShape(target.shape, lead)) {
    throw new ShapeError(
      `nll: log-probabilities [… , classes] need class indices […]: ${showShape(logProbabilities.shape)}, target ${target.dtype} ${showShape(target.shape)}`,
    );
  }
  const weight = labelWeights(target, logProbabilities, options);
  const plain = neg(pick(logProbabilities, target, logProbabilities));
  return weight ? { loss: mul(plain, weight), weight } : { loss: plain };
}

/** Negative log-likelihood of the target classes under log-probabilities [… , C]. Means follow `softmaxCrossEntropy`. */
export function nll(logProbabilities: Node, target: Node, options: NllOptions = {}): Node {
  const { loss, weight } = nllRows(logProbabilities, target, options);
  return reduceLosses("nll", loss, options, weight);
}

/** Options of `klDivergence`. */
export interface KlDivergenceOptions extends Omit<ReductionOptions, "reduction"> {
  /** As elsewhere; "batchMean" divides the sum by the length of the first axis, which is the divergence by definition. "mean" */
  readonly reduction?: "mean" | "sum" | "none" | "batchMean";
  /** The target holds logarithms. false */
  readonly logTarget?: boolean;
}

/** t·(ln t − x) for each element; 0 where t = 0. */
export function klElements(logProbabilities: Node, target: Node, logTarget = false): Node {
  sameShapes("klDivergence", logProbabilities, target);
  if (logTarget) return mul(exp(target), sub(target, logProbabilities));
  const isPositive = greater(target, 0);
  return where(isPositive, mul(target, sub(log(where(isPositive, target, 1)), logProbabilities)), 0);
}

/** Kullback–Leibler divergence of a target distribution from log-probabilities: Σ t·(ln t − x). */
export function klDivergence(logProbabilities: Node, target: Node, options: KlDivergenceOptions = {}): Node {
  const { reduction = "mean", logTarget, ...rest } = options;
  const each = klElements(logProbabilities, target, logTarget);
  if (reduction !== "batchMean") return reduceLosses("klDivergence", each, { ...rest, reduction });
  if (each.shape.length === 0)
    throw new OptionError('klDivergence: reduction "batchMean" needs a batch axis: got shape []');
  const axes = each.shape.map((_, axis) => axis).slice(1);
  return reduceLosses("klDivergence", sum(each, axes), { ...rest, reduction: "mean" });
}
