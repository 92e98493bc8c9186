// Step sizes from sums and averages of squared gradients. Follow torch.optim.Adagrad, Adadelta and RMSprop.
import { add, div, mul, sub } from "../ops/arithmetic.ts";
import { maximum } from "../ops/binary.ts";
import { sqrt } from "../ops/unary.ts";
import {
  type CommonOptions,
  effectiveGradient,
  FLAG,
  type LearningRate,
  movingAverage,
  NOT_NEGATIVE,
  type Optimizer,
  optimizer,
  resolve,
  SHARE,
} from "./optimizer.ts";

/** Options of Adagrad. */
export interface AdagradOptions extends CommonOptions {
  /** Step t is taken with lr / (1 + (t − 1)·lrDecay). 0 */
  readonly lrDecay?: number;
  /** What the sum of squares starts with. 0 */
  readonly initialAccumulatorValue?: number;
  /** Added to the denominator. 1e-10 */
  readonly eps?: number;
}

/**
 * g ← g + λ·p; s ← s + g²; p ← p − lr·g / (√s + ε). Rate 1e-2 by default. Duchi, Hazan, Singer, 2011.
 * @throws OptionError for options that are unknown or outside their range
 */
export function adagrad(learningRate: LearningRate = 1e-2, options: AdagradOptions = {}): Optimizer {
  const resolved = resolve<Required<AdagradOptions>>(
    "adagrad",
    learningRate,
    options,
    { lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false },
    {
      lrDecay: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      initialAccumulatorValue: NOT_NEGATIVE,
      eps: NOT_NEGATIVE,
      maximize: FLAG,
    },
  );
  const { lrDecay, weightDecay, initialAccumulatorValue, eps, maximize } = resolved;
  return optimizer(
    "adagrad",
    learningRate,
    { ...resolved },
    {
      slots: ["sum"],
      initial: { sum: initialAccumulatorValue },
      scalars: (step, rate) => ({ rate: rate / (1 + (step - 1) * lrDecay) }),
      update: ({ p, g, slots, scalars: { rate } }) => {
        const gradient = effectiveGradient(p, g, weightDecay, maximize);
        const sum = add(slots.sum, mul(gradient, gradient));
        return { p: sub(p, div(mul(gradient, rate), add(sqrt(sum), eps))), slots: { sum } };
      },
    },
  );
}

/** Options of Adadelta. */
export interface AdadeltaOptions extends CommonOptions {
  /** How much of both averages is kept. 0.9 */
  readonly rho?: number;
  /** Added under both roots. 1e-6 */
  readonly eps?: number;
}

/**
 * g ← g + λ·p; v ← ρv + (1 − ρ)g²; d = g·√(u + ε) / √(v + ε); u ← ρu + (1 − ρ)d²; p ← p − lr·d. Rate 1 by default. Zeiler, 2012.
 * @throws OptionError for options that are unknown or outside their range
 */
export function adadelta(learningRate: LearningRate = 1, options: AdadeltaOptions = {}): Optimizer {
  const resolved = resolve<Required<AdadeltaOptions>>(
    "adadelta",
    learningRate,
    options,
    { rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false },
    { rho: SHARE, eps: NOT_NEGATIVE, weightDecay: NOT_NEGATIVE, maximize: FLAG },
  );
  const { rho, eps, weightDecay, maximize } = resolved;
  return optimizer(
    "adadelta",
    learningRate,
    { ...resolved },
    {
      slots: ["squares", "steps"],
      scalars: (_, rate) => ({ rate }),
      update: ({ p, g, slots, scalars: { rate } }) => {
        const gradient = effectiveGradient(p, g, weightDecay, maximize);
        const squares = movingAverage(slots.squares, mul(gradient, gradient), rho);
        const step = mul(div(sqrt(add(slots.steps, eps)), sqrt(add(squares, eps))), gradient);
        const steps = movingAverage(slots.steps, mul(step, step), rho);
        return { p: sub(p, mul(step, rate)), slots: { squares, steps } };
      },
    },
  );
}

/** Options of RMSprop. */
export interface RmspropOptions extends CommonOptions {
  /** How much of the average of squares is kept. 0.99 */
  readonly alpha?: number;
  /** Added to the denominator. 1e-8 */
  readonly eps?: number;
  /** How much of the last step is kept. 0 */
  readonly momentum?: number;
  /** Divides by the standard deviation of the gradient instead of its root mean square. false */
  readonly centered?: boolean;
}

/**
 * g ← g + λ·p; v ← αv + (1 − α)g²; p ← p − lr·g / (√v + ε), with momentum b ← μb + g / (√v + ε), p ← p − lr·b; centred: v − (average of g)²
 * under the root. Rate 1e-2 by default. Tieleman, Hinton, 2012; Graves, 2013.
 * @throws OptionError for options that are unknown or outside their range
 */
export function rmsprop(learningRate: LearningRate = 1e-2, options: RmspropOptions = {}): Optimizer {
  const resolved = resolve<Required<RmspropOptions>>(
    "rmsprop",
    learningRate,
    options,
    { alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false },
    {
      alpha: SHARE,
      eps: NOT_NEGATIVE,
      weightDecay: NOT_NEGATIVE,
      momentum: NOT_NEGATIVE,
      centered: FLAG,
      maximize: FLAG,
    },
  );
  const { alpha, eps, weightDecay, momentum, centered, maximize } = resolved;
  const slots: ("squares" | "mean" | "velocity")[] = ["squares"];
  if (centered) slots.push("mean");
  if (momentum > 0) slots.push("velocity");
  return optimizer(
    "rmsprop",
    learningRate,
    { ...resolved },
    {
      slots,
      scalars: (_, rate) => ({ rate }),
      update: ({ p, g, slots: before, scalars: { rate } }) => {
        const gradient = effectiveGradient(p, g, weightDecay, maximize);
        const squares = movingAverage(before.squares, mul(gradient, gradient), alpha);
        const mean = centered ? movingAverage(before.mean, gradient, alpha) : undefined;
        const spread = mean ? maximum(sub(squares, mul(mean, mean)), 0) : squares; // rounding must not push it below 0
        const step = div(gradient, add(sqrt(spread), eps));
        const velocity = momentum > 0 ? add(mul(before.velocity, momentum), step) : undefined;
        return {
          p: sub(p, mul(velocity ?? step, rate)),
          slots: { squares, ...(mean ? { mean } : {}), ...(velocity ? { velocity } : {}) },
        };
      },
    },
  );
}
