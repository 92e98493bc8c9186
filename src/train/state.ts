// What training changes: parameters, optimiser state, the step counter, the log and the health flag, all on the device.
import { DataError } from "../core/error.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Device } from "../graph/device.ts";
import type { Parameter } from "../nn/layer.ts";
import { packLayout } from "../ops/state.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";
import { RING_ROWS } from "./feed.ts";
import { LOG, type ParameterSlot, type TrainingState } from "./step.ts";

/** Parameters by path, "1.weight". */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

export class ModelState implements TrainingState {
  readonly device: Device;
  readonly slots: readonly ParameterSlot[];
  readonly parameters: Tensor;
  readonly optimizer: Readonly<Record<string, Tensor>>;
  readonly health: Tensor;
  readonly ring: Tensor;
  readonly counter: Tensor;
  readonly #offsets: readonly number[];
  #snapshot: Float32Array;
  #kept: Tensor | undefined;

  constructor(device: Device, leaves: readonly (ParameterSlot & Parameter)[], optimizer: Optimizer, metrics: number) {
    this.device = device;
    this.slots = leaves.map(({ path, shape }) => ({ path, shape }));
    const { offsets, total } = packLayout(leaves.map(({ shape }) => sizeOf(shape)));
    this.#offsets = offsets;
    this.#snapshot = new Float32Array(total);
    leaves.forEach(({ data }, i) => {
      this.#snapshot.set(data, offsets[i]);
    });
    const flat = (label: string, first: number | Float32Array = 0) => {
      const made = emptyTensor(device, { shape: [total], dtype: "f32", label });
      if (first !== 0) made.write(typeof first === "number" ? new Float32Array(total).fill(first) : first);
      return made;
    };
    this.parameters = flat("parameters", this.#snapshot);
    this.optimizer = Object.fromEntries(optimizer.slots.map((name) => [name, flat(name, optimizer.initial?.[name])]));
    this.health = emptyTensor(device, { shape: [], dtype: "u32", label: "health" });
    this.counter = emptyTensor(device, { shape: [], dtype: "u32", label: "step counter" });
    this.ring = emptyTensor(device, { shape: [RING_ROWS, LOG.metrics + metrics], dtype: "f32", label: "log" });
  }

  /** Copies the parameters to the host, unless they are not finite. */
  async takeSnapshot(): Promise<void> {
    const values = (await this.parameters.read()) as Float32Array;
    if (values.every(Number.isFinite)) this.#snapshot = values;
  }

  /** The parameters of the last snapshot. */
  weights(): Weights {
    const entries = this.slots.map(({ path, shape }, i) => {
      const start = this.#offsets[i] as number;
      return [path, { shape, data: this.#snapshot.slice(start, start + sizeOf(shape)) }] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Replaces all parameters, or none. @throws DataError for a name missing or unknown, another shape, or values that are not finite */
  load(weights: Weights): void {
    const names = this.slots.map(({ path }) => path);
    const unknown = Object.keys(weights).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new DataError(`load: the model has no parameter "${unknown}". It has: ${names.join(", ")}`);
    }
    const next = this.#snapshot.slice();
    this.slots.forEach(({ path, shape }, i) => {
      const given = Object.hasOwn(weights, path) ? weights[path] : undefined;
      if (!given) throw new DataError(`load: parameter "${path}" is missing`);
      if (!sameShape(given.shape, shape) || given.data.length !== sizeOf(shape)) {
        throw new DataError(`load: parameter "${path}" is ${showShape(shape)}: got ${showShape(given.shape)}`);
      }
      const bad = given.data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        throw new DataError(`load: parameter "${path}" is not finite: element ${bad} is ${given.data[bad]}`);
      next.set(given.data, this.#offsets[i]);
    });
    this.#snapshot = next;
    this.parameters.write(next);
    this.health.write([0]);
  }

  /** Keeps the current parameters on the device, in place of those kept before. */
  keep(): void {
    this.#kept ??= emptyTensor(this.device, { shape: this.parameters.shape, dtype: "f32", label: "kept weights" });
    this.device.copy(this.parameters.memory, this.#kept.memory);
  }

  /** Brings back the parameters kept last, if any. */
  restore(): void {
    if (this.#kept) this.device.copy(this.#kept.memory, this.parameters.memory);
  }
}
