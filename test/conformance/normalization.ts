// Cases of normalisations. PyTorch and WebNN count channels along axis 1 unless told otherwise; Keras along the last.
import type { Node } from "../../src/graph/node.ts";
import { add, greater, mul } from "../../src/ops/arithmetic.ts";
import { permute } from "../../src/ops/arrange.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { fill } from "../../src/ops/constant.ts";
import { moments } from "../../src/ops/moments.ts";
import {
  batchNorm,
  batchNormTraining,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
} from "../../src/ops/normalization.ts";
import { normalize } from "../../src/ops/normalize.ts";
import { localResponseNorm } from "../../src/ops/suppression.ts";
import type { Call, GraphOf } from "./call.ts";

/** Applies `f` to x with its channels last, and brings them back to `axis`. */
function channelsLast(x: Node, axis: number, f: (x: Node) => Node): Node {
  const from = axis < 0 ? axis + x.shape.length : axis;
  const others = x.shape.map((_, each) => each).filter((each) => each !== from);
  const order = [...others, from];
  const back = order.map((_, each) => order.indexOf(each));
  return permute(f(permute(x, order)), back);
}

/** What the suites call scale, shift and epsilon. */
function affineOf(call: Call): { scale: Node | undefined; shift: Node | undefined; epsilon: number } {
  const firstOf = (...names: string[]) => names.map((name) => call.maybe(name)).find((node) => node !== undefined);
  return {
    scale: firstOf("weight", "scale", "weight:gamma", "weight:scale", "gamma"),
    shift: firstOf("bias", "offset", "weight:beta", "beta"),
    epsilon: call.anyOf(["eps", "epsilon"], 1e-5),
  };
}

const lastAxes = (count: number) => Array.from({ length: count }, (_, k) => k - count);

/** The batch's output, and what becomes of the running statistics: new = (1 − momentum)·old + momentum·batch, the variance unbiased. */
function torchBatchNorm(call: Call): Record<string, Node> {
  const { y, mean, unbiased } = batchNormTraining(call.x, { ...affineOf(call), axis: 1 });
  const momentum = call.attr("momentum", 0.1);
  const mixed = (old: Node, now: Node) => add(mul(old, 1 - momentum), mul(now, momentum));
  const [oldMean, oldVariance] = [call.maybe("running_mean"), call.maybe("running_var")];
  return {
    output: y,
    ...(oldMean && { new_running_mean: mixed(oldMean, mean) }),
    ...(oldVariance && { new_running_var: mixed(oldVariance, unbiased) }),
  };
}

/** Means and variances of the inputs `mean` and `variance`, the channels along `axis`. */
function givenStatistics(axis: number): GraphOf {
  return (call) =>
    batchNorm(call.x, {
      ...affineOf(call),
      mean: call.named("mean"),
      variance: call.named("variance"),
      axis: call.attr("axis", axis),
    });
}

/** WebNN's default axes are all but the first. */
function webnnLayerNorm(call: Call): Node {
  const axes = call.attr<readonly number[]>(
    "axes",
    call.x.shape.map((_, axis) => axis).filter((axis) => axis > 0),
  );
  return layerNorm(call.x, { ...affineOf(call), axes });
}

/** Keras' axes: a number or a list, the last one by default. */
function kerasAxes(call: Call): readonly number[] {
  return [call.attr<number | readonly number[]>("axis", -1)].flat();
}

/** Keras' batch norm in training; a mask is 0 where the first axes of x do not count. */
function kerasBatchNorm(call: Call): Node {
  const mask = call.maybe("call_mask");
  const axis = call.attr("axis", -1);
  return batchNormTraining(call.x, { ...affineOf(call), axis, mask: mask && greater(mask, 0) }).y;
}

function kerasLayerNorm(call: Call): Node {
  const axes = kerasAxes(call);
  const affine = affineOf(call);
  const epsilon = call.attr("epsilon", 1e-7);
  if (!call.attr("rms_scaling", false)) return layerNorm(call.x, { ...affine, epsilon, axes });
  const { variance } = moments(call.x, axes); // only the deviation is divided by
  return normalize(call.x, fill(variance.shape, 0), variance, { scale: affine.scale, epsilon });
}

function kerasRmsNorm(call: Call): Node {
  const { scale } = affineOf(call);
  return rmsNorm(call.x, { scale, epsilon: call.attr("epsilon", 1e-7), axes: kerasAxes(call) });
}

export const normalizations: Readonly<Record<string, GraphOf>> = {
  batch_norm_train: torchBatchNorm,
  batch_norm_eval: (call) =>
    batchNorm(call.x, {
      ...affineOf(call),
      mean: call.named("running_mean"),
      variance: call.named("running_var"),
      axis: 1,
    }),
  group_norm: (call) => channelsLast(call.x, 1, (x) => groupNorm(x, call.attr("groups", 1), affineOf(call))),
  instance_norm: (call) => channelsLast(call.x, 1, (x) => instanceNorm(x, affineOf(call))),
  layer_norm: (call) => {
    const axes = lastAxes(call.attr<readonly number[]>("normalizedShape", [1]).length);
    return layerNorm(call.x, { ...affineOf(call), axes });
  },
  rms_norm: (call) => {
    const { scale, epsilon } = affineOf(call);
    const axes = lastAxes(call.attr<readonly number[]>("normalizedShape", scale?.shape ?? [1]).length);
    return rmsNorm(call.x, { scale, epsilon, axes });
  },
  local_response_norm: (call) =>
    channelsLast(call.x, 1, (x) =>
      localResponseNorm(x, {
        size: call.attr("size", 5),
        alpha: call.attr("alpha", 1e-4),
        beta: call.attr("beta", 0.75),
        k: call.attr("k", 1),
      }),
    ),
  batch_normalization: givenStatistics(1),
  instance_normalization: (call) =>
    channelsLast(call.x, call.text("layout") === "nhwc" ? -1 : 1, (x) => instanceNorm(x, affineOf(call))),
  layer_normalization: webnnLayerNorm,
  // Keras: operations and layers
  op_batch_normalization: givenStatistics(-1),
  op_layer_normalization: kerasLayerNorm,
  op_rms_normalization: kerasRmsNorm,
  op_moments: (call) => {
    const axes = call.attr<readonly number[]>("axes", []);
    const { mean, variance } = moments(call.x, axes);
    const kept = call.attr("keepdims", false) ? mean.shape : call.x.shape.filter((_, axis) => !axes.includes(axis));
    const [wanted = "output[0]"] = call.results;
    return { [wanted]: reshape(wanted === "output[1]" ? variance : mean, kept) };
  },
  layer__batch_normalization: kerasBatchNorm,
  layer__layer_normalization: kerasLayerNorm,
  layer__group_normalization: (call) =>
    channelsLast(call.x, call.attr("axis", -1), (x) => groupNorm(x, call.attr("groups", 1), affineOf(call))),
  layer__r_m_s_normalization: kerasRmsNorm,
};
