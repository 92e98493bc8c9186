// The training loop on the host: epochs, reports, callbacks. The steps themselves run on the device without it.

import { NonFiniteError, OptionError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices, type IndexTable, stepsPerEpoch } from "../data/indices.ts";
import { scalarsAt } from "../optim/optimizer.ts";
import { diagnose } from "./diagnose.ts";
import { EpochLog } from "./epochLog.ts";
import { RING_ROWS } from "./feed.ts";
import { runSteps } from "./loop.ts";
import type { ProgramOptions, Programs } from "./programs.ts";
import type { Callback, Evaluation, Report, RunControl } from "./report.ts";
import type { ModelState } from "./state.ts";
import type { Blueprint } from "./step.ts";

/** How `fit` runs; every field has a default. */
export interface FitOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  /** Evaluated at the end of each epoch. */
  readonly validation?: Dataset;
  /** A new order each epoch (default true). */
  readonly shuffle?: boolean;
  readonly callbacks?: readonly Callback[];
  /** Stops the run after the submission in flight, keeping what was learnt. */
  readonly signal?: AbortSignal;
  /** Stops after so many steps, in mid-epoch if need be. */
  readonly maxSteps?: number;
  /** Steps in one submission, 1 … 64; found by itself when left out. It never changes a result. */
  readonly stepsPerSubmit?: number;
  /** The most milliseconds that one submission should keep the device. */
  readonly budget?: number;
}

const FIT_OPTIONS: readonly (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "validation",
  "shuffle",
  "callbacks",
  "signal",
  "maxSteps",
  "stepsPerSubmit",
  "budget",
];

/** A trainer's insides, as far as runs change them. */
export interface Run {
  readonly blueprint: Blueprint;
  readonly options: ProgramOptions;
  readonly state: ModelState;
  readonly programs: Programs;
  step: number;
  epoch: number;
  rateScale: number;
  isRunning: boolean;
}

const REPORT_EVERY = 100; // ms
const SNAPSHOT_EVERY = 5000; // ms
/** Of the time, what snapshots may take. */
const SNAPSHOT_SHARE = 0.05;

/** Runs `fit`. Yields reports; whatever ends it, the step count and a snapshot of the weights are brought up to date. */
export async function* fitLoop(
  run: Run,
  set: Dataset,
  options: FitOptions,
  evaluate: (set: Dataset, batchSize: number) => Promise<Evaluation>,
): AsyncGenerator<Report, void, undefined> {
  const {
    epochs = 1,
    batchSize = Math.min(32, set.count),
    validation,
    shuffle = true,
    callbacks = [],
    signal,
  } = options;
  const { maxSteps = Number.POSITIVE_INFINITY } = options;
  checkKnown("fit", options, FIT_OPTIONS);
  checkFit({ epochs, maxSteps, stepsPerSubmit: options.stepsPerSubmit });
  checkBatchSize("fit", batchSize, set.count);
  signal?.throwIfAborted();
  if (run.isRunning) throw new OptionError("fit: this trainer is already in a run. Wait for it, or stop it first");
  run.isRunning = true;
  const { state, blueprint } = run;
  let isStopped = false;
  let snapshot: Promise<void> | undefined;
  const control = controlOf(run, () => {
    isStopped = true;
  });
  try {
    const { feed, executable, ring, estimate } = await run.programs.training(set, batchSize);
    const steps = stepsPerEpoch(set.count, batchSize);
    const firstStep = run.step;
    const started = performance.now();
    let lastReport = started;
    let nextSnapshot = started + SNAPSHOT_EVERY;
    feed.startAt(firstStep);
    if (!state.isKnown) await state.takeSnapshot(); // weights to fall back on, and the buffer to read them through
    state.isKnown = false;
    for (let epoch = 1; epoch <= epochs && !isStopped && run.step - firstStep < maxSteps; epoch++) {
      const epochStart = run.step;
      const table = epochIndices(set.count, batchSize, { shuffle, seed: blueprint.seed, epoch: run.epoch });
      const log = new EpochLog(blueprint.metrics.map(({ name }) => name));
      const wanted = Math.min(steps, maxSteps - (run.step - firstStep));
      feed.writeEpoch(table);
      const submissions = runSteps(state.device, executable, {
        steps: wanted,
        fetch: [ring.memory],
        pace: { stepsPerSubmit: options.stepsPerSubmit, budget: options.budget },
        estimate,
        before: (first, count) => feed.writeSteps(rowsOf(run, table, epochStart, first, count)),
      });
      for await (const { first, count, values } of submissions) {
        for (let row = first; row < first + count; row++) {
          const { isHealthy, ...step } = log.add(
            values[0] as ArrayLike<number>,
            epochStart + row,
            table.valid[row] as number,
          );
          if (!isHealthy) throw await explain(run, set, table, epochStart, row);
          for (const callback of callbacks) callback.onStep?.(step);
        }
        run.step = epochStart + first + count;
        const now = performance.now();
        if (!snapshot && now > nextSnapshot) {
          snapshot = state.takeSnapshot().catch(() => {}); // while the steps go on, which will say what is wrong
          void snapshot.then(() => {
            snapshot = undefined;
            nextSnapshot = performance.now() + Math.max(SNAPSHOT_EVERY, (performance.now() - now) / SNAPSHOT_SHARE);
          });
        }
        const isEpochEnd = first + count === steps;
        const isLast = first + count === wanted;
        isStopped ||= signal?.aborted ?? false;
        if (!isLast && !isStopped && now - lastReport < REPORT_EVERY) continue;
        lastReport = now;
        if (isEpochEnd) run.epoch++;
        const stepsPerSecond = ((run.step - firstStep) / (now - started)) * 1000;
        const report: Report = {
          epoch,
          epochs,
          step: first + count,
          steps,
          totalSteps: run.step,
          ...log.means(),
          ...(isEpochEnd && validation
            ? { validation: await evaluate(validation, Math.min(validation.count, 256)) }
            : {}),
          isEpochEnd,
          learningRate: rateOf(run),
          stepsPerSecond,
          secondsLeft: (Math.min(epochs * steps, maxSteps) - (run.step - firstStep)) / stepsPerSecond,
        };
        for (const callback of callbacks) callback.onReport?.(report, control);
        yield report;
        if (isStopped || signal?.aborted) {
          isStopped = true;
          break;
        }
      }
    }
    for (const callback of callbacks) callback.onEnd?.(control);
  } finally {
    await snapshot;
    run.isRunning = false;
    if (!state.device.failure && !state.device.isClosed) {
      run.step = (await state.counter.read())[0] as number; // steps in flight when a run was left count too
      await state.takeSnapshot();
    }
  }
}

