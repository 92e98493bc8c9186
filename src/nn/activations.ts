// Activations as layers: the elementwise ops by their names, softmax over the last axis, and prelu, which learns its slope.
import { ShapeError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import * as basic from "../ops/activation.ts";
import * as gated from "../ops/gated.ts";
import { logSoftmax as logSoftmaxOp, softmax as softmaxOp } from "../ops/softmax.ts";
import { constant } from "./initializers.ts";
import { draw, type Layer, stateless } from "./layer.ts";

/** max(x, 0). */
export const relu = (): Layer => stateless("relu", (x) => basic.relu(x));
/** min(max(x, 0), 6). */
export const relu6 = (): Layer => stateless("relu6", (x) => basic.relu6(x));
/** x where x > 0, else alpha·x (0.01). */
export const leakyRelu = (alpha = 0.01): Layer => stateless("leakyRelu", (x) => basic.leakyRelu(x, { alpha }));
/** x where x > 0, else alpha·(eˣ − 1) (1). */
export const elu = (alpha = 1): Layer => stateless("elu", (x) => basic.elu(x, { alpha }));
/** elu scaled so that means and variances settle at 0 and 1. Klambauer et al., NeurIPS 2017. */
export const selu = (): Layer => stateless("selu", (x) => basic.selu(x));
/** x where x > 0, else alpha·(e^(x/alpha) − 1) (1). */
export const celu = (alpha = 1): Layer => stateless("celu", (x) => basic.celu(x, { alpha }));
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = (): Layer => stateless("sigmoid", (x) => basic.sigmoid(x));
/** ln sigmoid(x). */
export const logSigmoid = (): Layer => stateless("logSigmoid", (x) => basic.logSigmoid(x));
/** tanh x. */
export const tanh = (): Layer => stateless("tanh", (x) => basic.tanh(x));
/** ln(1 + e^(beta·x)) / beta (1). */
export const softplus = (beta = 1): Layer => stateless("softplus", (x) => basic.softplus(x, { beta }));
/** x / (1 + |x|). */
export const softsign = (): Layer => stateless("softsign", (x) => basic.softsign(x));
/** x·Φ(x): exact ("none"), or by the tanh formula. */
export const gelu = (approximate: "none" | "tanh" = "none"): Layer =>
  stateless("gelu", (x) => gated.gelu(x, { approximate }));
/** x·sigmoid(x), also called swish. */
export const silu = (): Layer => stateless("silu", (x) => gated.silu(x));
/** x·tanh(softplus(x)). */
export const mish = (): Layer => stateless("mish", (x) => gated.mish(x));
/** min(max(x/6 + 1/2, 0), 1). */
export const hardSigmoid = (): Layer => stateless("hardSigmoid", (x) => gated.hardSigmoid(x));
/** x·min(max(x + 3, 0), 6) / 6. */
export const hardSwish = (): Layer => stateless("hardSwish", (x) => gated.hardSwish(x));
/** min(max(x, min), max) (−1 and 1). */
export const hardTanh = (min = -1, max = 1): Layer => stateless("hardTanh", (x) => gated.hardTanh(x, { min, max }));
/** e^xᵢ / Σⱼ e^xⱼ over the last axis. Losses with "softmax" in their name want logits instead: leave this out before them. */
export const softmax = (): Layer => stateless("softmax", (x) => softmaxOp(x), lastAxis("softmax"));
/** ln softmax over the last axis; what `loss.nll` takes. */
export const logSoftmax = (): Layer => stateless("logSoftmax", (x) => logSoftmaxOp(x), lastAxis("logSoftmax"));

/**
 * x where x > 0, else slope·x with a slope that is learnt: one for all, or one for each channel (the last axis). He et al., ICCV 2015.
 * @example
 * nn.serial(nn.linear(32), nn.prelu({ perChannel: true }), nn.linear(1)); // parameter 1.slope [32]
 */
export function prelu(options: { readonly perChannel?: boolean; readonly slope?: number } = {}): Layer {
  const { perChannel = false, slope = 0.25 } = options;
  return {
    name: "prelu",
    init: (input, context) => {
      const shape = perChannel ? lastAxis("prelu")(input).slice(-1) : [];
      return { params: { slope: draw(constant(slope), shape, context) }, output: input };
    },
    apply: (params, x) => basic.prelu(x, params.slope as Node),
  };
}

/** The shape itself, for layers that need an axis to work on. */
function lastAxis(call: string): (input: Shape) => Shape {
  return (input) => {
    if (input.length === 0)
      throw new ShapeError(`${call}: an example has no axis to work on: ${showShape(input)}`, { input });
    return input;
  };
}
