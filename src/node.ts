/**
 * WebGPU for Node, by Dawn (npm `webgpu`), with SwiftShader (npm `@sparticuz/chromium`) where there is no GPU.
 * @module gpugrad/node
 */
/// <reference lib="dom" preserve="true" />
import { DeviceError } from "./core/error.ts";
import { findGpu } from "./node/find.ts";

export { loadMnist } from "./data/mnistNode.ts";
export { type DeviceName, type FoundGpu, findGpu } from "./node/find.ts";

let found: ReturnType<typeof findGpu> | undefined;

/**
 * WebGPU in Node. The first `requestAdapter` looks for the best device of this machine, or for the one named in `GPUGRAD_DEVICE`
 * (auto, hardware, lavapipe, swiftshader, cpu).
 * @throws DeviceError where that leaves the CPU reference only: it says what is missing, and what to install
 * @example
 * import { openDevice } from "gpugrad";
 * import { gpu } from "gpugrad/node";
 * const device = await openDevice({ gpu }); // with device: "auto", the CPU reference where there is no adapter
 */
export const gpu: GPU = {
  async requestAdapter(options?: GPURequestAdapterOptions) {
    found ??= findGpu(process.env.GPUGRAD_DEVICE || "auto");
    const { gpu, line } = await found;
    if (gpu) return gpu.requestAdapter(options);
    throw new DeviceError(`gpugrad/node: no adapter: ${line}. openDevice({ gpu, device: "auto" }) takes that`);
  },
  getPreferredCanvasFormat: () => "rgba8unorm",
  wgslLanguageFeatures: new Set<string>(),
} as unknown as GPU;
