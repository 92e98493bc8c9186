// What training changes: parameters, optimiser state, the step counter, the log and the health flag, all on the device.
import { DataError } from "../core/error.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Device } from "../graph/device.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";
import { ringRows } from "./feed.ts";
import { PackedArray } from "./packedArray.ts";
import type { Arrays, Leaf, ParameterSlot, Role } from "./slots.ts";
import { LOG, type TrainingState } from "./step.ts";

/** Parameters by path, "1.weight". */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

/** The label of each role's array on the device. */
const LABELS: Readonly<Record<Role, string>> = {
  trained: "parameters",
  running: "running statistics",
  fixed: "fixed parameters",
};

export class ModelState implements TrainingState {
  readonly device: Device;
  readonly slots: readonly ParameterSlot[];
  readonly arrays: Arrays;
  readonly optimizer: Readonly<Record<string, Tensor>>;
  readonly health: Tensor;
  readonly ring: Tensor;
  readonly counter: Tensor;
  /** True while the host has the parameters as they are on the device, read back. */
  isKnown = false;
  readonly #packed: readonly PackedArray[];
  /** Those that training changes. */
  readonly #changing: readonly PackedArray[];

  constructor(device: Device, leaves: readonly (ParameterSlot & Leaf)[], optimizer: Optimizer, metrics: number) {
    this.device = device;
    this.slots = leaves.map(({ path, shape, role }) => ({ path, shape, role }));
    const made = (role: Role) => {
      const own = leaves.filter((leaf) => leaf.role === role);
      return own.length === 0 ? undefined : new PackedArray(device, LABELS[role], own);
    };
    const [trained, running, fixed] = [made("trained"), made("running"), made("fixed")];
    this.#packed = [trained, running, fixed].filter((array) => array !== undefined);
    this.#changing = this.#packed.filter((array) => array !== fixed);
    this.arrays = { trained: trained?.tensor, running: running?.tensor, fixed: fixed?.tensor };
    const size = trained?.tensor.size ?? 0;
    const flat = (label: string, first = 0) => {
      const tensor = emptyTensor(device, { shape: [size], dtype: "f32", label });
      if (first !== 0) tensor.write(new Float32Array(size).fill(first));
      return tensor;
    };
    this.optimizer = Object.fromEntries(optimizer.slots.map((name) => [name, flat(name, optimizer.initial?.[name])]));
    this.health = emptyTensor(device, { shape: [], dtype: "u32", label: "health" });
    this.counter = emptyTensor(device, { shape: [], dtype: "u32", label: "step counter" });
    this.ring = emptyTensor(device, { shape: [ringRows(size), LOG.metrics + metrics], dtype: "f32", label: "log" });
  }

  /** Copies all parameters to the host and gives them, unless one is not finite. */
  async takeSnapshot(): Promise<Weights | undefined> {
    const values = await Promise.all(this.#changing.map((array) => array.read()));
    if (!values.every(areFinite)) return undefined;
    this.isKnown = true;
    this.#changing.forEach((array, i) => {
      array.snapshot = values[i] as Float32Array;
    });
    return this.weights();
  }

  /** The parameters of the last snapshot. */
  weights(): Weights {
    const known = new Map(this.#packed.flatMap((array) => array.entries()));
    return Object.fromEntries(
      this.slots.map(({ path, shape }) => [path, { shape, data: known.get(path) as Float32Array }]),
    );
  }

  /** Replaces all parameters, or none. @throws DataError for a name missing or unknown, another shape, or values that are not finite */
  load(weights: Weights, call = "load"): void {
    const names = this.slots.map(({ path }) => path);
    const unknown = Object.keys(weights).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new DataError(`${call}: the model has no parameter "${unknown}". It has: ${names.join(", ")}`);
    }
    for (const { path, shape } of this.slots) {
      const given = Object.hasOwn(weights, path) ? weights[path] : undefined;
      if (!given) throw new DataError(`${call}: parameter "${path}" is missing`);
      if (!sameShape(given.shape, shape) || given.data.length !== sizeOf(shape)) {
        throw new DataError(`${call}: parameter "${path}" is ${showShape(shape)}: got ${showShape(given.shape)}`);
      }
      const bad = given.data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        throw new DataError(`${call}: parameter "${path}" is not finite: element ${bad} is ${given.data[bad]}`);
    }
    for (const array of this.#packed) array.write((path) => (weights[path] as Weights[string]).data);
    this.health.write([0]);
  }

  /** Keeps the current parameters on the device, in place of those kept before. */
  keep(): void {
    for (const array of this.#changing) array.keep();
  }

  /** Brings back the parameters kept last, if any. */
  restore(): void {
    this.isKnown = false;
    for (const array of this.#changing) array.restore();
  }
}

/** A plain loop: `every` takes ten times as long, and there may be millions. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] as number); // NaN from the first that is not finite on
  return sum === 0;
}
