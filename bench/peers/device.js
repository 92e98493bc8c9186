// Puts gpugrad's own Dawn and adapter where peers look for WebGPU: `navigator.gpu` and the classes of the standard.
import { globals } from "webgpu";
import { countCalls } from "../../dist/lib/check/index.js";
import { findGpu } from "../../dist/lib/node.js";

/**
 * @param {string} device a rung of gpugrad's ladder: "lavapipe"
 * @param {boolean} isCounted whether the calls are counted, which costs time
 * @returns {Promise<() => Readonly<Record<string, number>>>} calls by name since the start
 */
export async function provideWebGpu(device, isCounted) {
  const { gpu } = await findGpu(device);
  if (!gpu) throw new Error(`peers: no WebGPU on device "${device}"`);
  const counted = isCounted ? countCalls(gpu) : undefined;
  Object.assign(globalThis, globals);
  provideNavigator({ gpu: counted?.gpu ?? gpu });
  return counted?.counts ?? (() => ({}));
}

/** Peers ask the browser's name, and Node 20 has no navigator. */
export function provideNavigator(more = {}) {
  const value = { userAgent: `Node.js/${process.versions.node}`, ...more };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
}
