// Adam whose step also follows a schedule of its own: Nesterov's momentum (NAdam) and rectified variance (RAdam).
// Follow torch.optim.NAdam (Dozat, "Incorporating Nesterov momentum into Adam", 2016) and RAdam (Liu et al., "On the variance of the
// adaptive learning rate and beyond", 2020). Their products and powers of the step are host scalars.
import { add, div, mul, sub } from "../ops/arithmetic.ts";
import { sqrt } from "../ops/unary.ts";
import type { AdamaxOptions } from "./adam.ts";
import {
  BETAS,
  effectiveGradient,
  FLAG,
  type LearningRate,
  movingAverage,
  NOT_NEGATIVE,
  type Optimizer,
  optimizer,
  resolve,
} from "./optimizer.ts";

/** Options of RAdam. */
export interface RadamOptions extends AdamaxOptions {
  /** Weight decay shrinks the parameters themselves, as in AdamW, instead of entering the gradient. false */
  readonly decoupledWeightDecay?: boolean;
}

/** Options of NAdam. */
export interface NadamOptions extends RadamOptions {
  /** How fast the momentum grows towards β₁. 4e-3 */
  readonly momentumDecay?: number;
  /** Divides m by 1 − Πμ·μₜ·μₜ₊₁, as PyTorch did up to 1.13 by mistake, to repeat its runs. false */
  readonly squaredMomentum?: boolean;
}

const DEFAULTS: Required<RadamOptions> = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
};
const RULES = {
  betas: BETAS,
  eps: NOT_NEGATIVE,
  weightDecay: NOT_NEGATIVE,
  decoupledWeightDecay: FLAG,
  maximize: FLAG,
};

/** Π f(i) for i = 1 … n, remembered so that steps in order cost one multiplication each. */
function runningProduct(factor: (i: number) => number): (n: number) => number {
  let known = { n: 0, product: 1 };
  return (n) => {
    let { n: at, product } = n >= known.n ? known : { n: 0, product: 1 };
    while (at < n) product *= factor(++at);
    known = { n, product };
    return product;
  };
}

/**
 * Adam with Nesterov momentum: μₜ = β₁(1 − ½·0.96^(tψ)), p ← p − lr·(μₜ₊₁·m / (1 − Πμ·μₜ₊₁) + (1 − μₜ)·g / (1 − Πμ)) / (√v̂ + ε). Rate 2e-3 by default.
 * @throws OptionError for options that are unknown or outside their range
 */
export function nadam(learningRate: LearningRate = 2e-3, options: NadamOptions = {}): Optimizer {
  const resolved = resolve(
    "nadam",
    learningRate,
    options,
    { ...DEFAULTS, momentumDecay: 4e-3, squaredMomentum: false } as Required<NadamOptions>,
    { ...RULES, momentumDecay: NOT_NEGATIVE, squaredMomentum: FLAG },
  );
  const { betas, eps, weightDecay, momentumDecay, squaredMomentum, decoupledWeightDecay, maximize } = resolved;
  const [beta1, beta2] = betas;
  const momentumAt = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
  const productTo = runningProduct(momentumAt);
  return optimizer(
    "nadam",
    learningRate,
    { ...resolved },
    {
      slots: ["m", "v"],
      scalars: (step, rate) => {
        const next = momentumAt(step + 1);
        const product = productTo(step);
        const through = product * next * (squaredMomentum ? momentumAt(step) : 1);
        return {
          gradientRate: (rate * (1 - momentumAt(step))) / (1 - product),
          momentumRate: (rate * next) / (1 - through),
          scale: 1 / Math.sqrt(1 - beta2 ** step),
          keep: 1 - rate * weightDecay,
        };
      },
      update: ({ p, g, slots, scalars: { gradientRate, momentumRate, scale, keep } }) => {
        const gradient = effectiveGradient(p, g, decoupledWeightDecay ? 0 : weightDecay, maximize);
        const start = decoupledWeightDecay && weightDecay !== 0 ? mul(p, keep) : p;
        const m = movingAverage(slots.m, gradient, beta1);
        const v = movingAverage(slots.v, mul(gradient, gradient), beta2);
        const direction = add(mul(gradient, gradientRate), mul(m, momentumRate));
        return { p: sub(start, div(direction, add(mul(sqrt(v), scale), eps))), slots: { m, v } };
      },
    },
  );
}

/**
 * Adam whose variance is rectified, and left out while it is unknown (ρₜ ≤ 5): p ← p − lr·m̂·r·√(1 − β₂ᵗ) / (√v + ε), or p − lr·m̂. Rate 1e-3 by default.
 * @throws OptionError for options that are unknown or outside their range
 */
export function radam(learningRate: LearningRate = 1e-3, options: RadamOptions = {}): Optimizer {
  const resolved = resolve("radam", learningRate, options, DEFAULTS, RULES);
  const { betas, eps, weightDecay, decoupledWeightDecay, maximize } = resolved;
  const [beta1, beta2] = betas;
  const longest = 2 / (1 - beta2) - 1; // ρ∞
  return optimizer(
    "radam",
    learningRate,
    { ...resolved },
    {
      slots: ["m", "v"],
      scalars: (step, rate) => {
        const correction = 1 - beta2 ** step;
        const length = longest - (2 * step * beta2 ** step) / correction; // ρₜ
        const corrected = rate / (1 - beta1 ** step);
        const keep = 1 - rate * weightDecay;
        if (length <= 5) return { adaptiveRate: 0, plainRate: corrected, keep };
        const rectified = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length);
        return { adaptiveRate: corrected * Math.sqrt(rectified * correction), plainRate: 0, keep };
      },
      update: ({ p, g, slots, scalars: { adaptiveRate, plainRate, keep } }) => {
        const gradient = effectiveGradient(p, g, decoupledWeightDecay ? 0 : weightDecay, maximize);
        const start = decoupledWeightDecay && weightDecay !== 0 ? mul(p, keep) : p;
        const m = movingAverage(slots.m, gradient, beta1);
        const v = movingAverage(slots.v, mul(gradient, gradient), beta2);
        const factor = add(div(adaptiveRate, add(sqrt(v), eps)), plainRate);
        return { p: sub(start, mul(m, factor)), slots: { m, v } };
      },
    },
  );
}
