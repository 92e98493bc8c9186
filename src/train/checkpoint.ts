// All that a run is made of, as plain data, read at one point of the device's queue. Loaded only where checkpoints are taken or gone on from.
import { DataError, NonFiniteError, OptionError } from "../core/error.ts";
import type { SavedLog } from "./epochLog.ts";
import { placeOf, type Run } from "./run.ts";
import type { Weights } from "./state.ts";

/** The whole state of a trainer; `structuredClone` and `postMessage` take it. A trainer of the same model and optimiser goes on from it bit by bit. */
export interface Checkpoint {
  /** Steps done in all. */
  readonly step: number;
  /** Epochs done in all. */
  readonly epoch: number;
  /** The epoch that was begun: how many of its steps are done, in batches of which size, over how many examples. */
  readonly begun: {
    readonly step: number;
    readonly batchSize: number;
    readonly count: number;
    /** The sums behind its means; none when it was taken while steps were under way that nobody had read. */
    readonly log?: SavedLog;
  };
  /** What callbacks have multiplied the learning rate by. */
  readonly rateScale: number;
  /** 1 when a number was not finite, and no update has changed anything since. */
  readonly health: number;
  /** All parameters, running statistics and frozen ones included. */
  readonly weights: Weights;
  readonly optimizer: { readonly name: string; readonly slots: Readonly<Record<string, Float32Array>> };
}

/** Reads the state as it is once all steps queued so far are done. `log` has the sums of the epoch begun there. */
async function takeCheckpoint(run: Run, log?: Promise<SavedLog | undefined>): Promise<Checkpoint | undefined> {
  const { state, course, rateScale, options } = run;
  const read = async (tensor: { read(): Promise<ArrayLike<number>> }) => (await tensor.read())[0] as number;
  const slots = Object.entries(state.optimizer).map(async ([name, tensor]) => [name, await tensor.read()] as const);
  const [weights, counter, health, ...moving] = await Promise.all([
    state.takeSnapshot(),
    read(state.counter),
    read(state.health),
    ...slots,
  ]);
  const saved = log ? await log : run.log.next === counter ? run.log.save() : undefined;
  if (!weights) return undefined;
  const { epoch, row } = course ? placeOf(course, counter) : { epoch: run.epoch, row: 0 };
  const { batchSize = 1, count = 1 } = course ?? {};
  return {
    step: counter,
    epoch,
    begun: { step: row, batchSize, count, ...(saved && row > 0 ? { log: saved } : {}) },
    rateScale,
    health,
    weights,
    optimizer: { name: options.optimizer.name, slots: Object.fromEntries(moving) as Record<string, Float32Array> },
  };
}

/** Does the work of `Trainer.checkpoint`. */
export async function checkpointOf(run: Run): Promise<Checkpoint> {
  const checkpoint = await takeCheckpoint(run);
  if (!checkpoint) throw new NonFiniteError("checkpoint: a parameter is not finite");
  return checkpoint;
}

/** Takes checkpoints while steps go on. One that a number which is not finite has spoilt is left out. */
export interface Keeper {
  /** Begins one of the state after `submitted` steps, and tells of it once the host has read their log. */
  take(submitted: number): Promise<void>;
  /** To be told how many steps the host has read. */
  reached(step: number): void;
  /** Nobody will read any log: what was begun goes without one. */
  giveUp(): void;
  /** Takes one when nothing is under way any more. */
  last(): Promise<void>;
}

/** What `fit` keeps checkpoints with. */
export function keeperOf(run: Run, tell: (checkpoint: Checkpoint) => void): Keeper {
  let due = -1;
  let resolve: (log: SavedLog | undefined) => void = () => {};
  const reached = (step: number) => {
    if (step === due) resolve(run.log.save());
  };
  const keep = async (log?: Promise<SavedLog | undefined>) => {
    const checkpoint = await takeCheckpoint(run, log);
    if (checkpoint?.health === 0) tell(checkpoint);
  };
  return {
    take(submitted) {
      resolve(undefined); // of one whose steps nobody has read yet
      const log = new Promise<SavedLog | undefined>((whenRead) => {
        [due, resolve] = [submitted, whenRead];
      });
      reached(run.log.next); // where nothing is under way
      return keep(log);
    },
    reached,
    giveUp: () => resolve(undefined),
    last: () => keep(),
  };
}

/** Makes a trainer what another one was, or leaves it as it is. @throws DataError naming what does not fit */
export function restore(run: Run, checkpoint: Checkpoint): void {
  if (run.isRunning) throw new OptionError("restore: this trainer is in a run. Wait for it, or stop it first");
  const { state, options } = run;
  const { step, epoch, begun, rateScale, health, weights, optimizer } = checkpoint ?? {};
  const isWhole = [step, epoch, begun?.step, begun?.batchSize, begun?.count].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  if (!isWhole || !weights || !optimizer?.slots || !(rateScale >= 0) || !begun.batchSize) {
    throw new DataError("restore: this is no checkpoint, or parts of it are missing");
  }
  if (optimizer.name !== options.optimizer.name) {
    throw new DataError(`restore: the optimiser is ${options.optimizer.name}: the checkpoint is of ${optimizer.name}`);
  }
  const slots = Object.entries(state.optimizer);
  for (const [name, { size }] of slots) {
    const { length } = optimizer.slots[name] ?? [];
    if (length !== size) throw new DataError(`restore: "${name}" of the optimiser has ${size} numbers: got ${length}`);
  }
  state.load(weights, "restore");
  for (const [name, tensor] of slots) tensor.write(optimizer.slots[name] as Float32Array);
  state.counter.write([step]);
  state.health.write([health]);
  Object.assign(run, { step, epoch, rateScale, course: { ...begun, base: step - begun.step, epoch } });
  run.log.restore(begun.log, step);
}
