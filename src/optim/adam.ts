// Adam and its kin with decoupled weight decay and an infinity norm. Follow torch.optim.Adam, AdamW and Adamax.
// Kingma, Ba, "Adam: a method for stochastic optimization", 2015; Loshchilov, Hutter, "Decoupled weight decay regularization", 2019.
import type { Node } from "../graph/node.ts";
import { add, div, less, mul, sub, where } from "../ops/arithmetic.ts";
import { maximum } from "../ops/binary.ts";
import { abs, sqrt } from "../ops/unary.ts";
import {
  BETAS,
  type CommonOptions,
  effectiveGradient,
  FLAG,
  type LearningRate,
  movingAverage,
  NOT_NEGATIVE,
  type Optimizer,
  optimizer,
  resolve,
} from "./optimizer.ts";

/** Options of Adamax; defaults stand behind each. */
export interface AdamaxOptions extends CommonOptions {
  /** How much of the averages of the gradient and of its square (Adamax: of its largest value) is kept. [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. 1e-8 */
  readonly eps?: number;
}

/** Options of Adam and AdamW. */
export interface AdamOptions extends AdamaxOptions {
  /** Divides by the largest average of squares so far (Reddi, Kale, Kumar, 2018). false */
  readonly amsgrad?: boolean;
}

const DEFAULTS: Required<AdamOptions> = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};
const RULES = { betas: BETAS, eps: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE, amsgrad: FLAG, maximize: FLAG };

/**
 * g ← g + λ·p; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← p − lr·m̂ / (√v̂ + ε), m̂ and v̂ divided by 1 − βᵗ. Rate 1e-3 by default.
 * @throws OptionError for options that are unknown or outside their range
 */
export function adam(learningRate: LearningRate = 1e-3, options: AdamOptions = {}): Optimizer {
  return adaptiveMoments("adam", learningRate, options, DEFAULTS, false);
}

/**
 * Adam whose weight decay (0.01 by default) shrinks the parameters themselves, p ← p − lr·λ·p, ahead of the step.
 * @throws OptionError for options that are unknown or outside their range
 */
export function adamW(learningRate: LearningRate = 1e-3, options: AdamOptions = {}): Optimizer {
  return adaptiveMoments("adamW", learningRate, options, { ...DEFAULTS, weightDecay: 1e-2 }, true);
}

function adaptiveMoments(
  call: string,
  learningRate: LearningRate,
  options: AdamOptions,
  defaults: Required<AdamOptions>,
  isDecoupled: boolean,
): Optimizer {
  const resolved = resolve(call, learningRate, options, defaults, RULES);
  const { betas, eps, weightDecay, amsgrad, maximize } = resolved;
  const [beta1, beta2] = betas;
  return optimizer(
    call,
    learningRate,
    { ...resolved },
    {
      slots: amsgrad ? ["m", "v", "vMax"] : ["m", "v"],
      scalars: (step, rate) => ({
        rate: rate / (1 - beta1 ** step),
        scale: 1 / Math.sqrt(1 - beta2 ** step), // √v̂ = scale·√v
        keep: 1 - rate * weightDecay,
      }),
      update: ({ p, g, slots, scalars: { rate, scale, keep } }) => {
        const gradient = effectiveGradient(p, g, isDecoupled ? 0 : weightDecay, maximize);
        const start = isDecoupled && weightDecay !== 0 ? mul(p, keep) : p;
        const m = movingAverage(slots.m, gradient, beta1);
        const v = movingAverage(slots.v, mul(gradient, gradient), beta2);
        // not `maximum`: every page with Adam would download what it and its gradient are made of
        const vMax = amsgrad ? where(less(v, slots.vMax), slots.vMax, v) : v;
        const step = div(mul(m, rate), add(mul(sqrt(vMax), scale), eps));
        return { p: sub(start, step), slots: amsgrad ? { m, v, vMax } : { m, v } };
      },
    },
  );
}

const ADAMAX_DEFAULTS: Required<AdamaxOptions> = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };
const ADAMAX_RULES = { betas: BETAS, eps: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE, maximize: FLAG };

/**
 * g ← g + λ·p; m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g| + ε); p ← p − lr·m / ((1 − β₁ᵗ)·u). Rate 2e-3 by default.
 * @throws OptionError for options that are unknown or outside their range
 */
export function adamax(learningRate: LearningRate = 2e-3, options: AdamaxOptions = {}): Optimizer {
  const resolved = resolve("adamax", learningRate, options, ADAMAX_DEFAULTS, ADAMAX_RULES);
  const { betas, eps, weightDecay, maximize } = resolved;
  const [beta1, beta2] = betas;
  return optimizer(
    "adamax",
    learningRate,
    { ...resolved },
    {
      slots: ["m", "u"],
      scalars: (step, learning) => ({ rate: learning / (1 - beta1 ** step) }),
      update: ({ p, g, slots, scalars: { rate } }) => {
        const gradient = effectiveGradient(p, g, weightDecay, maximize);
        const m = movingAverage(slots.m, gradient, beta1);
        const u: Node = maximum(mul(slots.u, beta2), add(abs(gradient), eps));
        return { p: sub(p, div(mul(m, rate), u)), slots: { m, u } };
      },
    },
  );
}
