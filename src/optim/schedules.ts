/**
 * Learning rates as plain functions of the step. Each follows the scheduler of torch.optim.lr_scheduler that it names, in closed
 * form: schedule(t) is the rate that step t (0, 1, 2 …) is taken with. Any function of the step is a schedule too.
 * @module
 */

import { OptionError } from "../core/error.ts";

/** The learning rate of step `step`, 0-based. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  checkRate("constant", "lr", lr);
  return () => lr;
}

/** lr·γ^⌊t / stepSize⌋, γ 0.1 by default (StepLR). */
export function step(lr: number, { stepSize, gamma = 0.1 }: { stepSize: number; gamma?: number }): Schedule {
  checkRate("step", "lr", lr);
  checkCount("step", "stepSize", stepSize);
  checkRate("step", "gamma", gamma);
  return (t) => lr * gamma ** Math.floor(t / stepSize);
}

/** lr·γⁿ, n being how many of the milestones are ≤ t; γ 0.1 by default (MultiStepLR). */
export function multistep(
  lr: number,
  { milestones, gamma = 0.1 }: { milestones: readonly number[]; gamma?: number },
): Schedule {
  checkRate("multistep", "lr", lr);
  for (const milestone of milestones) checkCount("multistep", "milestone", milestone, 0);
  checkRate("multistep", "gamma", gamma);
  return (t) => lr * gamma ** milestones.filter((milestone) => milestone <= t).length;
}

/** lr·γᵗ (ExponentialLR). */
export function exponential(lr: number, { gamma }: { gamma: number }): Schedule {
  checkRate("exponential", "lr", lr);
  checkRate("exponential", "gamma", gamma);
  return (t) => lr * gamma ** t;
}

/** Ends of a linear schedule. */
export type LinearOptions = {
  readonly startFactor?: number;
  readonly endFactor?: number;
  readonly totalIters?: number;
};

