// Parameters packed in one array on the device, their last known values on the host, and a copy to come back to.
import { sizeOf } from "../core/shape.ts";
import type { Device } from "../graph/device.ts";
import { packLayout } from "../ops/state.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";
import type { Leaf } from "./slots.ts";

export class PackedArray {
  readonly tensor: Tensor;
  /** What the host knows of the values. */
  snapshot: Float32Array;
  readonly #device: Device;
  readonly #places: readonly { readonly path: string; readonly start: number; readonly size: number }[];
  #kept: Tensor | undefined;

  constructor(device: Device, label: string, leaves: readonly Leaf[]) {
    this.#device = device;
    const sizes = leaves.map(({ shape }) => sizeOf(shape));
    const { offsets, total } = packLayout(sizes);
    this.#places = leaves.map(({ path }, i) => ({ path, start: offsets[i] as number, size: sizes[i] as number }));
    this.snapshot = new Float32Array(total);
    this.tensor = emptyTensor(device, { shape: [total], dtype: "f32", label });
    const dataOf = new Map(leaves.map(({ path, data }) => [path, data]));
    this.write((path) => dataOf.get(path) as Float32Array);
  }

  /** The values as they are on the device. */
  async read(): Promise<Float32Array> {
    return (await this.tensor.read()) as Float32Array;
  }

  /** Path and values of each parameter, as of the snapshot. */
  entries(): [path: string, data: Float32Array][] {
    return this.#places.map(({ path, start, size }) => [path, this.snapshot.slice(start, start + size)]);
  }

  /** Replaces all values. */
  write(valuesOf: (path: string) => Float32Array): void {
    const next = new Float32Array(this.snapshot.length);
    for (const { path, start } of this.#places) next.set(valuesOf(path), start);
    this.snapshot = next;
    this.tensor.write(next);
  }

  /** Keeps the current values on the device, in place of those kept before. */
  keep(): void {
    this.#kept ??= emptyTensor(this.#device, { shape: this.tensor.shape, dtype: "f32", label: "kept weights" });
    this.#device.copy(this.tensor.memory, this.#kept.memory);
  }

  /** Brings back the values kept last, if any. */
  restore(): void {
    if (this.#kept) this.#device.copy(this.#kept.memory, this.tensor.memory);
  }
}
