// The CPU reference as a device: slow, exact, everywhere.
import type { DeviceInfo } from "../core/deviceInfo.ts";
import { ARRAY, type TypedArray } from "../core/dtype.ts";
import { DeviceError, type GpugradError, internal } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import type { Device, Executable, Memory, MemorySpec, Reading, Task } from "../graph/device.ts";
import { type Node, topological, type Values } from "../graph/node.ts";
import { printGraph } from "../passes/printGraph.ts";
import { evaluate } from "./evaluate.ts";

interface CpuMemory extends Memory {
  readonly values: Values;
}

const INFO: DeviceInfo = {
  adapter: "CPU reference",
  vendor: "gpugrad",
  architecture: "float64",
  driver: "JavaScript",
  class: "cpu",
  features: [],
  limits: {},
  subgroupMinSize: 0,
  subgroupMaxSize: 0,
};

export class CpuDevice implements Device {
  readonly info = INFO;
  readonly failure: GpugradError | undefined = undefined;
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }
  onFailure(): () => void {
    return () => {};
  }
  check(call: string): void {
    if (this.#isClosed) throw new DeviceError(`${call}: the device is closed`);
  }
  allocate(spec: MemorySpec): CpuMemory {
    const size = sizeOf(spec.shape);
    const values = spec.storage === "u8" ? (new Uint8Array(size) as unknown as Values) : new Float64Array(size);
    return { ...spec, size, bytes: values.byteLength, values };
  }
  free(): void {}
  write(memory: Memory, data: ArrayLike<number>, start = 0): void {
    (memory as CpuMemory).values.set(data, start);
  }
  copy(from: Memory, to: Memory): void {
    (to as CpuMemory).values.set((from as CpuMemory).values);
  }
  async read(memory: Memory): Promise<TypedArray> {
    this.check("read");
    return typed(memory as CpuMemory);
  }
  async prepare(task: Task): Promise<Executable> {
    this.check("compile");
    return new CpuProgram(task);
  }
  close(): void {
    this.#isClosed = true;
  }
}

function typed({ values, dtype, storage }: CpuMemory): TypedArray {
  if (storage === "u8") return Uint8Array.from(values);
  const array = new ARRAY[dtype](values.length);
  array.set(values);
  return array;
}

class CpuProgram implements Executable {
  readonly outputs: readonly CpuMemory[];
  readonly stats;
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
    this.outputs = task.outputs.map(({ shape, dtype }) => {
      const size = sizeOf(shape);
      return { shape, dtype, size, bytes: size * 8, values: new Float64Array(size) };
    });
    const nodes = topological([...task.outputs, ...task.donations.keys()]);
    this.stats = {
      dispatches: nodes.filter((node) => !node.op.leaf).length,
      sharedBytes: 0,
      peakLiveBytes: 0,
      ownBytes: 0,
    };
  }

  run(times: number, fetch: readonly Memory[] = []): Reading {
    const { outputs, donations, memoryOf } = this.#task;
    const leaf = (node: Node): Values => {
      const memory = memoryOf.get(node) as CpuMemory | undefined;
      if (!memory) throw internal(`${node.attrs["name"]} has no memory`);
      return memory.values;
    };
    for (let turn = 0; turn < times; turn++) {
      const values = evaluate([...outputs, ...donations.keys()], leaf);
      outputs.forEach((_, i) => {
        this.outputs[i]?.values.set(values[i] as Values);
      });
      [...donations.values()].forEach((state, i) => {
        leaf(state).set(values[outputs.length + i] as Values);
      });
    }
    const fetched = fetch.map((memory) => typed(memory as CpuMemory));
    return async () => fetched;
  }

  async print(): Promise<string> {
    return printGraph([...this.#task.outputs, ...this.#task.donations.keys()]);
  }
  release(): void {}
}
