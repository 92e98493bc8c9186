// The run itself: epochs, the test after each, and what of it took how long.
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../../data/dataset.ts";
import type { Report } from "../../train/report.ts";
import type { Trainer } from "../../train/trainer.ts";
import type { StepCosts } from "./costs.ts";
import type { Display } from "./display.ts";

export interface Outcome {
  /** Whole epochs. */
  readonly epochs: number;
  readonly steps: number;
  /** Mean over the last epoch; null when there was none. */
  readonly trainLoss: number | null;
  /** Seconds of training, compilation included, tests left out. */
  readonly seconds: number;
  /** Without compilation. */
  readonly stepsPerSecond: number | null;
}

export interface Course {
  readonly epochs: number;
  readonly batchSize: number;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly signal: AbortSignal;
  readonly display: Display;
  readonly costs: StepCosts;
}

/** Trains until the epochs are over or `signal` says stop. */
export async function runCourse(trainer: Trainer, course: Course): Promise<Outcome> {
  const { epochs, batchSize, train, test, signal, display, costs } = course;
  let last: Report | undefined;
  let first: Report | undefined;
  let milliseconds = 0;
  let untilFirst = 0;
  let resumed = performance.now();
  if (epochs > 0 && !signal.aborted) {
    costs.resume();
    for await (const report of trainer.fit(train, { epochs, batchSize, signal, callbacks: [costs] })) {
      milliseconds += performance.now() - resumed;
      costs.pause();
      if (!first) untilFirst = milliseconds;
      first ??= report;
      last = paced(report, report.totalSteps - first.totalSteps, milliseconds - untilFirst);
      display.report(last);
      if (report.isEpochEnd && !signal.aborted) {
        const { metrics } = await trainer.evaluate(test);
        display.epoch(last, metrics.accuracy ?? 0);
      }
      await setImmediate(); // lets Ctrl-C through where the steps run on this very thread
      resumed = performance.now();
      costs.resume(); // what is read after the last report belongs to no step
    }
  }
  return {
    epochs: trainer.epoch,
    steps: trainer.step,
    trainLoss: last?.loss ?? null,
    seconds: milliseconds / 1000,
    stepsPerSecond: last?.stepsPerSecond ?? null,
  };
}

/** A report whose pace leaves compilation and tests out: `steps` took `milliseconds`. */
function paced(report: Report, steps: number, milliseconds: number): Report {
  if (steps === 0) return report;
  const stepsPerSecond = (1000 * steps) / milliseconds;
  const stepsLeft = report.secondsLeft * report.stepsPerSecond;
  return { ...report, stepsPerSecond, secondsLeft: stepsLeft / stepsPerSecond };
}
