// A GPUDevice with its identity, its lifetime, and one place where whatever goes wrong on it is kept as a typed error.
import type { DeviceClass, DeviceInfo } from "../core/deviceInfo.ts";
import { DeviceError, type GpugradError, internal, OptionError } from "../core/error.ts";

/** How `openGpu` opens a device; every field has a default. */
export type OpenGpuOptions = {
  readonly powerPreference?: GPUPowerPreference;
  /** The features to switch on where the adapter has them. Default: all that gpugrad has a use for. */
  readonly features?: readonly GPUFeatureName[];
  /** Upper bounds for `info.limits`: tests make a device look smaller than it is. */
  readonly limits?: Readonly<Record<string, number>>;
};

const USEFUL_FEATURES: readonly GPUFeatureName[] = ["subgroups", "shader-f16", "timestamp-query"];

/** The limits that decide how large a model and its dispatches may be: of buffers, bindings, workgroups and offsets. Each is raised to what the adapter has. */
const USEFUL_LIMITS = /^(min.*Align|max(Buffer|Compute|UniformBufferB|StorageBuffer(B|sPer)))/;

/** ms */
const LAST_WORDS = 100;

/** Opens the best adapter of `gpu`. @throws DeviceError where there is none, or where it gives no device. */
export async function openGpu(gpu: GPU, options: OpenGpuOptions = {}): Promise<GpuDevice> {
  const { powerPreference = "high-performance", features = USEFUL_FEATURES, limits = {} } = options;
  if (typeof gpu?.requestAdapter !== "function") {
    throw new OptionError(
      `openDevice: gpu is not a GPU object: ${typeof gpu}. Pass navigator.gpu, or gpu from "gpugrad/node"`,
    );
  }
  const find = async () => {
    const adapter = await gpu.requestAdapter({ powerPreference });
    if (!adapter) throw new DeviceError("openDevice: WebGPU is here, but it has no adapter for this machine");
    return adapter;
  };
  const adapter = await find();
  const requiredFeatures = features.filter((name) => adapter.features.has(name));
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const limit: unknown = adapter.limits[name as keyof GPUSupportedLimits];
    if (USEFUL_LIMITS.test(name) && typeof limit === "number") requiredLimits[name] = limit;
  }
  const raw = await adapter
    .requestDevice({ requiredFeatures, requiredLimits })
    .catch(async () => (await find()).requestDevice({ requiredFeatures })) // the default limits are enough
    .catch((cause: Error) => {
      throw new DeviceError(`openDevice: ${adapter.info.description || adapter.info.vendor}: ${cause.message}`, {
        cause,
      });
    });
  const { subgroupMinSize, subgroupMaxSize } = adapter.info; // told whether or not subgroups may be used
  const width = subgroupMinSize === subgroupMaxSize ? subgroupMinSize : undefined;
  return new GpuDevice(raw, describe(adapter.info, raw, limits), width);
}

/** An open device. Whatever it has allocated lives until `close`. */
export class GpuDevice {
  readonly raw: GPUDevice;
  readonly info: DeviceInfo;
  /** Lanes that the adapter computes at a time; undefined where it does not say. */
  readonly width: number | undefined;
  #failure: GpugradError | undefined;
  #isClosed = false;
  readonly #listeners = new Set<(failure: GpugradError) => void>();

  constructor(raw: GPUDevice, info: DeviceInfo, width?: number) {
    this.raw = raw;
    this.info = info;
    this.width = width;
    raw.lost.then(({ reason, message }) => {
      if (this.#isClosed) return;
      const why = message.replace(/\.\s*$/, "") || reason;
      this.#fail(new DeviceError(`device: lost: ${why}. Open it again`, { reason, isLost: true }));
    });
    raw.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#fail(typed(event.error));
    });
  }

  /** The first thing that went wrong: the device is lost, out of memory, or was used wrongly. Its results are void from then on. */
  get failure(): GpugradError | undefined {
    return this.#failure;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws unless the device can still be used; `call` names who asks. */
  check(call: string): void {
    if (this.#failure) throw this.#failure;
    if (this.#isClosed) throw new DeviceError(`${call}: the device is closed`);
  }

  /** Calls `listener` once when the device fails, at once if it already has. Returns what takes the listener away. */
  onFailure(listener: (failure: GpugradError) => void): () => void {
    if (this.#failure) listener(this.#failure);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The failure behind a call that was refused just now: a device tells that it is lost a moment after its promises are rejected. */
  async lastWords(): Promise<GpugradError | undefined> {
    if (!this.#failure) await Promise.race([this.raw.lost, new Promise((resolve) => setTimeout(resolve, LAST_WORDS))]);
    return this.#failure;
  }

  /** Releases everything the device holds, so that Node can exit by itself. A second call does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    this.raw.destroy();
  }

  #fail(failure: GpugradError): void {
    if (this.#failure || this.#isClosed) return;
    this.#failure = failure;
    for (const listener of this.#listeners) listener(failure);
    this.#listeners.clear();
  }
}

/** What WebGPU reports without anyone having asked, as one of our errors. */
function typed(error: GPUError): GpugradError {
  // By name, since a page and its frames, or two copies of Dawn, each have classes of their own.
  const kind = error.constructor.name;
  if (kind === "GPUOutOfMemoryError") {
    return new DeviceError(`device: out of memory: ${error.message}. Try a smaller batch or model`, {
      cause: error,
      isOutOfMemory: true,
    });
  }
  if (kind === "GPUInternalError")
    return new DeviceError(`device: the driver failed: ${error.message}`, { cause: error });
  return internal(`WebGPU refused a call: ${error.message}`);
}

function describe(info: GPUAdapterInfo, raw: GPUDevice, bounds: Readonly<Record<string, number>>): DeviceInfo {
  const limits: Record<string, number> = {};
  for (const name in raw.limits) {
    const limit: unknown = raw.limits[name as keyof GPUSupportedLimits];
    if (typeof limit === "number") limits[name] = Math.min(limit, bounds[name] ?? limit);
  }
  const hasSubgroups = raw.features.has("subgroups");
  return {
    adapter:
      info.description ||
      info.device ||
      [info.vendor, info.architecture].filter(Boolean).join(" ") ||
      "unnamed adapter",
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    class: classOf(info),
    features: [...raw.features].sort(),
    limits,
    subgroupMinSize: hasSubgroups ? (info.subgroupMinSize ?? 4) : 0, // 4 and 128 are the bounds that WebGPU gives
    subgroupMaxSize: hasSubgroups ? (info.subgroupMaxSize ?? 128) : 0,
  };
}

/** WebGPU does not tell integrated from discrete, so vendor and name must do. */
function classOf(info: GPUAdapterInfo): DeviceClass {
  const name = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  if (info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|software/.test(name))
    return "software";
  if (/nvidia|geforce|quadro|\bintel.*\barc\b|xe-2hpg|radeon (rx|pro|vii)|instinct/.test(name)) return "discrete";
  return "integrated";
}
