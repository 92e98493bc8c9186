// Losses as values, for trainers.
import { sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { mul } from "../ops/arithmetic.ts";
import type { CrossEntropyOptions } from "../ops/crossEntropy.ts";
import { elementwise as binary, type SigmoidCrossEntropyOptions } from "./binary.ts";
import {
  crossEntropyRows,
  type KlDivergenceOptions,
  klElements,
  type NllOptions,
  nllRows,
  type RowLosses,
} from "./classification.ts";
import type { Loss } from "./loss.ts";
import { meanOfSamples, type ReductionOptions } from "./reduction.ts";
import { elementwise as regression } from "./regression.ts";

type OwnOptions<T extends ReductionOptions> = Omit<T, keyof ReductionOptions>;

function ofValues(name: string, each: (prediction: Node, target: Node) => Node): Loss {
  return {
    name,
    target: "values",
    perSample: (prediction, target) => ({ loss: meanOfSamples(each(prediction, target)) }),
  };
}

function ofRows(name: string, target: Loss["target"], rows: (prediction: Node, target: Node) => RowLosses): Loss {
  return {
    name,
    target,
    perSample: (prediction, labels) => {
      const { loss, weight, correct } = rows(prediction, labels);
      return {
        loss: meanOfSamples(loss),
        ...(weight ? { weight: meanOfSamples(weight) } : {}),
        ...(correct ? { metrics: { accuracy: meanOfSamples(correct) } } : {}),
      };
    },
  };
}

/** Softmax cross-entropy: logits [B, … , C] against class indices, or against probabilities with `target: "probabilities"`. */
export function softmaxCrossEntropy(
  options: CrossEntropyOptions & { readonly target?: "classes" | "probabilities" } = {},
): Loss {
  const { target = "classes", ...own } = options;
  return ofRows("softmaxCrossEntropy", target, (logits, labels) => crossEntropyRows(logits, labels, own));
}

/** Negative log-likelihood of class indices under log-probabilities [B, … , C]. */
export function nll(options: OwnOptions<NllOptions> = {}): Loss {
  return ofRows("nll", "classes", (prediction, target) => nllRows(prediction, target, options));
}

/** Cross-entropy between σ(prediction) and targets in 0 … 1. */
export function sigmoidCrossEntropy(options: OwnOptions<SigmoidCrossEntropyOptions> = {}): Loss {
  return ofValues("sigmoidCrossEntropy", (prediction, target) =>
    binary.sigmoidCrossEntropy(prediction, target, options.positiveWeight),
  );
}

/** Cross-entropy between probabilities and targets in 0 … 1. */
export function binaryCrossEntropy(): Loss {
  return ofValues("binaryCrossEntropy", binary.binaryCrossEntropy);
}

/** Mean squared error. */
export function mse(): Loss {
  return ofValues("mse", regression.mse);
}

/** Mean absolute error. */
export function mae(): Loss {
  return ofValues("mae", regression.mae);
}

/** Huber's loss; the parabola ends at `delta` (1). */
export function huber({ delta = 1 }: { readonly delta?: number } = {}): Loss {
  return ofValues("huber", (prediction, target) => regression.huber(prediction, target, delta));
}

/** Smooth L1; the parabola ends at `beta` (1). */
export function smoothL1({ beta = 1 }: { readonly beta?: number } = {}): Loss {
  return ofValues("smoothL1", (prediction, target) => regression.smoothL1(prediction, target, beta));
}

/** Hinge loss for targets −1 and 1. */
export function hinge(): Loss {
  return ofValues("hinge", binary.hinge);
}

/** Divergence of target distributions from log-probabilities, averaged over elements or ("batchMean") added up in each sample. */
export function klDivergence(
  options: Pick<KlDivergenceOptions, "logTarget"> & { readonly reduction?: "mean" | "batchMean" } = {},
): Loss {
  const { logTarget = false, reduction = "mean" } = options;
  return {
    name: "klDivergence",
    target: "probabilities",
    perSample: (prediction, target) => {
      const loss = meanOfSamples(klElements(prediction, target, logTarget));
      return { loss: reduction === "mean" ? loss : mul(loss, sizeOf(prediction.shape.slice(1))) };
    },
  };
}
