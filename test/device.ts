// The device that GPU tests run on: in Node the one of the project (see vitest.config.ts), in a browser `navigator.gpu`.
import { afterAll } from "vitest";
import { type GpuDevice, type OpenGpuOptions, openGpu } from "../src/gpu/device.ts";

const opened: GpuDevice[] = [];
let shared: Promise<GpuDevice> | undefined;

/** WebGPU on the adapter under test. */
export async function testGpu(): Promise<GPU> {
  if (typeof window !== "undefined") return navigator.gpu;
  const { gpu } = await import("../src/node.ts");
  return gpu;
}

/** A device on the adapter under test, closed after the file's last test. Without options it is one for the whole file. */
export async function testDevice(options?: OpenGpuOptions): Promise<GpuDevice> {
  if (!options) {
    shared ??= testDevice({});
    return shared;
  }
  const device = await openGpu(await testGpu(), options);
  opened.push(device);
  return device;
}

afterAll(() => {
  for (const device of opened.splice(0)) device.close();
  shared = undefined;
});
