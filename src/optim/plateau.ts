// Lowers the learning rate when a metric has stopped improving: host only, one call per epoch. Follows
// torch.optim.lr_scheduler.ReduceLROnPlateau. What it gives is a learning rate; a trainer uses rate / initial as the factor of its schedule.
import { OptionError } from "../core/error.ts";

/** When the rate is lowered, and how far. */
export interface PlateauOptions {
  /** Whether a smaller or a larger metric is better. "min" */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by, below 1. 0.1 */
  readonly factor?: number;
  /** Epochs without improvement that are let pass. 10 */
  readonly patience?: number;
  /** How much better counts as better. 1e-4 */
  readonly threshold?: number;
  /** The threshold as a share of the best metric, or absolute. "rel" */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction in which nothing is counted. 0 */
  readonly cooldown?: number;
  /** The rate never falls below this. 0 */
  readonly minLr?: number;
  /** Reductions smaller than this are not made. 1e-8 */
  readonly eps?: number;
}

/** Where a plateau watcher stands: plain data, so that a checkpoint can hold it. */
export interface PlateauState {
  readonly lr: number;
  /** The best metric so far; null before the first. */
  readonly best: number | null;
  readonly badEpochs: number;
  readonly cooldownLeft: number;
}

/** A rule for the learning rate: its state before the first metric, and what a metric makes of a state. */
export interface Plateau {
  readonly options: Required<PlateauOptions>;
  readonly initial: PlateauState;
  /** The state after another epoch's metric. */
  readonly next: (state: PlateauState, metric: number) => PlateauState;
}

const DEFAULTS: Required<PlateauOptions> = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
};

/**
 * Multiplies the rate by `factor` after more than `patience` epochs without improvement. A metric that is NaN is no improvement.
 *
 * @example
 * const plateau = reduceOnPlateau(0.1, { patience: 2 });
 * let state = plateau.initial;
 * for (const loss of losses) state = plateau.next(state, loss); // state.lr is the rate to go on with
 *
 * @throws OptionError for options that are unknown or outside their range
 */
export function reduceOnPlateau(learningRate: number, options: PlateauOptions = {}): Plateau {
  const resolved = { ...DEFAULTS, ...options };
  check(learningRate, resolved);
  const { mode, factor, patience, cooldown, minLr, eps } = resolved;
  return {
    options: resolved,
    initial: { lr: learningRate, best: null, badEpochs: 0, cooldownLeft: 0 },
    next: (state, metric) => {
      const worst = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      const better = isBetter(metric, state.best ?? worst, resolved);
      const isCooling = state.cooldownLeft > 0;
      const badEpochs = better || isCooling ? 0 : state.badEpochs + 1;
      const best = better ? metric : state.best;
      const cooldownLeft = isCooling ? state.cooldownLeft - 1 : 0;
      if (badEpochs <= patience) return { lr: state.lr, best, badEpochs, cooldownLeft };
      const reduced = Math.max(state.lr * factor, minLr);
      return { lr: state.lr - reduced > eps ? reduced : state.lr, best, badEpochs: 0, cooldownLeft: cooldown };
    },
  };
}

function isBetter(metric: number, best: number, { mode, threshold, thresholdMode }: Required<PlateauOptions>): boolean {
  if (thresholdMode === "abs") return mode === "min" ? metric < best - threshold : metric > best + threshold;
  return mode === "min" ? metric < best * (1 - threshold) : metric > best * (1 + threshold);
}

function check(learningRate: number, options: Required<PlateauOptions>): void {
  const refuse = (what: string, must: string, got: unknown): never => {
    throw new OptionError(`reduceOnPlateau: ${what} must be ${must}: got ${got}`);
  };
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw new OptionError(`reduceOnPlateau: unknown option "${name}". Options: ${Object.keys(DEFAULTS).join(", ")}`);
    }
  }
  const { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = options;
  if (!(learningRate > 0 && Number.isFinite(learningRate))) refuse("learningRate", "a positive number", learningRate);
  if (mode !== "min" && mode !== "max") refuse("mode", '"min" or "max"', mode);
  if (thresholdMode !== "rel" && thresholdMode !== "abs") refuse("thresholdMode", '"rel" or "abs"', thresholdMode);
  if (!(factor >= 0 && factor < 1)) refuse("factor", "a number in 0 … 1, 1 excluded", factor);
  for (const [name, value] of Object.entries({ patience, cooldown })) {
    if (!Number.isInteger(value) || value < 0) refuse(name, "a whole number, 0 or more", value);
  }
  for (const [name, value] of Object.entries({ threshold, minLr, eps })) {
    if (!(value >= 0 && Number.isFinite(value))) refuse(name, "a number, 0 or more", value);
  }
}
