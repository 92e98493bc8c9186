// Cases of losses. PyTorch puts classes on axis 1; ours are on the last.
import type { Node } from "../../src/graph/node.ts";
import { binaryCrossEntropy, hinge, sigmoidCrossEntropy } from "../../src/loss/binary.ts";
import { klDivergence, nll, softmaxCrossEntropy } from "../../src/loss/classification.ts";
import type { Reduction } from "../../src/loss/reduction.ts";
import { huber, mae, mse, smoothL1 } from "../../src/loss/regression.ts";
import { permute } from "../../src/ops/arrange.ts";
import type { Call, GraphOf } from "./call.ts";

const reductionOf = (call: Call): { reduction: Reduction } => ({ reduction: call.attr("reduction", "mean") });

function classesLast(x: Node): Node {
  const axes = x.shape.map((_, axis) => axis);
  return axes.length < 3 ? x : permute(x, [0, ...axes.slice(2), 1]);
}

const crossEntropy: GraphOf = (call) => {
  const weight = call.maybe("weight");
  const ignoreIndex = call.attr<number | undefined>("ignoreIndex", undefined);
  return softmaxCrossEntropy(classesLast(call.named("logits")), call.named("target"), {
    ...reductionOf(call),
    labelSmoothing: call.attr("labelSmoothing", 0),
    ...(weight ? { classWeights: weight } : {}),
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  });
};

const pair = (f: (prediction: Node, target: Node, options: { reduction: Reduction }) => Node): GraphOf => {
  return (call) => f(call.named("input"), call.named("target"), reductionOf(call));
};

export const losses: Readonly<Record<string, GraphOf>> = {
  cross_entropy: crossEntropy,
  cross_entropy_soft: crossEntropy,
  nll_loss: (call) => nll(classesLast(call.named("logp")), call.named("target"), reductionOf(call)),
  mse_loss: pair(mse),
  l1_loss: pair(mae),
  smooth_l1_loss: (call) =>
    smoothL1(call.named("input"), call.named("target"), { ...reductionOf(call), beta: call.attr("beta", 1) }),
  huber_loss: (call) =>
    huber(call.named("input"), call.named("target"), { ...reductionOf(call), delta: call.attr("delta", 1) }),
  bce_loss: pair(binaryCrossEntropy),
  bce_with_logits: (call) => {
    const positiveWeight = call.maybe("posWeight");
    return sigmoidCrossEntropy(call.named("input"), call.named("target"), {
      ...reductionOf(call),
      ...(positiveWeight ? { positiveWeight } : {}),
    });
  },
  hinge_loss: pair(hinge),
  kl_div: (call) =>
    klDivergence(call.named("input"), call.named("target"), {
      ...reductionOf(call),
      logTarget: call.attr("logTarget", false),
    }),
};
