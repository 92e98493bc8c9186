// Entry "gpugrad/node": WebGPU for Node, by Dawn.
import { findGpu } from "./node/find.ts";

export { loadMnist } from "./data/mnistNode.ts";
export { type DeviceName, type FoundGpu, findGpu } from "./node/find.ts";

let found: ReturnType<typeof findGpu> | undefined;

/**
 * WebGPU in Node. The first `requestAdapter` looks for the best device of this machine, or for the one named in `GPUGRAD_DEVICE`
 * (auto, hardware, lavapipe, swiftshader, cpu), and gives null where that is the CPU reference.
 * @example const device = await openDevice({ gpu });
 */
export const gpu: GPU = {
  async requestAdapter(options?: GPURequestAdapterOptions) {
    found ??= findGpu(process.env.GPUGRAD_DEVICE || "auto");
    return (await found).gpu?.requestAdapter(options) ?? null;
  },
  getPreferredCanvasFormat: () => "rgba8unorm",
  wgslLanguageFeatures: new Set<string>(),
} as unknown as GPU;
