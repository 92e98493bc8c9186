// The trainer: owns parameters, optimiser state and programs, and runs them over data sets.

import { prepare } from "../compile.ts";
import { DataError, NonFiniteError, OptionError, ShapeError } from "../core/error.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { leavesOf } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices, type IndexTable, stepsPerEpoch } from "../data/indices.ts";
import type { Device, Executable, Progress } from "../graph/device.ts";
import type { Node } from "../graph/node.ts";
import type { Loss } from "../loss/loss.ts";
import type { Metric } from "../metrics/perSample.ts";
import { isParameter, type Layer, type NodeTree, type Parameter } from "../nn/layer.ts";
import { input } from "../ops/constant.ts";
import { packLayout, unpack } from "../ops/state.ts";
import { type Optimizer, scalarsAt } from "../optim/optimizer.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";
import { diagnose } from "./diagnose.ts";
import { Feed, type ResidentSet, RING_ROWS, upload } from "./feed.ts";
import { type Pace, runSteps } from "./loop.ts";
import type { Callback, Evaluation, Report, RunControl } from "./report.ts";
import { type Blueprint, type Clip, evaluationStep, forward, LOG, type ParameterSlot, trainingStep } from "./step.ts";

export interface TrainerOptions {
  /** Shape of one example. */
  readonly input: Shape;
  /** "i32" for whole numbers (token indices); f32 by default. */
  readonly inputDType?: "f32" | "i32";
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly metrics?: readonly Metric[];
  /** Fixes first weights, shuffling and dropout. 0 by default. */
  readonly seed?: number;
  readonly clip?: Clip;
  /** Adds to the loss, given the parameter tree. */
  readonly penalty?: (parameters: NodeTree) => Node;
  /** Told how far the compilation of a program is. */
  readonly onCompile?: (progress: Progress) => void;
}

export interface FitOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly validation?: Dataset;
  /** A new order each epoch (default true). */
  readonly shuffle?: boolean;
  readonly callbacks?: readonly Callback[];
  readonly signal?: AbortSignal;
  /** Stops after so many steps, in mid-epoch if need be. */
  readonly maxSteps?: number;
  readonly stepsPerSubmit?: number;
  /** Most milliseconds of one submission. */
  readonly budget?: number;
}

/** Parameters by path, "1.weight". */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

const REPORT_EVERY = 100;
const SNAPSHOT_EVERY = 5000;

/**
 * Makes a trainer: draws the first weights on the host and puts them on the device.
 * @throws ShapeError naming the layer that does not fit; OptionError for options that make no sense
 * @example
 * const trainer = await createTrainer(device, model, { input: [28, 28, 1], loss: loss.softmaxCrossEntropy(), optimizer: optim.adam(1e-3) });
 * for await (const report of trainer.fit(train, { epochs: 3, batchSize: 64 })) console.log(report.loss);
 */
