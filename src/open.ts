// Opening a device: the one place that knows both kinds.
import { DeviceError, OptionError } from "./core/error.ts";
import { GpuBackend } from "./gpu/backend.ts";
import { type OpenGpuOptions, openGpu } from "./gpu/device.ts";
import type { Device } from "./graph/device.ts";
import type { Profile } from "./graph/form.ts";

/** Whose kernels run: those that suit the adapter, or others, to test or to compare them. */
export type KernelFamily = "auto" | "gpu" | "software" | "no-subgroups";

/** What `openDevice` opens; every field has a default. */
export interface OpenOptions extends OpenGpuOptions {
  /** The GPU object: `navigator.gpu` when left out; `gpu` of "gpugrad/node" in Node. */
  readonly gpu?: GPU;
  /**
   * "gpu" (default) needs an adapter; "cpu" opens the float64 reference, which is slow and runs everywhere; "auto" takes the
   * reference where there is no adapter: `device.info` says which it was.
   */
  readonly device?: "gpu" | "cpu" | "auto";
  /**
   * "auto" (default) takes the kernels that suit the adapter; "gpu" and "software" those for GPUs and for adapters that compute on the CPU,
   * "no-subgroups" what the adapter's own family does without subgroups. Results agree within the tolerances of the ops.
   */
  readonly kernels?: KernelFamily;
}

/** What each choice makes of an adapter's profile. */
const FAMILIES: Readonly<Record<KernelFamily, (profile: Profile) => Profile>> = {
  auto: (profile) => profile,
  gpu: (profile) => ({ ...profile, family: "gpu" }),
  software: (profile) => ({ ...profile, family: "software" }),
  "no-subgroups": ({ subgroup: _, ...profile }) => profile,
};

/**
 * Opens a device. Everything that runs takes one; two of them never meet.
 * @throws DeviceError where there is no WebGPU or no adapter; OptionError for a `device` or `kernels` that is not among the choices
 * @example
 * import { gpu } from "gpugrad/node";
 * const device = await openDevice({ gpu });
 * device.close();
 */
export async function openDevice(options: OpenOptions = {}): Promise<Device> {
  const { gpu = globalThis.navigator?.gpu, device = "gpu", kernels = "auto", ...rest } = options;
  if (!["gpu", "cpu", "auto"].includes(device)) {
    throw new OptionError(`openDevice: device must be "gpu", "cpu" or "auto": got "${device}"`, { device });
  }
  if (!Object.hasOwn(FAMILIES, kernels)) {
    throw new OptionError(`openDevice: kernels must be "auto", "gpu", "software" or "no-subgroups": got "${kernels}"`, {
      kernels,
    });
  }
  if (device === "cpu") return openCpu();
  try {
    if (!gpu) {
      throw new DeviceError('openDevice: no WebGPU here. In Node: import { gpu } from "gpugrad/node" and pass it in');
    }
    return new GpuBackend(await openGpu(gpu, rest), FAMILIES[kernels]);
  } catch (error) {
    if (device === "auto" && error instanceof DeviceError) return openCpu();
    throw error;
  }
}

/** Loads the reference only where it is wanted. */
async function openCpu(): Promise<Device> {
  const later = await import("./cpu/device.ts");
  return new later.CpuDevice();
}
