// How a data set reaches the step: it lies on the device once; per lap of one or more epochs an index table, per submission a few rows of a schedule.
// A counter on the device picks the row, so that many steps run without the host.
import type { Dataset } from "../data/dataset.ts";
import { type IndexTable, stepsPerEpoch } from "../data/indices.ts";
import type { Device } from "../graph/device.ts";
import type { Node } from "../graph/node.ts";
import { add, cast, less, mul, remainder } from "../ops/arithmetic.ts";
import { iota } from "../ops/constant.ts";
import { pickRows } from "../ops/pickRows.ts";
import { section } from "../ops/section.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";

/** Rows of the schedule and of the ring: more steps than are ever in flight. Of a small network many fit into the time of one submission. */
export const ringRows = (parameters: number): number => (parameters <= SMALL ? 32_768 : 4096);

/** Parameters. */
const SMALL = 1024;

/** Indices that a table may hold, unless one epoch needs more: small sets have the tables of many epochs in one. */
const LAP_INDICES = 131_072;

/** A data set's memory on a device. */
export interface ResidentSet {
  readonly set: Dataset;
  readonly features: Tensor;
  readonly labels: Tensor;
}

/** Bytes uploaded at a time: between two parts whoever shares the thread has a turn, such as a page that wants a pause. */
const PART = 2 ** 22;

/** Memory for a data set: bytes as bytes. */
export function allocateSet(device: Device, set: Dataset): ResidentSet {
  const bytes = set.features instanceof Uint8Array;
  const whole = set.features instanceof Int32Array;
  const features = emptyTensor(device, {
    shape: [set.count, ...set.shape],
    dtype: bytes ? "u32" : whole ? "i32" : "f32",
    storage: bytes ? "u8" : whole ? "i32" : "f32",
    label: "features",
  });
  const dtype = set.labels instanceof Int32Array ? "i32" : "f32";
  const labels = emptyTensor(device, { shape: [set.count, ...set.labelShape], dtype, label: "labels" });
  return { set, features, labels };
}

/** Uploads a data set. */
export async function upload(device: Device, set: Dataset): Promise<ResidentSet> {
  const resident = allocateSet(device, set);
  const { features, labels } = resident;
  labels.write(set.labels);
  const part = PART / set.features.BYTES_PER_ELEMENT;
  for (let at = 0; at < features.size; at += part) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve));
    device.write(features.memory, set.features.subarray(at, at + part), at);
  }
  return resident;
}

/** One batch inside the graph. */
export interface Batch {
  readonly x: Node;
  readonly y: Node;
  /** [B] bool: false where a partial batch has no example. */
  readonly mask: Node;
  /** How many examples count, as f32. */
  readonly valid: Node;
  /** The fewest that count in any batch. */
  readonly fewest: number;
  /** The schedule's scalars of this step, by name. */
  readonly scalars: Readonly<Record<string, Node>>;
}

/** The tables of one program over one data set. */
export class Feed {
  readonly batchSize: number;
  /** Steps of one epoch. */
  readonly steps: number;
  /** The most epochs that the index table holds. */
  readonly epochs: number;
  readonly counter: Tensor;
  readonly #resident: ResidentSet;
  readonly #names: readonly string[];
  readonly #schedule: Tensor;
  readonly #indices: Tensor;
  readonly #rows: number;
  #written = 0;

  constructor(
    device: Device,
    resident: ResidentSet,
    options: { batchSize: number; rows: number; scalars?: readonly string[]; counter?: Tensor },
  ) {
    const { batchSize, rows, scalars = [] } = options;
    this.#rows = rows;
    this.batchSize = batchSize;
    this.steps = stepsPerEpoch(resident.set.count, batchSize);
    this.epochs = Math.max(1, Math.floor(LAP_INDICES / (this.steps * batchSize)));
    this.#resident = resident;
    this.#names = ["row", "valid", ...scalars];
    this.counter = options.counter ?? emptyTensor(device, { shape: [], dtype: "u32", label: "step counter" });
    this.#schedule = emptyTensor(device, { shape: [rows, this.#names.length], dtype: "f32", label: "schedule" });
    this.#indices = emptyTensor(device, {
      shape: [this.epochs * this.steps, batchSize],
      dtype: "u32",
      label: "index table",
    });
  }

  /** Steps written so far: what the device's counter will have reached. */
  get written(): number {
    return this.#written;
  }

  /** Makes the counter start at `steps`. */
  startAt(steps: number): void {
    this.#written = steps;
    this.counter.write([steps]);
  }

  /** Examples that count in step `row` of an epoch. */
  validIn(row: number): number {
    return row + 1 < this.steps ? this.batchSize : this.#resident.set.count - row * this.batchSize;
  }

  /** The order of the epochs of a lap. */
  writeLap(tables: readonly IndexTable[]): void {
    const size = this.steps * this.batchSize;
    const all = new Uint32Array(tables.length * size);
    tables.forEach(({ indices }, i) => {
      all.set(indices, i * size);
    });
    this.#indices.device.write(this.#indices.memory, all);
  }

  /** The schedule of the next `count` steps, which begin with step `first` of the lap; `scalarsOf` has the scalars of the `i`-th of them by name. */
  writeSteps(first: number, count: number, scalarsOf?: (i: number) => Readonly<Record<string, number>>): void {
    const names = this.#names;
    const width = names.length;
    const data = new Float32Array(count * width);
    for (let i = 0, at = 0; i < count; i++, at += width) {
      data[at] = first + i;
      data[at + 1] = this.validIn((first + i) % this.steps);
      const scalars = scalarsOf?.(i);
      if (scalars) for (let j = 2; j < width; j++) data[at + j] = scalars[names[j] as string] as number;
    }
    const { device, memory } = this.#schedule;
    const start = this.#written % this.#rows;
    const fits = Math.min(count, this.#rows - start);
    device.write(memory, data.subarray(0, fits * width), start * width);
    if (fits < count) device.write(memory, data.subarray(fits * width), 0);
    this.#written += count;
  }

  /** The batch that the counter points at. */
  batch(): Batch {
    const { set, features, labels } = this.#resident;
    const row = pickRows(this.#schedule.node, remainder(this.counter.node, this.#rows));
    const column = (j: number) => section(row, j, []);
    const valid = column(1);
    const order = pickRows(this.#indices.node, cast(column(0), "u32"));
    const raw = pickRows(features.node, order);
    const isBytes = set.features instanceof Uint8Array;
    const x = isBytes ? decode(raw, set.scale, set.offset) : raw;
    return {
      x,
      y: pickRows(labels.node, order),
      mask: less(iota(this.batchSize, "i32"), cast(valid, "i32")),
      valid,
      fewest: set.count % this.batchSize || this.batchSize,
      scalars: Object.fromEntries(this.#names.slice(2).map((name, j) => [name, column(j + 2)])),
    };
  }
}

function decode(raw: Node, scale: number, offset: number): Node {
  const scaled = scale === 1 ? cast(raw, "f32") : mul(cast(raw, "f32"), scale);
  return offset === 0 ? scaled : add(scaled, offset);
}
