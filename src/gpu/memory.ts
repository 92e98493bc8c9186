// Buffers: one a tensor, and a pool of mapped ones through which values come back.
import { ARRAY, storedBytes, type TypedArray } from "../core/dtype.ts";
import { DeviceError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { Memory, MemorySpec } from "../graph/device.ts";
import type { GpuDevice } from "./device.ts";
import { BUFFER_USAGE, MAP_MODE_READ } from "./flags.ts";

/** A tensor in a GPU buffer. */
export interface GpuMemory extends Memory {
  readonly buffer: GPUBuffer;
}

/** Makes a zeroed buffer. @throws DeviceError when it is larger than the device can bind */
export function allocate(device: GpuDevice, spec: MemorySpec): GpuMemory {
  const size = sizeOf(spec.shape);
  const bytes = Math.max(4, storedBytes(spec.storage ?? spec.dtype, size));
  const most = Math.min(device.raw.limits.maxBufferSize, device.raw.limits.maxStorageBufferBindingSize);
  if (bytes > most) {
    throw new DeviceError(
      `${spec.label ?? "tensor"}: ${showShape(spec.shape)} takes ${bytes} bytes: the device binds at most ${most}`,
    );
  }
  const buffer = device.raw.createBuffer({
    label: spec.label ?? "tensor",
    size: bytes,
    usage: BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_DST | BUFFER_USAGE.COPY_SRC,
  });
  return { ...spec, size, bytes, buffer };
}

/** Queues a copy of `data` to element `start`; bytes fill whole words. */
export function write(device: GpuDevice, memory: GpuMemory, data: ArrayLike<number>, start = 0): void {
  const isBytes = memory.storage === "u8";
  const Kind = isBytes ? Uint8Array : ARRAY[memory.dtype];
  const length = isBytes ? Math.ceil(data.length / 4) * 4 : data.length;
  const words = data instanceof Kind && data.length === length ? data : new Kind(length);
  if (words !== data) words.set(data);
  device.raw.queue.writeBuffer(memory.buffer, isBytes ? start : start * 4, words as Float32Array<ArrayBuffer>);
}

/** Buffers to read through, kept for the next reading of the same size. */
export class ReadBack {
  readonly #device: GpuDevice;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /** Adds the copy to `encoder`; call the result once the encoder is submitted. */
  copy(encoder: GPUCommandEncoder, memory: GpuMemory): () => Promise<TypedArray> {
    const staging = this.#free.get(memory.bytes)?.pop() ?? this.#make(memory.bytes);
    encoder.copyBufferToBuffer(memory.buffer, 0, staging, 0, memory.bytes);
    return async () => {
      try {
        await staging.mapAsync(MAP_MODE_READ);
      } catch (cause) {
        throw (await this.#device.lastWords()) ?? new DeviceError("read: the device went away", { cause });
      }
      const bytes = staging.getMappedRange().slice(0);
      staging.unmap();
      this.#free.set(memory.bytes, [...(this.#free.get(memory.bytes) ?? []), staging]);
      const Kind = memory.storage === "u8" ? Uint8Array : ARRAY[memory.dtype];
      return new Kind(bytes).subarray(0, memory.size);
    };
  }

  #make(bytes: number): GPUBuffer {
    return this.#device.raw.createBuffer({
      label: "read back",
      size: bytes,
      usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST,
    });
  }
}
