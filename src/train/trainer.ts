// The trainer: a model with its parameters on a device, and what can be done with them.
import type { Compiled, CompileOptions } from "../compile.ts";
import { DataError, DeviceError, OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { leavesOf } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize } from "../data/indices.ts";
import type { Numbers } from "../data/rows.ts";
import type { Device, DispatchTime, ExecutableStats, Progress } from "../graph/device.ts";
import type { Node } from "../graph/node.ts";
import type { Loss } from "../loss/loss.ts";
import type { Metric } from "../metrics/perSample.ts";
import { isParameter, type Layer, type NodeTree, type Parameter } from "../nn/layer.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ModelInGraph } from "./compileModel.ts";
import { EpochLog } from "./epochLog.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import { fitLoop } from "./fit.ts";
import type { FitOptions } from "./fitOptions.ts";
import type { Prediction } from "./predict.ts";
import { Programs } from "./programs.ts";
import type { Evaluation, Report } from "./report.ts";
import type { Run } from "./run.ts";
import { isTrained, type Leaf, type ParameterSlot, slotsOf } from "./slots.ts";
import { ModelState, type Weights } from "./state.ts";
import type { Blueprint, Clip } from "./step.ts";

/** What a trainer is made of besides the model. */
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
  /** Gradient clipping, such as `optim.clip({ norm: 1 })`: what becomes of all gradients, packed in one array. */
  readonly clip?: Clip;
  /** Adds to the loss, given the parameter tree. */
  readonly penalty?: (parameters: NodeTree) => Node;
  /** Told how many pipelines of a program are done, each time that another one is: at the first `fit`, `evaluate` and `predict`. */
  readonly onCompile?: (progress: Progress) => void;
}

const TRAINER_OPTIONS: readonly (keyof TrainerOptions)[] = [
  "input",
  "inputDType",
  "loss",
  "optimizer",
  "metrics",
  "seed",
  "clip",
  "penalty",
  "onCompile",
];

/**
 * Makes a trainer: draws the first weights on the host and puts them on the device.
 * @throws ShapeError naming the layer that does not fit; OptionError for options that make no sense
 * @example
 * const trainer = await createTrainer(device, model, {
 *   input: [28, 28, 1], loss: loss.softmaxCrossEntropy(), optimizer: optim.adam(1e-3), metrics: [metrics.accuracy()],
 * });
 * for await (const report of trainer.fit(mnist.train, { epochs: 3, batchSize: 64 })) console.log(report.loss);
 */
export async function createTrainer(device: Device, model: Layer, options: TrainerOptions): Promise<Trainer> {
  device.check("createTrainer");
  checkKnown("createTrainer", options, TRAINER_OPTIONS);
  const { seed = 0 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new OptionError(`createTrainer: seed must be a whole number from 0 on: got ${seed}`, { seed });
  }
  let stream = 0;
  const { params, output } = model.init(options.input, {
    seed,
    nextStream: () => stream++,
    reserve: memoryGuard(device, options.optimizer.slots.length),
  });
  const leaves = leavesOf<Parameter>(params, isParameter).map(({ path, leaf }) => ({ path, ...leaf }));
  const roles = leaves.every(isTrained)
    ? leaves.map((leaf) => ({ ...leaf, role: "trained" as const }))
    : (await import("./roles.ts")).assignRoles(model, leaves, options);
  if (!roles.some(({ role }) => role === "trained"))
    throw new OptionError("createTrainer: the model has no parameters to train");
  return new Trainer(device, model, options, roles, output);
}

