// Opening a device: the one place that knows both kinds.
import { DeviceError } from "./core/error.ts";
import { CpuDevice } from "./cpu/device.ts";
import { GpuBackend } from "./gpu/backend.ts";
import { type OpenGpuOptions, openGpu } from "./gpu/device.ts";
import type { Device } from "./graph/device.ts";

/** What `openDevice` opens; every field has a default. */
export interface OpenOptions extends OpenGpuOptions {
  /** The GPU object: `navigator.gpu` when left out; `gpu` of "gpugrad/node" in Node. */
  readonly gpu?: GPU;
  /** "cpu" opens the float64 reference instead, which is slow and runs everywhere. */
  readonly device?: "gpu" | "cpu";
}

/**
 * Opens a device. Everything that runs takes one; two of them never meet.
 * @throws DeviceError where there is no WebGPU or no adapter
 * @example
 * import { gpu } from "gpugrad/node";
 * const device = await openDevice({ gpu });
 * device.close();
 */
export async function openDevice(options: OpenOptions = {}): Promise<Device> {
  const { gpu = globalThis.navigator?.gpu, device = "gpu", ...rest } = options;
  if (device === "cpu") return new CpuDevice();
  if (!gpu)
    throw new DeviceError('openDevice: no WebGPU here. In Node: import { gpu } from "gpugrad/node" and pass it in');
  return new GpuBackend(await openGpu(gpu, rest));
}
