// The training loop on the host: epochs, reports, callbacks. The steps themselves run on the device without it.

import { NonFiniteError, OptionError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices, type IndexTable, stepsPerEpoch } from "../data/indices.ts";
import { scalarsAt } from "../optim/optimizer.ts";
import { EpochLog } from "./epochLog.ts";
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
  /** Steps in one submission, 1 … 1024; found by itself when left out. It never changes a result. */
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

/** The ring holds those of several submissions. */
const MOST_STEPS_GIVEN = 1024;
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
  const watchers = callbacks.filter(({ onStep }) => onStep);
  const { maxSteps = Number.POSITIVE_INFINITY } = options;
  checkKnown("fit", options, FIT_OPTIONS);
  checkFit({ epochs, maxSteps, stepsPerSubmit: options.stepsPerSubmit });
  checkBatchSize("fit", batchSize, set.count);
  signal?.throwIfAborted();
  if (run.isRunning) throw new OptionError("fit: this trainer is already in a run. Wait for it, or stop it first");
  run.isRunning = true;
  const { state, blueprint, step: firstStep, epoch: firstEpoch } = run;
  const steps = stepsPerEpoch(set.count, batchSize);
  let isStopped = false;
  let snapshot: Promise<void> | undefined;
  let crossesEpochs = false;
  const control = controlOf(run, () => {
    isStopped = true;
  });
  try {
    const { feed, executable, ring, estimate } = await run.programs.training(set, batchSize);
    const wanted = Math.min(epochs * steps, maxSteps);
    const started = performance.now();
    let lastReport = started;
    let nextSnapshot = started + SNAPSHOT_EVERY;
    feed.startAt(firstStep);
    if (!state.isKnown) await state.takeSnapshot(); // weights to fall back on, and the buffer to read them through
    state.isKnown = false;
    // where epochs take no time, the device only waits for the host between them when somebody needs the weights as they are there
    crossesEpochs =
      executable.stats.stepsPerDispatch !== undefined && !validation && !callbacks.some(({ onReport }) => onReport);
    const lap = crossesEpochs ? feed.epochs : 1;
    const orderOf = (epoch: number) => epochIndices(set.count, batchSize, { shuffle, seed: blueprint.seed, epoch });
    const log = new EpochLog(blueprint.metrics.map(({ name }) => name));
    const submissions = runSteps(state.device, executable, {
      steps: wanted,
      lap: lap * steps,
      waits: !crossesEpochs,
      fetch: [ring.memory],
      rows: ring.shape[0] as number,
      pace: { stepsPerSubmit: options.stepsPerSubmit, budget: options.budget },
      estimate,
      before: (first, count) => {
        const row = first % (lap * steps);
        if (row === 0) {
          const left = Math.min(lap, Math.ceil((wanted - first) / steps));
          feed.writeLap(Array.from({ length: left }, (_, i) => orderOf(firstEpoch + first / steps + i)));
        }
        feed.writeSteps(row, count, scalarsFrom(run, firstStep + first + 1));
      },
    });
    training: for await (const { first, count, values } of submissions) {
      const end = first + count;
      for (let at = first; at < end; at++) {
        const row = at % steps;
        const isHealthy = log.add(values[0] as ArrayLike<number>, firstStep + at, feed.validIn(row));
        if (!isHealthy)
          throw await explain(run, set, orderOf(firstEpoch + Math.floor(at / steps)), firstStep + at, row);
        if (watchers.length > 0) {
          const step = { step: firstStep + at + 1, ...log.lastMeans() };
          for (const callback of watchers) callback.onStep?.(step);
        }
        const isEpochEnd = row === steps - 1;
        const isRead = at === end - 1;
        if (!isEpochEnd && !isRead) continue;
        run.step = firstStep + at + 1;
        const now = performance.now();
        if (isRead && !snapshot && now > nextSnapshot) {
          snapshot = state.takeSnapshot().catch(() => {}); // while the steps go on, which will say what is wrong
          void snapshot.then(() => {
            snapshot = undefined;
            nextSnapshot = performance.now() + Math.max(SNAPSHOT_EVERY, (performance.now() - now) / SNAPSHOT_SHARE);
          });
        }
        isStopped ||= signal?.aborted ?? false;
        if (!isEpochEnd && at < wanted - 1 && !isStopped && now - lastReport < REPORT_EVERY) continue;
        lastReport = now;
        if (isEpochEnd) run.epoch++;
        const stepsPerSecond = ((at + 1) / (now - started)) * 1000;
        const report: Report = {
          epoch: Math.floor(at / steps) + 1,
          epochs,
          step: row + 1,
          steps,
          totalSteps: run.step,
          ...log.means(),
          ...(isEpochEnd && validation
            ? { validation: await evaluate(validation, Math.min(validation.count, 256)) }
            : {}),
          isEpochEnd,
          learningRate: rateOf(run),
          stepsPerSecond,
          secondsLeft: (wanted - at - 1) / stepsPerSecond,
        };
        if (isEpochEnd) log.clear();
        for (const callback of callbacks) callback.onReport?.(report, control);
        yield report;
        isStopped ||= signal?.aborted ?? false;
        if (isStopped) break training;
      }
    }
    for (const callback of callbacks) callback.onEnd?.(control);
  } finally {
    await snapshot;
    run.isRunning = false;
    if (!state.device.failure && !state.device.isClosed) {
      run.step = (await state.counter.read())[0] as number; // steps in flight when a run was left count too
      if (crossesEpochs) run.epoch = firstEpoch + Math.floor((run.step - firstStep) / steps);
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
  if (stepsPerSubmit !== undefined && (!isWhole(stepsPerSubmit) || stepsPerSubmit > MOST_STEPS_GIVEN)) {
    throw new OptionError(
      `fit: stepsPerSubmit must be a whole number in 1 … ${MOST_STEPS_GIVEN}: got ${stepsPerSubmit}`,
      {
        stepsPerSubmit,
      },
    );
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

/** The optimiser's scalars of the `i`-th step from `first` (counted from 1) on. */
function scalarsFrom({ options: { optimizer }, rateScale }: Run, first: number) {
  return (i: number) => scalarsAt(optimizer, first + i, rateScale);
}

/** The learning rate of the last step. */
function rateOf({ options: { optimizer }, step, rateScale }: Run): number {
  const { learningRate } = optimizer;
  return (typeof learningRate === "function" ? learningRate(Math.max(0, step - 1)) : learningRate) * rateScale;
}

/** Finds what was not finite first in step `step` (from 0), on the CPU reference. The weights are those from before it. */
async function explain(run: Run, set: Dataset, table: IndexTable, step: number, row: number): Promise<NonFiniteError> {
  const { state, blueprint, options } = run;
  const { diagnose } = await import("./diagnose.ts"); // seldom needed
  await state.takeSnapshot();
  const what = diagnose(blueprint, {
    weights: state.weights(),
    set: { ...set, shape: options.input },
    ...{ table, row, step },
  });
  state.health.write([0]);
  return new NonFiniteError(
    `fit: step ${step + 1} is not finite: ${what}. The weights are those from before this step. Try a smaller learning rate, or clip gradients`,
    { step: step + 1 },
  );
}
