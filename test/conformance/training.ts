// Cases of whole training runs: the models that the generator trained, with its weights [out, in] and its learning rates.
import type { Answer } from "../../src/cli/judge.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { sigmoidCrossEntropy } from "../../src/loss/binary.ts";
import { softmaxCrossEntropy } from "../../src/loss/classification.ts";
import { mse } from "../../src/loss/regression.ts";
import { elu, relu, sigmoid, tanh } from "../../src/ops/activation.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { conv2d } from "../../src/ops/conv.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { maxPool2d } from "../../src/ops/maxPool.ts";
import { batchNormTraining } from "../../src/ops/normalization.ts";
import { mean } from "../../src/ops/reduce.ts";
import { adam, adamax, adamW } from "../../src/optim/adam.ts";
import { adadelta, adagrad, rmsprop } from "../../src/optim/adaptive.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Call, Whole } from "./call.ts";
import { arranged } from "./convolution.ts";
import { descend } from "./descent.ts";

const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => sgd(0.1),
  momentum: () => sgd(0.05, { momentum: 0.9 }),
  nesterov: () => sgd(0.05, { momentum: 0.9, nesterov: true }),
  adam: () => adam(0.02),
  adamw: () => adamW(0.02, { weightDecay: 0.05 }),
  rmsprop: () => rmsprop(0.005),
  adagrad: () => adagrad(0.1),
  adadelta: () => adadelta(1),
  adamax: () => adamax(0.02),
};
const XOR_OPTIMIZERS: typeof OPTIMIZERS = { sgd: () => sgd(0.5), adam: () => adam(0.05) };
const ACTIVATIONS: Readonly<Record<string, (x: Node) => Node>> = { tanh, relu, sigmoid };

type Parameters = Readonly<Record<string, Node>>;
type LossOf = (p: Parameters, x: Node, y: Node) => Node;

const dense = (x: Node, p: Parameters, layer: number): Node =>
  add(matmul(x, p[`w${layer}`] as Node, { transposeB: true }), p[`b${layer}`] as Node);

function training(table: typeof OPTIMIZERS, lossOf: (call: Call) => LossOf): Whole {
  return async (call) => {
    const make = table[call.text("optimizer")];
    if (!make) throw new Error(`unknown optimizer ${call.text("optimizer")}`);
    const names = Object.keys(call.test.inputs).flatMap((name) => /^param:(.*)/.exec(name)?.[1] ?? []);
    const start = names.map((name) => ({
      shape: call.named(`param:${name}`).shape,
      values: call.values(`param:${name}`),
    }));
    const loss = (views: readonly Node[]) => {
      const parameters = Object.fromEntries(names.map((name, i) => [name, views[i] as Node]));
      return lossOf(call)(parameters, call.named("data:x"), call.named("data:y"));
    };
    const steps = call.attr("steps", 0);
    const run = await descend(make(), start, steps, { loss }, call.leaves);
    const byName = (prefix: string, values: readonly Values[]): [string, Answer][] =>
      names.map((name, i) => [`${prefix}:${name}`, { shape: start[i]?.shape ?? [], data: values[i] as Values }]);
    return {
      outputs: {
        losses: { shape: [steps + 1], data: [...run.losses, run.finalLoss as number] },
        ...Object.fromEntries(byName("first_grad", run.firstGradients)),
        ...Object.fromEntries(byName("final", run.parameters.at(-1) ?? [])),
      },
    };
  };
}

const TORCH_IMAGE = "nchw";
const TORCH_FILTER = "oihw";

/** Two blocks of convolution, relu and max pool, then a dense layer; flattened channels first. */
const convolved: LossOf = (p, x, y) => {
  const block = (image: Node, w: Node, bias: Node) =>
    maxPool2d(relu(conv2d(image, arranged(w, TORCH_FILTER, "hwio"), { bias, padding: 1 })), { size: 2 });
  const first = block(arranged(x, TORCH_IMAGE, "nhwc"), p["c1"] as Node, p["cb1"] as Node);
  const second = arranged(block(first, p["c2"] as Node, p["cb2"] as Node), "nhwc", TORCH_IMAGE);
  const flat = reshape(second, [second.shape[0] as number, -1]);
  return softmaxCrossEntropy(add(matmul(flat, p["w"] as Node, { transposeB: true }), p["b"] as Node), y);
};

/** A convolution of every second pixel, batch norm by the batch, elu, the mean of all pixels, a dense layer. */
const normalized: LossOf = (p, x, y) => {
  const image = arranged(x, TORCH_IMAGE, "nhwc");
  const z = conv2d(image, arranged(p["c1"] as Node, TORCH_FILTER, "hwio"), { stride: 2, padding: 1 });
  const h = elu(batchNormTraining(z, { scale: p["g"], shift: p["be"] }).y);
  const flat = mean(h, [1, 2]);
  return softmaxCrossEntropy(add(matmul(flat, p["w"] as Node, { transposeB: true }), p["b"] as Node), y);
};

export const trainings: Readonly<Record<string, Whole>> = {
  train_mlp_regression: training(OPTIMIZERS, (call) => {
    const act = ACTIVATIONS[call.text("act")] as (x: Node) => Node;
    return (p, x, y) => mse(dense(act(dense(act(dense(x, p, 1)), p, 2)), p, 3), y);
  }),
  train_mlp_classifier: training(
    OPTIMIZERS,
    () => (p, x, y) => softmaxCrossEntropy(dense(relu(dense(x, p, 1)), p, 2), y),
  ),
  train_cnn: training(OPTIMIZERS, () => convolved),
  train_cnn_batchnorm: training(OPTIMIZERS, () => normalized),
  train_xor: training(XOR_OPTIMIZERS, () => (p, x, y) => sigmoidCrossEntropy(dense(tanh(dense(x, p, 1)), p, 2), y)),
};
