// Counts what is really asked of WebGPU, from outside: by wrapping the `GPU` object that a device is opened through.

/** What training costs in calls. The command encoder that every submit needs is not counted as created. */
export interface Calls {
  readonly dispatches: number;
  readonly submits: number;
  readonly created: number;
  readonly writes: number;
}

/** A GPU object whose devices are watched. */
export interface CountedGpu {
  /** Open the device through this one. */
  readonly gpu: GPU;
  /** Sums of `counts`, since the start or the last `reset`. */
  readonly calls: () => Calls;
  /** Calls by their WebGPU name (`createBuffer`, `submit`, `writeBuffer`, `dispatchWorkgroups`, `mapAsync` …), since the start or the last `reset`. */
  readonly counts: () => Readonly<Record<string, number>>;
  /** Buffers made and not destroyed, by themselves or with their device, and their bytes. `reset` leaves them. */
  readonly live: () => { readonly buffers: number; readonly bytes: number };
  /** Counts from 0 again. */
  readonly reset: () => void;
}

/**
 * Wraps `gpu` so that the calls on all devices opened through the result are counted.
 * @example
 * const counted = countCalls(gpu);
 * const device = await openDevice({ gpu: counted.gpu });
 * counted.calls().submits;
 */
export function countCalls(gpu: GPU): CountedGpu {
  const counts = new Map<string, number>();
  const buffers = new Map<GPUBuffer, GPUDevice>();
  const note = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const sum = (...names: string[]) => names.reduce((total, name) => total + (counts.get(name) ?? 0), 0);

  function watchDevice(device: GPUDevice): void {
    watch(device, note, {
      createBuffer(made) {
        const buffer = made as GPUBuffer;
        buffers.set(buffer, device);
        watch(buffer, note, { destroy: () => buffers.delete(buffer) });
      },
      createCommandEncoder: (encoder) =>
        watch(encoder as GPUCommandEncoder, note, {
          beginComputePass: (pass) => watch(pass as GPUComputePassEncoder, note),
        }),
      destroy() {
        for (const [buffer, owner] of buffers) if (owner === device) buffers.delete(buffer);
      },
    });
    watch(device.queue, note);
  }

  return {
    gpu: {
      async requestAdapter(options?: GPURequestAdapterOptions) {
        const adapter = await gpu.requestAdapter(options);
        if (!adapter) return null;
        const requestDevice = adapter.requestDevice.bind(adapter);
        adapter.requestDevice = async (descriptor) => {
          const device = await requestDevice(descriptor);
          watchDevice(device);
          return device;
        };
        return adapter;
      },
      getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
      wgslLanguageFeatures: gpu.wgslLanguageFeatures,
    } as unknown as GPU,
    calls: () => ({
      dispatches: sum("dispatchWorkgroups", "dispatchWorkgroupsIndirect"),
      submits: sum("submit"),
      created: sum(...[...counts.keys()].filter((name) => /^create(?!CommandEncoder)/.test(name))),
      writes: sum("writeBuffer", "writeTexture"),
    }),
    counts: () => Object.fromEntries(counts),
    live: () => ({ buffers: buffers.size, bytes: [...buffers.keys()].reduce((bytes, { size }) => bytes + size, 0) }),
    reset: () => counts.clear(),
  };
}

/** Has every method of `object` noted by name when it is called. `after` gets what a call gives. */
function watch(
  object: object,
  note: (name: string) => void,
  after: Readonly<Record<string, (result: unknown) => unknown>> = {},
): void {
  for (const name of methodsOf(object)) {
    const method = Reflect.get(object, name) as (...args: unknown[]) => unknown;
    const tell = after[name];
    const value = (...args: unknown[]) => {
      note(name);
      const result = method.apply(object, args);
      tell?.(result);
      return result;
    };
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  }
}

/** The methods that an object of WebGPU has from its class. Kept by class: the question is asked at every pass. */
function methodsOf(object: object): readonly string[] {
  const prototype = Object.getPrototypeOf(object) as object;
  const known = METHODS.get(prototype);
  if (known) return known;
  const methods: string[] = [];
  for (let from = prototype; from && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      if (typeof value === "function" && name !== "constructor") methods.push(name);
    }
  }
  METHODS.set(prototype, methods);
  return methods;
}

const METHODS = new WeakMap<object, readonly string[]>();
