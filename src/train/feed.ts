// How a data set reaches the step: it lies on the device once; per epoch one index table, per submission a few rows of a schedule.
// A counter on the device picks the row, so that many steps run without the host.
import type { Dataset } from "../data/dataset.ts";
import type { IndexTable } from "../data/indices.ts";
import type { Device } from "../graph/device.ts";
import type { Node } from "../graph/node.ts";
import { add, cast, less, mul, remainder } from "../ops/arithmetic.ts";
import { reshape } from "../ops/broadcast.ts";
import { iota } from "../ops/constant.ts";
import { slice } from "../ops/layout.ts";
import { pickRows } from "../ops/pickRows.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";

/** Rows of the schedule and of the ring: more steps than are ever in flight. */
export const RING_ROWS = 256;

/** A data set's memory on a device. */
export interface ResidentSet {
  readonly set: Dataset;
  readonly features: Tensor;
  readonly labels: Tensor;
}

/** Uploads a data set: bytes as bytes. */
export function upload(device: Device, set: Dataset): ResidentSet {
  const bytes = set.features instanceof Uint8Array;
  const whole = set.features instanceof Int32Array;
  const features = emptyTensor(device, {
    shape: [set.count, ...set.shape],
    dtype: bytes ? "u32" : whole ? "i32" : "f32",
    storage: bytes ? "u8" : whole ? "i32" : "f32",
    label: "features",
  });
  features.write(set.features);
  const dtype = set.labels instanceof Int32Array ? "i32" : "f32";
  const labels = emptyTensor(device, { shape: [set.count, ...set.labelShape], dtype, label: "labels" });
  labels.write(set.labels);
  return { set, features, labels };
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
  readonly counter: Tensor;
  readonly #resident: ResidentSet;
  readonly #names: readonly string[];
  readonly #schedule: Tensor;
  readonly #indices: Tensor;
  #steps = 0;

  constructor(
    device: Device,
    resident: ResidentSet,
    options: { batchSize: number; steps: number; scalars?: readonly string[]; counter?: Tensor },
  ) {
    const { batchSize, steps, scalars = [] } = options;
    this.batchSize = batchSize;
    this.#resident = resident;
    this.#names = ["row", "valid", ...scalars];
    this.counter = options.counter ?? emptyTensor(device, { shape: [], dtype: "u32", label: "step counter" });
    this.#schedule = emptyTensor(device, { shape: [RING_ROWS, this.#names.length], dtype: "f32", label: "schedule" });
    this.#indices = emptyTensor(device, { shape: [steps, batchSize], dtype: "u32", label: "index table" });
  }

  /** Steps written so far: what the device's counter will have reached. */
  get steps(): number {
    return this.#steps;
  }

  /** Makes the counter start at `steps`. */
  startAt(steps: number): void {
    this.#steps = steps;
    this.counter.write([steps]);
  }

  /** The order of one epoch. */
  writeEpoch(table: IndexTable): void {
    this.#indices.device.write(this.#indices.memory, table.indices);
  }

  /** The schedule of the next `rows.length` steps: the row of the index table, the valid examples, and the scalars by name. */
  writeSteps(
    rows: readonly {
      readonly row: number;
      readonly valid: number;
      readonly scalars?: Readonly<Record<string, number>>;
    }[],
  ): void {
    const width = this.#names.length;
    const data = new Float32Array(rows.length * width);
    rows.forEach(({ row, valid, scalars = {} }, i) => {
      data.set([row, valid, ...this.#names.slice(2).map((name) => scalars[name] as number)], i * width);
    });
    const { device, memory } = this.#schedule;
    const first = this.#steps % RING_ROWS;
    const fits = Math.min(rows.length, RING_ROWS - first);
    device.write(memory, data.subarray(0, fits * width), first * width);
    if (fits < rows.length) device.write(memory, data.subarray(fits * width), 0);
    this.#steps += rows.length;
  }

  /** The batch that the counter points at. */
  batch(): Batch {
    const { set, features, labels } = this.#resident;
    const row = pickRows(this.#schedule.node, remainder(this.counter.node, RING_ROWS));
    const column = (j: number) => reshape(slice(row, [j], [j + 1]), []);
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