/** lr times a factor that goes straight from `startFactor` (1/3) to `endFactor` (1) in `totalIters` (5) steps and stays (LinearLR). */
export function linear(
  lr: number,
  { startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: LinearOptions = {},
): Schedule {
  checkRate("linear", "lr", lr);
  checkRate("linear", "startFactor", startFactor);
  checkRate("linear", "endFactor", endFactor);
  checkCount("linear", "totalIters", totalIters);
  return (t) => lr * (startFactor + (endFactor - startFactor) * (Math.min(t, totalIters) / totalIters));
}

/** lr·(1 − t / totalIters)^power, 0 from `totalIters` (5) on; power 1 by default (PolynomialLR). */
export function polynomial(
  lr: number,
  { totalIters = 5, power = 1 }: { totalIters?: number; power?: number } = {},
): Schedule {
  checkRate("polynomial", "lr", lr);
  checkCount("polynomial", "totalIters", totalIters);
  checkRate("polynomial", "power", power);
  return (t) => lr * (1 - Math.min(t, totalIters) / totalIters) ** power;
}

/** etaMin + (lr − etaMin)·(1 + cos(πt / tMax)) / 2: down to `etaMin` (0) at tMax, up again at 2·tMax, and so on (CosineAnnealingLR). */
export function cosine(lr: number, { tMax, etaMin = 0 }: { tMax: number; etaMin?: number }): Schedule {
  checkRate("cosine", "lr", lr);
  checkCount("cosine", "tMax", tMax);
  checkRate("cosine", "etaMin", etaMin);
  return (t) => cosineBetween(lr, etaMin, t / tMax);
}

/**
 * Cosine from lr down to `etaMin` (0) in `t0` steps, then again from lr in t0·tMult, t0·tMult² … steps, `tMult` (1) a whole number
 * (CosineAnnealingWarmRestarts; Loshchilov and Hutter, "SGDR", ICLR 2017).
 */
export function warmRestarts(
  lr: number,
  { t0, tMult = 1, etaMin = 0 }: { t0: number; tMult?: number; etaMin?: number },
): Schedule {
  checkRate("warmRestarts", "lr", lr);
  checkCount("warmRestarts", "t0", t0);
  checkCount("warmRestarts", "tMult", tMult);
  checkRate("warmRestarts", "etaMin", etaMin);
  return (t) => {
    let period = t0;
    let since = t;
    if (tMult === 1) since = t % t0;
    while (since >= period) {
      since -= period;
      period *= tMult;
    }
    return cosineBetween(lr, etaMin, since / period);
  };
}

/** Shape of a one-cycle schedule. */
export type OneCycleOptions = {
  /** Steps of the whole cycle; later steps keep its last rate. */
  readonly totalSteps: number;
  /** The share of the cycle that rises, 0.3 by default. */
  readonly pctStart?: number;
  readonly anneal?: "cos" | "linear";
  /** The first rate is maxLr / divFactor (25). */
  readonly divFactor?: number;
  /** The last rate is the first / finalDivFactor (10⁴). */
  readonly finalDivFactor?: number;
  /** Up, symmetrically down, then to the last rate; otherwise (default) up and straight down to the last. */
  readonly threePhase?: boolean;
};

/** Up from maxLr / divFactor to `maxLr` and down to almost nothing (OneCycleLR; Smith and Topin, "Super-convergence", 2018). */
export function oneCycle(maxLr: number, options: OneCycleOptions): Schedule {
  const {
    totalSteps,
    pctStart = 0.3,
    anneal = "cos",
    divFactor = 25,
    finalDivFactor = 1e4,
    threePhase = false,
  } = options;
  checkRate("oneCycle", "maxLr", maxLr);
  checkCount("oneCycle", "totalSteps", totalSteps);
  checkPositive("oneCycle", "divFactor", divFactor);
  checkPositive("oneCycle", "finalDivFactor", finalDivFactor);
  const most = threePhase ? 0.5 : 1;
  if (!(pctStart >= 0 && pctStart <= most)) throw wrong("oneCycle", "pctStart", `lie in 0 … ${most}`, pctStart);
  if (anneal !== "cos" && anneal !== "linear") throw wrong("oneCycle", "anneal", 'be "cos" or "linear"', anneal);

  const firstLr = maxLr / divFactor;
  const lastLr = firstLr / finalDivFactor;
  const top = pctStart * totalSteps - 1; // the step, not always whole, that reaches maxLr
  const phases = threePhase
    ? [
        { end: top, from: firstLr, to: maxLr },
        { end: 2 * top, from: maxLr, to: firstLr },
        { end: totalSteps - 1, from: firstLr, to: lastLr },
      ]
    : [
        { end: top, from: firstLr, to: maxLr },
        { end: totalSteps - 1, from: maxLr, to: lastLr },
      ];
  const between = anneal === "cos" ? cosineBetween : linearBetween;
  return (t) => {
    let start = 0;
    for (const { end, from, to } of phases) {
      if (t <= end) return end > start ? between(from, to, (t - start) / (end - start)) : to;
      start = end;
    }
    return lastLr;
  };
}

/** Shape of a cyclic schedule. */
export type CyclicOptions = {
  readonly maxLr: number;
  /** Steps from lr to maxLr, 2,000 by default. */
  readonly stepSizeUp?: number;
  /** Steps back down; as many as up by default. */
  readonly stepSizeDown?: number;
  /** The height is kept ("triangular", default), halved each cycle, or multiplied by γᵗ. */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  readonly gamma?: number;
};

/** Between lr and `maxLr` and back, in straight lines, again and again (CyclicLR; Smith, WACV 2017). */
export function cyclic(lr: number, options: CyclicOptions): Schedule {
  const { maxLr, stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1 } = options;
  checkRate("cyclic", "lr", lr);
  checkRate("cyclic", "maxLr", maxLr);
  checkCount("cyclic", "stepSizeUp", stepSizeUp);
  checkCount("cyclic", "stepSizeDown", stepSizeDown);
  checkRate("cyclic", "gamma", gamma);
  const heights: Readonly<Record<typeof mode, (t: number, cycle: number) => number>> = {
    triangular: () => 1,
    triangular2: (_, cycle) => 0.5 ** cycle,
    expRange: (t) => gamma ** t,
  };
  const height = Object.hasOwn(heights, mode) ? heights[mode] : undefined;
  if (!height) throw wrong("cyclic", "mode", 'be "triangular", "triangular2" or "expRange"', mode);

  const period = stepSizeUp + stepSizeDown;
  return (t) => {
    const since = t % period;
    const rise = since <= stepSizeUp ? since / stepSizeUp : (period - since) / stepSizeDown;
    return lr + (maxLr - lr) * rise * height(t, Math.floor(t / period));
  };
}

/**
 * `steps` steps in a straight line from startFactor·after(0) (startFactor 0) to after(0), then `after` from its step 0:
 * SequentialLR of LinearLR and `after`.
 *
 * @example
 * const schedule = warmUp(cosine(1e-3, { tMax: 5000 }), { steps: 200 });
 */
export function warmUp(after: Schedule, { steps, startFactor = 0 }: { steps: number; startFactor?: number }): Schedule {
  checkCount("warmUp", "steps", steps);
  checkRate("warmUp", "startFactor", startFactor);
  return join([(t) => after(0) * (startFactor + (1 - startFactor) * (t / steps)), after], [steps]);
}

/**
 * One schedule after the other, each from its own step 0: the first until `boundaries[0]`, the second until `boundaries[1]`,
 * the last for good (SequentialLR). Throws OptionError unless there is one boundary less than schedules, in rising order.
 */
export function join(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1) {
    throw new OptionError(
      `join: there must be one boundary between each two schedules: ${schedules.length} schedules, ${boundaries.length} boundaries`,
    );
  }
  boundaries.forEach((boundary, i) => {
    checkCount("join", "boundary", boundary);
    if (i > 0 && boundary <= (boundaries[i - 1] as number)) {
      throw new OptionError(`join: boundaries must rise: ${boundaries.join(", ")}`, { boundaries });
    }
  });
  return (t) => {
    const past = boundaries.filter((boundary) => boundary <= t).length;
    return (schedules[past] as Schedule)(t - (past > 0 ? (boundaries[past - 1] as number) : 0));
  };
}

/** The product of a schedule and factors that depend on the step (LambdaLR, ChainedScheduler). */
export function chain(schedule: Schedule, ...factors: readonly ((step: number) => number)[]): Schedule {
  return (t) => factors.reduce((rate, factor) => rate * factor(t), schedule(t));
}

function cosineBetween(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

function linearBetween(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function checkRate(call: string, name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw wrong(call, name, "be finite and not negative", value);
}

function checkPositive(call: string, name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw wrong(call, name, "be a positive number", value);
}

function checkCount(call: string, name: string, value: number, least = 1): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw wrong(call, name, `be a whole number from ${least} on`, value);
}

function wrong(call: string, name: string, rule: string, value: unknown): OptionError {
  return new OptionError(`${call}: ${name} must ${rule}: ${typeof value === "string" ? `"${value}"` : value}`, {
    [name]: value,
  });
}