export async function createTrainer(device: Device, model: Layer, options: TrainerOptions): Promise<Trainer> {
  device.check("createTrainer");
  const { seed = 0 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new OptionError(`createTrainer: seed must be a whole number from 0 on: got ${seed}`, { seed });
  let stream = 0;
  const { params } = model.init(options.input, { seed, nextStream: () => stream++ });
  const leaves = leavesOf<Parameter>(params, isParameter);
  if (leaves.length === 0) throw new OptionError("createTrainer: the model has no parameters to train");
  return new Trainer(
    device,
    model,
    options,
    leaves.map(({ path, leaf }) => ({ path, ...leaf })),
  );
}

interface Compiled {
  readonly feed: Feed;
  readonly executable: Executable;
}

export class Trainer {
  readonly device: Device;
  readonly #options: TrainerOptions;
  readonly #blueprint: Blueprint;
  readonly #offsets: readonly number[];
  readonly #parameters: Tensor;
  readonly #optimizerState: Readonly<Record<string, Tensor>>;
  readonly #health: Tensor;
  readonly #ring: Tensor;
  readonly #counter: Tensor;
  #kept: Tensor | undefined;
  #isKept = false;
  #snapshot: Float32Array;
  #step = 0;
  #epoch = 0;
  #rateScale = 1;
  #isRunning = false;
  readonly #resident = new WeakMap<Dataset, ResidentSet>();
  readonly #training = new Map<string, { set: Dataset; compiled: Compiled }>();
  readonly #evaluation = new Map<string, { set: Dataset; compiled: Compiled; ring: Tensor }>();
  readonly #prediction = new Map<number, { x: Tensor; executable: Executable }>();
  readonly #perStep = { milliseconds: 0 };

  constructor(device: Device, model: Layer, options: TrainerOptions, leaves: readonly (ParameterSlot & Parameter)[]) {
    const { loss, metrics = [], optimizer, seed = 0, penalty } = options;
    this.device = device;
    this.#options = options;
    this.#blueprint = {
      model,
      slots: leaves.map(({ path, shape }) => ({ path, shape })),
      loss,
      metrics,
      seed,
      penalty,
    };
    this.#checkForward();
    const { offsets, total } = packLayout(leaves.map(({ shape }) => sizeOf(shape)));
    this.#offsets = offsets;
    const flat = (label: string) => emptyTensor(device, { shape: [total], dtype: "f32", label });
    this.#snapshot = new Float32Array(total);
    leaves.forEach(({ data }, i) => {
      this.#snapshot.set(data, offsets[i]);
    });
    this.#parameters = flat("parameters");
    this.#parameters.write(this.#snapshot);
    this.#optimizerState = Object.fromEntries(
      optimizer.slots.map((name) => {
        const slot = flat(name);
        const initial = optimizer.initial?.[name];
        if (initial) slot.write(new Float32Array(total).fill(initial));
        return [name, slot];
      }),
    );
    this.#health = emptyTensor(device, { shape: [], dtype: "u32", label: "health" });
    this.#counter = emptyTensor(device, { shape: [], dtype: "u32", label: "step counter" });
    this.#ring = emptyTensor(device, { shape: [RING_ROWS, LOG.metrics + metrics.length], dtype: "f32", label: "log" });
  }

  /** Steps done so far. */
  get step(): number {
    return this.#step;
  }
  /** Epochs finished so far. */
  get epoch(): number {
    return this.#epoch;
  }
  /** Number of parameters. */
  get parameterCount(): number {
    return this.#blueprint.slots.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }
  /** Names and shapes of the parameters. */
  get parameters(): readonly ParameterSlot[] {
    return this.#blueprint.slots;
  }

  /**
   * Trains over `set` and reports at least 100 ms apart and at every epoch's end; the run pauses while nobody asks for the next report.
   * Leaving the loop early stops the run and keeps what was learnt.
   * @throws NonFiniteError naming step and tensor when a loss or gradient is not finite; the weights stay as they were before that step
   */
  async *fit(set: Dataset, options: FitOptions = {}): AsyncGenerator<Report, void, undefined> {
    const {
      epochs = 1,
      batchSize = 32,
      shuffle = true,
      callbacks = [],
      validation,
      signal,
      maxSteps = Number.POSITIVE_INFINITY,
    } = options;
    this.#checkSet("fit", set);
    checkBatchSize("fit", batchSize, set.count);
    if (validation) this.#checkSet("fit: validation", validation);
    if (!(epochs >= 1) || (!Number.isInteger(epochs) && epochs !== Number.POSITIVE_INFINITY))
      throw new OptionError(`fit: epochs must be a whole number from 1 on: got ${epochs}`, { epochs });
    checkStepsPerSubmit(options.stepsPerSubmit);
    signal?.throwIfAborted();
    if (this.#isRunning) throw new OptionError("fit: this trainer is already in a run. Wait for it, or stop it first");
    this.#isRunning = true;
    let isStopped = false;
    const control: RunControl = {
      stop: () => {
        isStopped = true;
      },
      scaleLearningRate: (factor) => {
        this.#rateScale *= factor;
      },
      keepWeights: () => this.#keep(),
      restoreWeights: () => this.#restore(),
    };
    try {
      const { feed, executable } = await this.#trainingProgram(set, batchSize);
      feed.startAt(this.#step);
      const steps = stepsPerEpoch(set.count, batchSize);
      const metricNames = this.#blueprint.metrics.map(({ name }) => name);
      const started = performance.now();
      const firstStep = this.#step;
      let lastReport = started;
      let lastSnapshot = started;
      for (let done = 0; done < epochs && !isStopped && this.#step - firstStep < maxSteps; done++) {
        const table = epochIndices(set.count, batchSize, { shuffle, seed: this.#blueprint.seed, epoch: this.#epoch });
        feed.writeEpoch(table);
        const log = new EpochLog(metricNames);
        const wanted = Math.min(steps, maxSteps - (this.#step - firstStep));
        const epochStart = this.#step;
        const run = runSteps(this.device, executable, {
          steps: wanted,
          fetch: [this.#ring.memory],
          pace: paceOf(options),
          perStep: this.#perStep,
          before: (first, count) => feed.writeSteps(this.#rowsFor(table, epochStart, first, count)),
        });
        for await (const { first, count, values } of run) {
          const ring = values[0] as ArrayLike<number>;
          for (let i = 0; i < count; i++) {
            const { isHealthy, ...step } = log.add(ring, epochStart + first + i, table.valid[first + i] as number);
            if (!isHealthy) await this.#explain(set, table, epochStart, first + i);
            for (const callback of callbacks) callback.onStep?.(step);
          }
          this.#step = epochStart + first + count;
          const now = performance.now();
          if (now - lastSnapshot > SNAPSHOT_EVERY) {
            lastSnapshot = now;
            await this.#takeSnapshot();
          }
          const isEpochEnd = first + count >= steps;
          if (signal?.aborted) isStopped = true;
          if (isEpochEnd) this.#epoch++;
          if (!isEpochEnd && !isStopped && now - lastReport < REPORT_EVERY && first + count < wanted) continue;
          lastReport = now;
          const stepsPerSecond = ((this.#step - firstStep) / (now - started)) * 1000;
          const stepsLeft = Math.min(epochs * steps, maxSteps) - (this.#step - firstStep);
          const report: Report = {
            epoch: done + 1,
            epochs,
            step: first + count,
            steps,
            totalSteps: this.#step,
            ...log.means(),
            isEpochEnd,
            ...(isEpochEnd && validation
              ? {
                  validation: await this.evaluate(validation, {
                    batchSize: Math.min(validation.count, Math.max(batchSize, 256)),
                  }),
                }
              : {}),
            learningRate: this.#learningRate(),
            stepsPerSecond,
            secondsLeft: stepsLeft / stepsPerSecond,
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
      this.#isRunning = false;
      if (!this.device.failure && !this.device.isClosed) await this.#settle();
    }
  }

  /** Loss and metrics over a whole set. */
  async evaluate(
    set: Dataset,
    options: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Evaluation> {
    this.#checkSet("evaluate", set);
    const batchSize = options.batchSize ?? Math.min(256, set.count);
    checkBatchSize("evaluate", batchSize, set.count);
    const { compiled, ring } = await this.#evaluationProgram(set, batchSize);
    const { feed, executable } = compiled;
    const table = epochIndices(set.count, batchSize);
    feed.writeEpoch(table);
    const start = feed.steps;
    const log = new EpochLog(this.#blueprint.metrics.map(({ name }) => name));
    const run = runSteps(this.device, executable, {
      steps: table.steps,
      fetch: [ring.memory],
      before: (first, count) =>
        feed.writeSteps(
          Array.from({ length: count }, (_, i) => ({ row: first + i, valid: table.valid[first + i] as number })),
        ),
    });
    for await (const { first, count, values } of run) {
      options.signal?.throwIfAborted();
      for (let i = 0; i < count; i++)
        log.add(values[0] as ArrayLike<number>, start + first + i, table.valid[first + i] as number);
    }
    return { ...log.means(), count: set.count };
  }

  /**
   * The model's outputs for examples given as one flat array, or for a data set: `count` rows of `shape`.
   * @throws ShapeError when the numbers do not make whole examples
   */
  async predict(
    examples: Dataset | ArrayLike<number>,
    options: { readonly batchSize?: number } = {},
  ): Promise<{ readonly data: Float32Array; readonly shape: Shape }> {
    const { input: shape, inputDType: dtype = "f32" } = this.#options;
    const size = sizeOf(shape);
    const set = "features" in examples ? examples : undefined;
    const source = set ? set.features : (examples as ArrayLike<number>);
    const count = source.length / size;
    if (!Number.isInteger(count) || count === 0)
      throw new ShapeError(`predict: ${source.length} numbers do not make examples of shape ${showShape(shape)}`);
    const batchSize = Math.min(count, options.batchSize ?? 256);
    checkBatchSize("predict", batchSize, count);
    let program = this.#prediction.get(batchSize);
    if (!program) {
      const x = emptyTensor(this.device, { shape: [batchSize, ...shape], dtype, label: "examples" });
      const leaves = unpack(
        this.#parameters.node,
        this.#blueprint.slots.map((slot) => slot.shape),
      );
      const y = forward(this.#blueprint, leaves, x.node, this.#counter.node, false);
      program = { x, executable: await prepare(this.device, { outputs: [y], ...this.#progress() }) };
      this.#prediction.set(batchSize, program);
    }
    const result = program.executable.outputs[0] as { shape: Shape };
    const width = sizeOf(result.shape.slice(1));
    const data = new Float32Array(count * width);
    const { scale, offset } = set && set.features instanceof Uint8Array ? set : { scale: 1, offset: 0 };
    const buffer = new Float32Array(batchSize * size);
    for (let start = 0; start < count; start += batchSize) {
      const rows = Math.min(batchSize, count - start);
      for (let i = 0; i < rows * size; i++) buffer[i] = (source[start * size + i] as number) * scale + offset;
      program.x.write(buffer);
      const [y] = await program.executable.run(1, program.executable.outputs)();
      data.set((y as Float32Array).subarray(0, rows * width), start * width);
    }
    return { data, shape: [count, ...result.shape.slice(1)] };
  }

  /** All parameters by path. After a device was lost: those of the last snapshot, at most 5 s old. */
  async weights(): Promise<Weights> {
    if (!this.device.failure && !this.device.isClosed) await this.#takeSnapshot();
    return Object.fromEntries(
      this.#blueprint.slots.map(({ path, shape }, i) => {
        const start = this.#offsets[i] as number;
        return [path, { shape, data: this.#snapshot.slice(start, start + sizeOf(shape)) }];
      }),
    );
  }

  /**
   * Replaces all parameters.
   * @throws DataError when a name is missing or unknown, or a shape differs
   */
  load(weights: Weights): void {
    const { slots } = this.#blueprint;
    for (const name of Object.keys(weights)) {
      if (!slots.some(({ path }) => path === name))
        throw new DataError(
          `load: the model has no parameter "${name}". It has: ${slots.map(({ path }) => path).join(", ")}`,
        );
    }
    const next = this.#snapshot.slice();
    slots.forEach(({ path, shape }, i) => {
      const given = Object.hasOwn(weights, path) ? weights[path] : undefined;
      if (!given) throw new DataError(`load: parameter "${path}" is missing`);
      if (!sameShape(given.shape, shape))
        throw new DataError(`load: parameter "${path}" is ${showShape(shape)}: got ${showShape(given.shape)}`);
      const bad = given.data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        throw new DataError(`load: parameter "${path}" is not finite: element ${bad} is ${given.data[bad]}`);
      next.set(given.data, this.#offsets[i]);
    });
    this.#snapshot = next;
    this.#parameters.write(next);
    this.#health.write([0]);
  }

  /** The plan of the training step in words, once a fit has compiled it. */
  print(): string {
    return [...this.#training.values()].map(({ compiled }) => compiled.executable.print()).join("\n\n");
  }

  /** Dispatches and memory of the training step, once a fit has compiled it. */
  get stats() {
    return [...this.#training.values()].at(-1)?.compiled.executable.stats;
  }

  #checkSet(call: string, set: Dataset): void {
    this.device.check(call);
    const { input: shape, loss } = this.#options;
    if (!sameShape(set.shape, shape) && sizeOf(set.shape) !== sizeOf(shape)) {
      throw new ShapeError(`${call}: examples are ${showShape(set.shape)}: the model takes ${showShape(shape)}`);
    }
    if (loss.target === "classes" && !(set.labels instanceof Int32Array))
      throw new DataError(
        `${call}: ${loss.name} needs class indices: the labels are numbers. Pass { classes } to dataset()`,
      );
  }

  /** Builds the forward graph once, on symbols, so that a model that does not fit fails before any device work. */
  #checkForward(): void {
    const { input: shape, inputDType = "f32" } = this.#options;
    const leaves = this.#blueprint.slots.map((slot) => input(slot.path, slot.shape));
    forward(this.#blueprint, leaves, input("x", [1, ...shape], inputDType), input("counter", [], "u32"), false);
  }

  #progress() {
    const progress = this.#options.onCompile;
    return progress ? { progress } : {};
  }

  #residentSet(set: Dataset): ResidentSet {
    let resident = this.#resident.get(set);
    if (!resident) {
      resident = upload(this.device, { ...set, shape: this.#options.input });
      this.#resident.set(set, resident);
    }
    return resident;
  }

  async #trainingProgram(set: Dataset, batchSize: number): Promise<Compiled> {
    const known = this.#training.get(`${batchSize}`);
    if (known?.set === set) return known.compiled;
    known?.compiled.executable.release();
    const { optimizer, clip } = this.#options;
    const scalars = Object.keys(scalarsAt(optimizer, 1));
    const feed = new Feed(this.device, this.#residentSet(set), {
      batchSize,
      steps: stepsPerEpoch(set.count, batchSize),
      scalars,
      counter: this.#counter,
    });
    const updates = trainingStep(this.#blueprint, { optimizer, clip }, feed.batch(), {
      parameters: this.#parameters,
      optimizer: this.#optimizerState,
      health: this.#health,
      ring: this.#ring,
      counter: this.#counter,
    });
    const executable = await prepare(this.device, { updates, ...this.#progress() });
    const compiled = { feed, executable };
    this.#training.set(`${batchSize}`, { set, compiled });
    return compiled;
  }

  async #evaluationProgram(set: Dataset, batchSize: number): Promise<{ compiled: Compiled; ring: Tensor }> {
    const known = this.#evaluation.get(`${batchSize}`);
    if (known?.set === set) return known;
    known?.compiled.executable.release();
    const ring = emptyTensor(this.device, { shape: this.#ring.shape, dtype: "f32", label: "evaluation log" });
    const feed = new Feed(this.device, this.#residentSet(set), {
      batchSize,
      steps: stepsPerEpoch(set.count, batchSize),
    });
    const updates = evaluationStep(this.#blueprint, feed.batch(), {
      parameters: this.#parameters,
      ring,
      counter: feed.counter,
    });
    const made = {
      set,
      compiled: { feed, executable: await prepare(this.device, { updates, ...this.#progress() }) },
      ring,
    };
    this.#evaluation.set(`${batchSize}`, made);
    return made;
  }

  #rowsFor(table: IndexTable, epochStart: number, first: number, count: number) {
    const { optimizer } = this.#options;
    return Array.from({ length: count }, (_, i) => ({
      row: first + i,
      valid: table.valid[first + i] as number,
      scalars: scalarsAt(optimizer, epochStart + first + i + 1, this.#rateScale),
    }));
  }

  #learningRate(): number {
    const { learningRate } = this.#options.optimizer;
    return (
      (typeof learningRate === "function" ? learningRate(Math.max(0, this.#step - 1)) : learningRate) * this.#rateScale
    );
  }

  async #takeSnapshot(): Promise<void> {
    const values = (await this.device.read(this.#parameters.memory)) as Float32Array;
    if (values.every(Number.isFinite)) this.#snapshot = values;
  }

  /** After a run was left early: the step count that the device reached. */
  async #settle(): Promise<void> {
    this.#step = (await this.#counter.read())[0] as number;
    await this.#takeSnapshot();
  }

  #keep(): void {
    this.#kept ??= emptyTensor(this.device, { shape: this.#parameters.shape, dtype: "f32", label: "best weights" });
    this.device.copy(this.#parameters.memory, this.#kept.memory);
    this.#isKept = true;
  }

  #restore(): void {
    if (this.#kept && this.#isKept) this.device.copy(this.#kept.memory, this.#parameters.memory);
  }

  /** Finds what was not finite first in a step, on the CPU reference, and throws. The weights are those from before that step. */
  async #explain(set: Dataset, table: IndexTable, epochStart: number, row: number): Promise<never> {
    const weights = await this.weights();
    const step = epochStart + row + 1;
    const what = diagnose(this.#blueprint, {
      weights,
      set: { ...set, shape: this.#options.input },
      table,
      row,
      step: step - 1,
    });
    this.#health.write([0]);
    throw new NonFiniteError(
      `fit: step ${step} is not finite: ${what}. The weights are those from before this step. Try a smaller learning rate, or clip gradients`,
      { step },
    );
  }
}

/** Sums of an epoch, from the log of each step. */
class EpochLog {
  readonly #metrics: readonly string[];
  readonly #sums: Float64Array;
  #steps = 0;
  #examples = 0;

  constructor(metrics: readonly string[]) {
    this.#metrics = metrics;
    this.#sums = new Float64Array(LOG.metrics + metrics.length);
  }

  /** Adds the row of `step` (from 0) and gives that step's own means. */
  add(ring: ArrayLike<number>, step: number, examples: number) {
    const width = this.#sums.length;
    const row = Array.from({ length: width }, (_, i) => ring[(step % RING_ROWS) * width + i] as number);
    row.forEach((value, i) => {
      this.#sums[i] = (this.#sums[i] as number) + value;
    });
    this.#steps++;
    this.#examples += examples;
    return { step: step + 1, isHealthy: row[LOG.health] === 0, ...this.#meansOf(row, 1, examples) };
  }

  means() {
    return this.#meansOf(this.#sums, this.#steps, this.#examples);
  }

  #meansOf(row: ArrayLike<number>, steps: number, examples: number): { loss: number; metrics: Record<string, number> } {
    const at = (column: number) => row[column] as number;
    const metrics = Object.fromEntries(this.#metrics.map((name, i) => [name, at(LOG.metrics + i) / examples]));
    return { loss: at(LOG.loss) / at(LOG.weight) + at(LOG.penalty) / steps, metrics };
  }
}

function paceOf({ stepsPerSubmit, budget }: FitOptions): Pace {
  return { stepsPerSubmit, budget };
}

function checkStepsPerSubmit(steps: number | undefined): void {
  if (steps !== undefined && (!Number.isInteger(steps) || steps < 1 || steps > RING_ROWS / 4)) {
    throw new OptionError(`fit: stepsPerSubmit must be a whole number in 1 … ${RING_ROWS / 4}: got ${steps}`, {
      stepsPerSubmit: steps,
    });
  }
}
