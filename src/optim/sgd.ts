// Stochastic gradient descent with momentum. Follows torch.optim.SGD.
import { OptionError } from "../core/error.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import {
  type CommonOptions,
  effectiveGradient,
  FLAG,
  type LearningRate,
  NOT_NEGATIVE,
  type Optimizer,
  optimizer,
  type Rule,
  resolve,
} from "./optimizer.ts";

/** Options of SGD. */
export interface SgdOptions extends CommonOptions {
  /** μ: how much of the last step is kept. 0 */
  readonly momentum?: number;
  /** τ: the gradient enters the momentum with 1 − τ, except in the first step. 0 */
  readonly dampening?: number;
  /** Nesterov's look-ahead; needs momentum, and no dampening. false */
  readonly nesterov?: boolean;
}

const DEFAULTS: Required<SgdOptions> = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
const NUMBER: Rule = [(value) => Number.isFinite(value), "a number"];
const RULES = { momentum: NOT_NEGATIVE, dampening: NUMBER, weightDecay: NOT_NEGATIVE, nesterov: FLAG, maximize: FLAG };

/**
 * g ← g + λ·p; b ← g in the first step, then μ·b + (1 − τ)·g; p ← p − lr·b (Nesterov: p − lr·(g + μ·b)). Rate 1e-3 by default.
 * @throws OptionError for options that are unknown or outside their range
 */
export function sgd(learningRate: LearningRate = 1e-3, options: SgdOptions = {}): Optimizer {
  const resolved = resolve("sgd", learningRate, options, DEFAULTS, RULES);
  const { momentum, dampening, weightDecay, nesterov, maximize } = resolved;
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new OptionError(
      `sgd: nesterov needs momentum above 0 and no dampening: momentum ${momentum}, dampening ${dampening}`,
    );
  }
  if (momentum === 0) {
    return optimizer(
      "sgd",
      learningRate,
      { ...resolved },
      {
        slots: [],
        scalars: (_, rate) => ({ rate }),
        update: ({ p, g, scalars: { rate } }) => ({
          p: sub(p, mul(effectiveGradient(p, g, weightDecay, maximize), rate)),
          slots: {},
        }),
      },
    );
  }
  return optimizer(
    "sgd",
    learningRate,
    { ...resolved },
    {
      slots: ["velocity"],
      scalars: (step, rate) => ({ rate, gain: step === 1 ? 1 : 1 - dampening }),
      update: ({ p, g, slots, scalars: { rate, gain } }) => {
        const gradient = effectiveGradient(p, g, weightDecay, maximize);
        const velocity = add(mul(slots.velocity, momentum), dampening === 0 ? gradient : mul(gradient, gain));
        const direction = nesterov ? add(gradient, mul(velocity, momentum)) : velocity;
        return { p: sub(p, mul(direction, rate)), slots: { velocity } };
      },
    },
  );
}