function checkFit({
  epochs,
  maxSteps,
  stepsPerSubmit,
}: {
  epochs: number;
  maxSteps: number;
  stepsPerSubmit: number | undefined;
}): void {
  const isWhole = (value: number) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1);
  if (!isWhole(epochs))
    throw new OptionError(`fit: epochs must be a whole number from 1 on: got ${epochs}`, { epochs });
  if (!isWhole(maxSteps))
    throw new OptionError(`fit: maxSteps must be a whole number from 1 on: got ${maxSteps}`, { maxSteps });
  const most = RING_ROWS / 4;
  if (stepsPerSubmit !== undefined && (!isWhole(stepsPerSubmit) || stepsPerSubmit > most)) {
    throw new OptionError(`fit: stepsPerSubmit must be a whole number in 1 … ${most}: got ${stepsPerSubmit}`, {
      stepsPerSubmit,
    });
  }
}

function controlOf(run: Run, stop: () => void): RunControl {
  return {
    stop,
    scaleLearningRate: (factor) => {
      run.rateScale *= factor;
    },
    keepWeights: () => run.state.keep(),
    restoreWeights: () => run.state.restore(),
  };
}

/** Schedule rows of the steps `first` … of an epoch. */
function rowsOf(run: Run, table: IndexTable, epochStart: number, first: number, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    row: first + i,
    valid: table.valid[first + i] as number,
    scalars: scalarsAt(run.options.optimizer, epochStart + first + i + 1, run.rateScale),
  }));
}

/** The learning rate of the last step. */
function rateOf({ options: { optimizer }, step, rateScale }: Run): number {
  const { learningRate } = optimizer;
  return (typeof learningRate === "function" ? learningRate(Math.max(0, step - 1)) : learningRate) * rateScale;
}

/** Finds what was not finite first in a step, on the CPU reference. The weights are those from before that step. */
async function explain(
  run: Run,
  set: Dataset,
  table: IndexTable,
  epochStart: number,
  row: number,
): Promise<NonFiniteError> {
  const { state, blueprint, options } = run;
  await state.takeSnapshot();
  const step = epochStart + row + 1;
  const what = diagnose(blueprint, {
    weights: state.weights(),
    set: { ...set, shape: options.input },
    table,
    row,
    step: step - 1,
  });
  state.health.write([0]);
  return new NonFiniteError(
    `fit: step ${step} is not finite: ${what}. The weights are those from before this step. Try a smaller learning rate, or clip gradients`,
    { step },
  );
}