/** Adds up what the parameters of a model take, and refuses the first that is too much for the device. */
function memoryGuard(device: Device, slots: number): (shape: Shape) => void {
  const most = device.info.limits.maxStorageBufferBindingSize ?? 2 ** 31;
  let elements = 0;
  return (shape) => {
    elements += sizeOf(shape);
    if (elements * 4 <= most) return;
    const [parameters, all] = [elements * 4, elements * 4 * (2 + slots)].map(
      (bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`,
    );
    throw new DeviceError(
      `createTrainer: the model is too large for this device: with ${showShape(shape)} its parameters take ${parameters} (${all} with gradients and optimiser state): one array may have ${Math.floor(most / 2 ** 20)} MiB`,
      { bytes: elements * 4, limit: most },
    );
  };
}

/** A model on a device, with its optimiser. Made by `createTrainer`. */
export class Trainer {
  readonly device: Device;
  /** Shape of one prediction. */
  readonly output: Shape;
  readonly #options: TrainerOptions;
  readonly #run: Run;

  /** Use `createTrainer`. */
  constructor(
    device: Device,
    model: Layer,
    options: TrainerOptions,
    leaves: readonly (ParameterSlot & Leaf)[],
    output: Shape,
  ) {
    this.output = output;
    const { loss, metrics = [], optimizer, seed = 0, penalty } = options;
    this.device = device;
    this.#options = options;
    const slots = leaves.map(({ path, shape, role }) => ({ path, shape, role }));
    const blueprint: Blueprint = { model, slots, loss, metrics, seed, penalty };
    const state = new ModelState(device, leaves, optimizer, metrics.length);
    const programs = new Programs(blueprint, options, state);
    this.#run = {
      blueprint,
      options,
      state,
      programs,
      log: new EpochLog(metrics.map(({ name }) => name)),
      course: undefined,
      step: 0,
      epoch: 0,
      rateScale: 1,
      isRunning: false,
    };
  }

  /** Steps done so far. */
  get step(): number {
    return this.#run.step;
  }
  /** Epochs finished so far. */
  get epoch(): number {
    return this.#run.epoch;
  }
  /** Names, shapes and roles of all parameters: trained ones, running statistics, frozen ones. */
  get parameters(): readonly ParameterSlot[] {
    return this.#run.state.slots;
  }
  /** Numbers that are trained. */
  get parameterCount(): number {
    return slotsOf(this.parameters, "trained").reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }
  /** Dispatches and memory of the training step, once a fit has compiled it. */
  get stats(): ExecutableStats | undefined {
    return this.#run.programs.compiled.at(-1)?.executable.stats;
  }
  /** The plan of the training step in words, once a fit has compiled it. */
  async print(): Promise<string> {
    return (await Promise.all(this.#run.programs.compiled.map(({ executable }) => executable.print()))).join("\n\n");
  }

  /**
   * Each dispatch of the training step: layer, phase, bytes, FLOPs and time, from the last steps done over again. A small network's step is
   * one row. The weights change meanwhile. Empty before the first step, and on the CPU reference.
   */
  async profile(): Promise<DispatchTime[]> {
    const later = await import("./profileSteps.ts");
    return later.profileSteps(this.#run);
  }

  /**
   * Trains over `set` and reports at least 100 ms apart and at every epoch's end; the run pauses while nobody asks for the next report.
   * Leaving the loop early stops the run and keeps what was learnt; a second call goes on where the first one ended, in mid-epoch too where
   * the set is as large and the batches are. The weights are those
   * of the report only at the end of an epoch, and where small networks run many epochs at once, only with `validation` or an `onReport`.
   * @throws NonFiniteError naming step and tensor when a loss or gradient is not finite; the weights stay as they were before that step
   */
  async *fit(set: Dataset, options: FitOptions = {}): AsyncGenerator<Report, void, undefined> {
    this.#checkSet("fit", set);
    if (options.validation) this.#checkSet("fit: validation", options.validation);
    const evaluate = (validation: Dataset, batchSize: number) => this.evaluate(validation, { batchSize });
    yield* fitLoop(this.#run, set, options, evaluate);
  }

  /** Means of the loss and the metrics over a whole set. */
  async evaluate(set: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    this.#checkSet("evaluate", set);
    const later = await import("./evaluate.ts");
    return later.evaluate(this.#run, set, options);
  }

  /**
   * The model's outputs, `shape` [count, …], for a data set, for examples as rows, or for examples in one flat array.
   * @throws DataError when the numbers do not make whole examples, for ragged rows, and for what is no number
   */
  async predict(examples: Dataset | Numbers, options: { readonly batchSize?: number } = {}): Promise<Prediction> {
    this.device.check("predict");
    const later = await import("./predict.ts");
    return later.predict(this.#run, examples, options.batchSize);
  }

  /**
   * Compiles a function of the model as it is when the function runs, even between the steps of a run: it reads the very arrays that
   * training changes, so nothing is copied or read back. `gpuBufferOf` gives the buffer of a result, to draw from.
   * @param specs one tree for each argument after the model, as for `compile`
   * @example
   * const map = await trainer.compile((model, x) => model.apply(x), [[2500, 2]]);
   * const scores = map.run(places); // [2500, classes], on the device
   */
  async compile<Result>(
    // biome-ignore lint/suspicious/noExplicitAny: arguments are trees whose type the caller states
    fn: (model: ModelInGraph, ...args: any[]) => Result,
    specs: readonly unknown[],
    options?: CompileOptions,
  ): Promise<Compiled<Result>> {
    this.device.check("compile");
    const later = await import("./compileModel.ts");
    return later.compileModel(this.#run.blueprint, this.#run.state, fn, specs, options);
  }

  /** All parameters by path, running statistics and frozen ones included. After a device was lost: those of the last snapshot, at most 5 s old. */
  async weights(): Promise<Weights> {
    if (!this.device.failure && !this.device.isClosed) await this.#run.state.takeSnapshot();
    return this.#run.state.weights();
  }

  /**
   * Replaces all parameters, or none when they do not fit.
   * @throws DataError when a name is missing or unknown, a shape differs, or a value is not finite
   */
  load(weights: Weights): void {
    this.device.check("load");
    this.#run.state.load(weights);
  }

  /**
   * The whole state as plain data: parameters, running statistics, the optimiser's, counters, the place in the epoch that was begun. Between
   * the reports of a run it is that after all steps already queued.
   * @throws DeviceError when the device is lost; NonFiniteError when a parameter is not finite
   */
  async checkpoint(): Promise<Checkpoint> {
    this.device.check("checkpoint");
    const later = await import("./checkpoint.ts");
    return later.checkpointOf(this.#run);
  }

  /**
   * Becomes what the trainer was that made the checkpoint: the next `fit` over the same set with the same batch size goes on where that one
   * stood, and gives the same bits as if it had never stopped (in f32: the CPU reference computes in float64).
   * @throws DataError when a parameter or the optimiser does not fit
   */
  async restore(checkpoint: Checkpoint): Promise<void> {
    this.device.check("restore");
    const later = await import("./checkpoint.ts");
    later.restore(this.#run, checkpoint);
  }

  /** Compiles the training step ahead, so that the first `fit` over this set with this batch size (32) begins at once. */
  async prepare(set: Dataset, options: { readonly batchSize?: number } = {}): Promise<void> {
    this.#checkSet("prepare", set);
    const { batchSize = Math.min(32, set.count) } = options;
    checkBatchSize("prepare", batchSize, set.count);
    await this.#run.programs.training(set, batchSize);
  }

  #checkSet(call: string, set: Dataset): void {
    this.device.check(call);
    const { input: shape, inputDType = "f32", loss } = this.#options;
    if (!sameShape(set.shape, shape) && sizeOf(set.shape) !== sizeOf(shape)) {
      throw new ShapeError(`${call}: examples are ${showShape(set.shape)}: the model takes ${showShape(shape)}`);
    }
    if (inputDType === "i32" && !(set.features instanceof Int32Array)) {
      throw new DataError(`${call}: the model takes whole numbers: the features are not. Pass an Int32Array`);
    }
    const outputs = this.output.at(-1) ?? 1;
    if (loss.target === "classes" && set.classes !== undefined && set.classes > outputs) {
      throw new DataError(
        `${call}: the labels have ${set.classes} classes: the model gives ${outputs} numbers an example`,
      );
    }
    if (loss.target !== "classes" && sizeOf(set.labelShape) !== sizeOf(this.output)) {
      throw new ShapeError(
        `${call}: labels are ${showShape(set.labelShape)}: the model gives ${showShape(this.output)}`,
      );
    }
    if (loss.target === "classes" && !(set.labels instanceof Int32Array)) {
      throw new DataError(
        `${call}: ${loss.name} needs class indices: the labels are numbers. Pass { classes } to dataset()`,
      );
    }
  }
}
