// Watches from outside what a device is given to prepare and what it really binds.
import type { GpuBackend } from "../../gpu/backend.ts";
import type { Device, Task } from "../../graph/device.ts";

export interface Watched {
  /** Use this one instead. */
  readonly device: Device;
  /** Every task that it was given to prepare. */
  readonly tasks: readonly Task[];
  /** Bytes of the buffers for values inside programs, as far as they are in bind groups. */
  readonly boundBytes: () => number;
}

export function watchDevice(device: GpuBackend): Watched {
  const { raw } = device.gpu;
  const bound = new Map<GPUBuffer, number>();
  const createBindGroup = raw.createBindGroup.bind(raw);
  raw.createBindGroup = (descriptor) => {
    for (const { resource } of descriptor.entries) {
      const { buffer } = resource as GPUBufferBinding;
      if (buffer?.label === "shared") bound.set(buffer, buffer.size);
    }
    return createBindGroup(descriptor);
  };
  const tasks: Task[] = [];
  const watched = new Proxy(device, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "prepare") tasks.push(args[0] as Task);
        return (value as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { device: watched, tasks, boundBytes: () => [...bound.values()].reduce((sum, size) => sum + size, 0) };
}
