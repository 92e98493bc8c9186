// The handle that users hold: a tensor in device memory. Reading it is the only thing that waits.
import type { DType, TypedArray } from "./core/dtype.ts";
import { DataError, ShapeError } from "./core/error.ts";
import { checkShape, type Shape, showShape, sizeOf } from "./core/shape.ts";
import type { Device, Memory, MemorySpec } from "./graph/device.ts";
import type { Node } from "./graph/node.ts";
import { input } from "./ops/constant.ts";

const boundTo = new WeakMap<Node, Tensor>();
const unused = new FinalizationRegistry<{ device: WeakRef<Device>; memory: Memory }>(({ device, memory }) => {
  const alive = device.deref();
  if (alive && !alive.isClosed) alive.free(memory);
});

/** A tensor on a device. Made by `tensor`, or returned by a compiled function. */
export class Tensor {
  readonly device: Device;
  readonly memory: Memory;
  readonly #isCurrent: () => boolean;
  readonly #ready: Promise<unknown> | undefined;
  #node: Node | undefined;

  constructor(device: Device, memory: Memory, isCurrent: () => boolean = () => true, ready?: Promise<unknown>) {
    this.#ready = ready;
    this.device = device;
    this.memory = memory;
    this.#isCurrent = isCurrent;
  }

  get shape(): Shape {
    return this.memory.shape;
  }
  get dtype(): DType {
    return this.memory.dtype;
  }
  get size(): number {
    return this.memory.size;
  }

  /** This tensor inside a graph: programs that use it read its memory, whatever it holds when they run. */
  get node(): Node {
    if (!this.#node) {
      const { shape, dtype, storage, label } = this.memory;
      this.#node = input(label ?? "tensor", shape, dtype, storage ?? dtype);
      boundTo.set(this.#node, this);
    }
    return this.#node;
  }

  /** Throws when a later run has overwritten what this handle stood for. */
  check(call: string): void {
    if (this.#isCurrent()) return;
    throw new DataError(
      `${call}: a later run has overwritten this result: ${this.dtype}${showShape(this.shape)}. Read it before the next run, or pass it on to that run`,
    );
  }

  /** The elements, row by row. */
  async read(): Promise<TypedArray> {
    this.check("read");
    await this.#ready;
    return this.device.read(this.memory);
  }

  /** The only element of a tensor that has just one. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: the tensor has ${this.size} elements: ${showShape(this.shape)}. Use read`);
    return (await this.read())[0] as number;
  }

  /** Replaces all elements. */
  write(data: ArrayLike<number>): void {
    if (data.length !== this.size)
      throw new DataError(`write: ${data.length} values do not fill ${showShape(this.shape)}`);
    this.device.write(this.memory, data);
  }
}

/** The tensor behind a node made by `tensor.node`. */
export function tensorOf(node: Node): Tensor | undefined {
  return boundTo.get(node);
}

/** A zeroed tensor that is freed with its handle. */
export function emptyTensor(device: Device, spec: MemorySpec): Tensor {
  const memory = device.allocate(spec);
  const handle = new Tensor(device, memory);
  unused.register(handle, { device: new WeakRef(device), memory });
  return handle;
}

/**
 * Puts numbers on a device.
 * @param shape defaults to one axis
 * @throws DataError when the numbers do not fill the shape
 * @example
 * const x = tensor(device, [1, 2, 3, 4], [2, 2]);
 * console.log(await x.read());
 */
export function tensor(
  device: Device,
  data: ArrayLike<number>,
  shape: Shape = [data.length],
  dtype: DType = "f32",
): Tensor {
  checkShape("tensor", shape);
  if (sizeOf(shape) !== data.length)
    throw new DataError(`tensor: ${data.length} values do not fill shape ${showShape(shape)}`);
  const handle = emptyTensor(device, { shape, dtype });
  handle.write(data);
  return handle;
}
