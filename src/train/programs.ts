// The programs of a trainer: compiled when first needed, kept for each batch size.

import type { Shape } from "../core/shape.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Device, Executable, Progress } from "../graph/device.ts";
import { input } from "../ops/constant.ts";
import { type Optimizer, scalarsAt } from "../optim/optimizer.ts";
import { prepare, type Work } from "../prepare.ts";
import type { Tensor } from "../tensor.ts";
import { Feed, type ResidentSet, upload } from "./feed.ts";
import { newEstimate, type StepEstimate } from "./loop.ts";
import type { ModelState } from "./state.ts";
import { type Blueprint, type Clip, forward, trainingStep } from "./step.ts";

export interface StepProgram {
  readonly set: Dataset;
  readonly feed: Feed;
  readonly executable: Executable;
  readonly ring: Tensor;
  readonly estimate: StepEstimate;
}

export interface PredictProgram {
  readonly x: Tensor;
  readonly executable: Executable;
  /** Shape of one prediction. */
  readonly shape: Shape;
}

export interface ProgramOptions {
  readonly input: Shape;
  readonly inputDType?: "f32" | "i32" | undefined;
  readonly optimizer: Optimizer;
  readonly clip?: Clip | undefined;
  readonly onCompile?: ((progress: Progress) => void) | undefined;
}

/** Frees what the programs of a trainer hold on the device once nobody has the trainer any more. */
const unused = new FinalizationRegistry<ReadonlySet<Executable>>((executables) => {
  for (const executable of executables) executable.release();
});

export class Programs {
  readonly #device: Device;
  readonly #blueprint: Blueprint;
  readonly #options: ProgramOptions;
  readonly #state: ModelState;
  readonly #resident = new WeakMap<Dataset, Promise<ResidentSet>>();
  readonly #training = new Map<number, StepProgram>();
  /** Those of `evaluate` and `predict`, which make them, by batch size. */
  readonly evaluation = new Map<number, StepProgram>();
  readonly prediction = new Map<number, PredictProgram>();
  readonly #executables = new Set<Executable>();

  constructor(blueprint: Blueprint, options: ProgramOptions, state: ModelState) {
    unused.register(this, this.#executables);
    this.#device = state.device;
    this.#blueprint = blueprint;
    this.#options = options;
    this.#state = state;
    this.#checkForward();
  }

  /** The training programs compiled so far. */
  get compiled(): readonly StepProgram[] {
    return [...this.#training.values()];
  }

  /** One training step over `set`. */
  async training(set: Dataset, batchSize: number): Promise<StepProgram> {
    const known = this.#training.get(batchSize);
    if (known?.set === set) return known;
    this.drop(known);
    const state = this.#state;
    const { optimizer, clip } = this.#options;
    const feed = new Feed(this.#device, await this.residentSet(set), {
      batchSize,
      rows: this.rows,
      scalars: Object.keys(scalarsAt(optimizer, 1)),
      counter: state.counter,
    });
    const updates = trainingStep(this.#blueprint, { optimizer, clip }, feed.batch(), state);
    const executable = await this.prepare({ updates });
    const program = { set, feed, executable, ring: state.ring, estimate: newEstimate() };
    this.#training.set(batchSize, program);
    return program;
  }

  /** Rows of logs and schedules. */
  get rows(): number {
    return this.#state.ring.shape[0] as number;
  }

  /** Makes a graph ready to run; it is freed with the trainer. */
  async prepare(work: Work): Promise<Executable> {
    const executable = await prepare(this.#device, { ...work, progress: this.#options.onCompile });
    this.#executables.add(executable);
    return executable;
  }

  /** Frees and forgets the program that another one is about to replace: that one may be refused. */
  drop(known: StepProgram | undefined): void {
    if (!known || !this.#executables.delete(known.executable)) return;
    known.executable.release();
    for (const kept of [this.#training, this.evaluation]) {
      for (const [batchSize, program] of kept) if (program === known) kept.delete(batchSize);
    }
  }

  /** A set's memory on the device, uploaded when first needed; where that is refused, it is tried again the next time. */
  residentSet(set: Dataset): Promise<ResidentSet> {
    let resident = this.#resident.get(set);
    if (!resident) {
      resident = upload(this.#device, { ...set, shape: this.#options.input });
      this.#resident.set(set, resident);
      resident.catch(() => this.#resident.delete(set));
    }
    return resident;
  }

  /** Builds the forward graph once on symbols, so that a model that does not fit fails before any device work. */
  #checkForward(): void {
    const { input: shape, inputDType = "f32" } = this.#options;
    const leaves = this.#blueprint.slots.map((slot) => input(slot.path, slot.shape));
    const x = input("x", [1, ...shape], inputDType);
    forward(this.#blueprint, leaves, x, { counter: input("counter", [], "u32"), training: false });
  }
}
