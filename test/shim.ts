// A GPU object that stands for browsers which are not here: default limits, no optional features, and answers that are slow to be noticed,
// as in Firefox, where maps take up to 100 ms.

export interface ShimOptions {
  /** ms by which every `mapAsync` and `onSubmittedWorkDone` comes later. 100 */
  readonly delay?: number;
  /** Told each device, so that a test can destroy it. */
  readonly onDevice?: (device: GPUDevice) => void;
  /** Whether there is an adapter at this moment. */
  readonly hasAdapter?: () => boolean;
  /** Whether answers come at all at this moment. */
  readonly answers?: () => boolean;
}

/** Wraps `gpu`. Nothing beyond what every WebGPU has can be asked of the result. */
export function shimOf(gpu: GPU, options: ShimOptions = {}): GPU {
  const { delay = 100, onDevice, hasAdapter = () => true, answers = () => true } = options;
  const later = async <T>(promise: Promise<T>): Promise<T> => {
    const value = await promise;
    if (!answers()) await new Promise(() => {});
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    return value;
  };
  const delayed = (object: object, name: string) => {
    const method = Reflect.get(object, name) as (...args: unknown[]) => Promise<unknown>;
    Object.defineProperty(object, name, { value: (...args: unknown[]) => later(method.apply(object, args)) });
  };
  return {
    async requestAdapter(request?: GPURequestAdapterOptions) {
      const adapter = hasAdapter() ? await gpu.requestAdapter(request) : null;
      if (!adapter) return null;
      return {
        info: adapter.info,
        features: new Set<string>(),
        limits: {},
        async requestDevice({ requiredFeatures = [], requiredLimits = {} }: GPUDeviceDescriptor = {}) {
          if ([...requiredFeatures].length + Object.keys(requiredLimits).length > 0)
            throw new TypeError("shim: features or limits beyond the defaults were asked for");
          const device = await adapter.requestDevice();
          const createBuffer = device.createBuffer.bind(device);
          const value = (descriptor: GPUBufferDescriptor) => {
            const buffer = createBuffer(descriptor);
            delayed(buffer, "mapAsync");
            return buffer;
          };
          Object.defineProperty(device, "createBuffer", { value });
          delayed(device.queue, "onSubmittedWorkDone");
          onDevice?.(device);
          return device;
        },
      };
    },
    getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
    wgslLanguageFeatures: gpu.wgslLanguageFeatures,
  } as unknown as GPU;
}
