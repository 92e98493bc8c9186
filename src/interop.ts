// What lies under devices and tensors, for pages that draw with WebGPU themselves: from buffers, without a read-back.
import type { GpuBackend } from "./gpu/backend.ts";
import type { GpuMemory } from "./gpu/memory.ts";
import type { Device } from "./graph/device.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The `GPUDevice` of a device; undefined on the CPU reference. Closing the device destroys it.
 * @example
 * canvas.getContext("webgpu").configure({ device: gpuDeviceOf(device), format: navigator.gpu.getPreferredCanvasFormat() });
 */
export function gpuDeviceOf(device: Device): GPUDevice | undefined {
  return (device as Partial<GpuBackend>).gpu?.raw;
}

/**
 * The buffer that holds a tensor's elements, row by row from byte 0, with STORAGE, COPY_SRC and COPY_DST usage; undefined on the CPU
 * reference. Results of a compiled function lie in the same buffers run after run. Whoever binds it must leave it as it is.
 * @example
 * const map = await trainer.compile((model, x) => model.apply(x), [[2500, 2]]);
 * const buffer = gpuBufferOf(map.run(places));
 */
export function gpuBufferOf(tensor: Tensor): GPUBuffer | undefined {
  return (tensor.memory as Partial<GpuMemory>).buffer;
}
