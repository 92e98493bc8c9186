// Callbacks that come with the trainer: stop when nothing improves, lower the rate on a plateau, keep a history.
import { OptionError } from "../core/error.ts";
import { type PlateauOptions, reduceOnPlateau as plateauRule } from "../optim/plateau.ts";
import type { Callback, Report } from "./report.ts";

/** "loss", a metric's name, or either behind "validation." */
export type Monitor = string;

/** The monitored number of an epoch's last report. @throws OptionError when the run has no such number */
export function monitored(call: string, report: Report, monitor: Monitor): number {
  const isValidation = monitor.startsWith("validation.");
  const source = isValidation ? report.validation : report;
  const name = isValidation ? monitor.slice("validation.".length) : monitor;
  const value = name === "loss" ? source?.loss : source?.metrics[name];
  if (value === undefined) {
    const known = ["loss", ...Object.keys(report.metrics)];
    const names = [...known, ...(report.validation ? known.map((each) => `validation.${each}`) : [])];
    throw new OptionError(
      `${call}: this run has no "${monitor}". It has: ${names.join(", ")}${report.validation ? "" : ". For the others pass { validation } to fit"}`,
    );
  }
  return value;
}

/** What `earlyStopping` watches, and how patient it is. */
export interface EarlyStoppingOptions {
  /** "validation.loss" by default. */
  readonly monitor?: Monitor;
  /** Epochs without improvement that are let pass. 5 */
  readonly patience?: number;
  /** Improvements smaller than this do not count. 0 */
  readonly minDelta?: number;
  /** Whether smaller ("min", default) or larger is better. */
  readonly mode?: "min" | "max";
  /** Brings back the best weights at the end (default true). They are kept on the device. */
  readonly restoreBest?: boolean;
}

/**
 * Stops a run when the monitored number has not improved for `patience` epochs, and brings back the best weights.
 * @example
 * trainer.fit(train, { epochs: 100, validation, callbacks: [earlyStopping({ patience: 3 })] });
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor = "validation.loss", patience = 5, minDelta = 0, mode = "min", restoreBest = true } = options;
  if (!Number.isInteger(patience) || patience < 0)
    throw new OptionError(`earlyStopping: patience must be a whole number from 0 on: got ${patience}`, { patience });
  if (!(minDelta >= 0))
    throw new OptionError(`earlyStopping: minDelta must be 0 or more: got ${minDelta}`, { minDelta });
  const sign = mode === "min" ? 1 : -1;
  let best = Number.POSITIVE_INFINITY;
  let bad = 0;
  return {
    onReport(report, control) {
      if (!report.isEpochEnd) return;
      const value = sign * monitored("earlyStopping", report, monitor);
      if (value < best - minDelta) {
        best = value;
        bad = 0;
        if (restoreBest) control.keepWeights();
      } else if (++bad > patience) {
        control.stop();
      }
    },
    onEnd(control) {
      if (restoreBest && best < Number.POSITIVE_INFINITY) control.restoreWeights();
    },
  };
}

/** What `reduceOnPlateau` watches, and by how much it lowers the rate. */
export interface ReduceOnPlateauOptions extends PlateauOptions {
  /** "validation.loss" by default. */
  readonly monitor?: Monitor;
}

/** Multiplies the learning rate by `factor` when the monitored number has stopped improving. Follows PyTorch's ReduceLROnPlateau. */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Callback {
  const { monitor = "validation.loss", ...rest } = options;
  let rule: ReturnType<typeof plateauRule> | undefined;
  let state: ReturnType<typeof plateauRule>["initial"] | undefined;
  return {
    onReport(report, control) {
      if (!report.isEpochEnd) return;
      rule ??= plateauRule(report.learningRate, rest);
      const before: NonNullable<typeof state> = state ?? rule.initial;
      state = rule.next(before, monitored("reduceOnPlateau", report, monitor));
      if (state.lr !== before.lr) control.scaleLearningRate(state.lr / before.lr);
    },
  };
}
