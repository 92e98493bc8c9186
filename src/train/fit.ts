// The training loop on the host: epochs, reports, callbacks. The steps themselves run on the device without it.
import type { TypedArray } from "../core/dtype.ts";
import { OptionError } from "../core/error.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices, stepsPerEpoch } from "../data/indices.ts";
import { scalarsAt } from "../optim/optimizer.ts";
import { checkFitOptions, type FitOptions } from "./fitOptions.ts";
import { type Fetched, latencyOf, runSteps } from "./loop.ts";
import type { Evaluation, Report, RunControl } from "./report.ts";
import { placeOf, type Run } from "./run.ts";

const REPORT_EVERY = 100; // ms
const SNAPSHOT_EVERY = 5000; // ms
const CHECKPOINT_EVERY = 1000; // ms
/** Of the time, what either may take. */
const SNAPSHOT_SHARE = 0.05;

/**
 * Runs `fit`. Yields reports; whatever ends it, the step count and a snapshot of the weights are brought up to date. Steps are counted from
 * the first of the epoch in which it begins, be it one that a run before it, or a checkpoint, had begun.
 */
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
    reportEvery = REPORT_EVERY,
    onCheckpoint,
  } = options;
  const watchers = callbacks.filter(({ onStep }) => onStep);
  const { maxSteps = Number.POSITIVE_INFINITY } = options;
  checkFitOptions(options);
  checkBatchSize("fit", batchSize, set.count);
  signal?.throwIfAborted();
  if (run.isRunning) throw new OptionError("fit: this trainer is already in a run. Wait for it, or stop it first");
  run.isRunning = true;
  const { state, blueprint, log } = run;
  const steps = stepsPerEpoch(set.count, batchSize);
  const isSame = run.course?.batchSize === batchSize && run.course.count === set.count;
  const from = isSame && run.course ? placeOf(run.course, run.step).row : 0;
  const course = { base: run.step - from, epoch: run.epoch, batchSize, count: set.count };
  run.course = course;
  const { base, epoch: firstEpoch } = course;
  let isStopped = false;
  let snapshot: Promise<unknown> | undefined;
  /** The state at the end, asked for as soon as nothing more is to be submitted: behind what is under way, but nothing that comes later. */
  let last: Promise<[TypedArray, unknown]> | undefined;
  const control: RunControl = {
    stop: () => {
      isStopped = true;
    },
    scaleLearningRate: (factor) => {
      last = undefined; // it has the rate as it was
      run.rateScale *= factor;
    },
    keepWeights: () => state.keep(),
    restoreWeights: () => {
      last = undefined;
      state.restore();
    },
  };
  const later = onCheckpoint && (await import("./checkpoint.ts"));
  const keeper = onCheckpoint && later?.keeperOf(run, onCheckpoint);
  const every = keeper ? CHECKPOINT_EVERY : SNAPSHOT_EVERY;
  const readState = (kept: Promise<unknown> = state.takeSnapshot()) => Promise.all([state.counter.read(), kept]);
  let leave = () => {};
  try {
    const { feed, executable, ring, estimate } = await run.programs.training(set, batchSize);
    const end = Math.min(epochs * steps, from + maxSteps);
    const started = performance.now();
    let lastReport = started;
    let nextSnapshot = started + every;
    feed.startAt(run.step);
    if (!state.isKnown) await state.takeSnapshot(); // weights to fall back on, and the buffer to read them through
    state.isKnown = false;
    // where epochs take no time, or answers much, the device only waits for the host between them when somebody needs the weights as they are there
    const isFast = executable.stats.stepsPerDispatch !== undefined || (await latencyOf(state.device, ring.memory)) > 0;
    const crossesEpochs = isFast && !validation && !callbacks.some(({ onReport }) => onReport);
    const lap = crossesEpochs ? feed.epochs : 1;
    const orderOf = (epoch: number) => epochIndices(set.count, batchSize, { shuffle, seed: blueprint.seed, epoch });
    /** Adds step `at` to the log, and tells whether it was finite. */
    const note = (at: number, ring: ArrayLike<number>): boolean => {
      const row = at % steps;
      if (row === 0) log.clear();
      const isHealthy = log.add(ring, base + at, feed.validIn(row));
      if (isHealthy && watchers.length > 0) {
        const step = { step: base + at + 1, ...log.lastMeans() };
        for (const callback of watchers) callback.onStep?.(step);
      }
      return isHealthy;
    };
    leave = () => {
      last = readState(keeper?.take(feed.written));
      last.catch(() => {}); // whose device it was will say
    };
    signal?.addEventListener("abort", leave);
    const submissions = runSteps(state.device, executable, {
      from,
      steps: end,
      lap: lap * steps,
      waits: !crossesEpochs,
      isStopping: () => signal?.aborted ?? false,
      onLeft: ({ first, count, values }: Fetched) => {
        for (let at = first; at < first + count; at++) note(at, values[0] as ArrayLike<number>);
        keeper?.reached(log.next);
      },
      fetch: [ring.memory],
      rows: ring.shape[0] as number,
      pace: { stepsPerSubmit: options.stepsPerSubmit, budget: options.budget },
      estimate,
      before: (first, count) => {
        const row = first % (lap * steps);
        if (row === 0 || first === from) {
          const epoch = Math.floor(first / steps);
          const left = Math.min(lap, Math.ceil(end / steps) - epoch);
          feed.writeLap(Array.from({ length: left }, (_, i) => orderOf(firstEpoch + epoch + i)));
        }
        feed.writeSteps(row, count, scalarsFrom(run, base + first + 1));
      },
    });
    training: for await (const { first, count, values } of submissions) {
      const next = first + count;
      for (let at = first; at < next; at++) {
        const row = at % steps;
        if (!note(at, values[0] as ArrayLike<number>)) {
          const seldom = await import("./diagnose.ts");
          const table = orderOf(firstEpoch + Math.floor(at / steps));
          throw await seldom.explain(run, { set: { ...set, shape: run.options.input }, table, row, step: base + at });
        }
        const isEpochEnd = row === steps - 1;
        const isRead = at === next - 1;
        if (!isEpochEnd && !isRead) continue;
        run.step = base + at + 1;
        const now = performance.now();
        if (isRead) keeper?.reached(run.step);
        if (isRead && !snapshot && now > nextSnapshot) {
          snapshot = (keeper ? keeper.take(feed.written) : state.takeSnapshot()).catch(() => {}); // while the steps go on, which will say what is wrong
          void snapshot.then(() => {
            snapshot = undefined;
            nextSnapshot = performance.now() + Math.max(every, (performance.now() - now) / SNAPSHOT_SHARE);
          });
        }
        const isLast = at === end - 1 || isStopped || (signal?.aborted && run.step === feed.written);
        if (!isEpochEnd && !isLast && now - lastReport < reportEvery) continue;
        lastReport = now;
        if (isEpochEnd) run.epoch = firstEpoch + (at + 1) / steps;
        const stepsPerSecond = ((at + 1 - from) / (now - started)) * 1000;
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
          secondsLeft: (end - at - 1) / stepsPerSecond,
        };
        for (const callback of callbacks) callback.onReport?.(report, control);
        yield report;
        if (isStopped) break training;
      }
    }
    for (const callback of callbacks) callback.onEnd?.(control);
  } finally {
    run.isRunning = false;
    signal?.removeEventListener("abort", leave);
    if (!state.device.failure && !state.device.isClosed) {
      keeper?.giveUp();
      const [[step]] = await (last ?? readState(keeper?.last()));
      await snapshot;
      run.step = step as number; // steps in flight when a run was left count too
      run.epoch = placeOf(course, run.step).epoch;
    }
  }
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
