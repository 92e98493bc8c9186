// The GPU as a device: memory, and tasks turned into programs.
import type { TypedArray } from "../core/dtype.ts";
import type { GpugradError } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import type { Device, Executable, Memory, MemorySpec, Progress, Task } from "../graph/device.ts";
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import { load } from "../passes/load.ts";
import { schedule } from "../passes/schedule.ts";
import type { GpuDevice } from "./device.ts";
import { allocate, type GpuMemory, ReadBack, write } from "./memory.ts";
import { Pipelines } from "./pipelines.ts";
import { productsFor } from "./products.ts";
import { Program } from "./program.ts";

/** Elements of the largest state that a step may replace to be looked at as one kernel. */
const SMALL_STATE = 4096;

/** True of a step that may be worth one kernel: it replaces state, and little of it. What changes where it lies, by a row a step, may be long. */
const isSmall = ({ donations, keepsAll }: Task): boolean =>
  donations.size > 0 &&
  !keepsAll &&
  [...donations].every(([{ op }, { shape }]) => op.inPlace || sizeOf(shape) <= SMALL_STATE);

export class GpuBackend implements Device {
  readonly gpu: GpuDevice;
  #profile: Profile;
  readonly #readBack: ReadBack;
  readonly #pipelines: Pipelines;

  /** `force` lets tests choose kernels that are meant for other adapters. */
  constructor(gpu: GpuDevice, force: (profile: Profile) => Profile = (profile) => profile) {
    this.gpu = gpu;
    this.#readBack = new ReadBack(gpu);
    this.#pipelines = new Pipelines(gpu);
    const { width, info } = gpu;
    const hasSubgroups = info.features.includes("subgroups") && width !== undefined && width > 1;
    this.#profile = force({
      family: info.class === "software" ? "software" : "gpu",
      ...(width === undefined ? {} : { width }),
      ...(hasSubgroups ? { subgroup: width } : {}),
      storageBuffers: info.limits.maxStorageBuffersPerShaderStage ?? 8,
      workgroups: info.limits.maxComputeWorkgroupsPerDimension ?? 65535,
      solo: info.class === "software" ? [1, Math.max(width ?? 0, 4)] : [64],
    });
  }

  /** What kernels may know of this adapter; complete once something is prepared. */
  get profile(): Profile {
    return this.#profile;
  }
  get info() {
    return this.gpu.info;
  }
  get failure(): GpugradError | undefined {
    return this.gpu.failure;
  }
  get isClosed(): boolean {
    return this.gpu.isClosed;
  }
  onFailure(listener: (failure: GpugradError) => void): () => void {
    return this.gpu.onFailure(listener);
  }
  check(call: string): void {
    this.gpu.check(call);
  }

  allocate(spec: MemorySpec): GpuMemory {
    this.check(spec.label ?? "allocate");
    return allocate(this.gpu, spec);
  }
  free(memory: Memory): void {
    (memory as GpuMemory).buffer.destroy();
  }
  write(memory: Memory, data: ArrayLike<number>, start = 0): void {
    write(this.gpu, memory as GpuMemory, data, start);
  }
  copy(from: Memory, to: Memory): void {
    const encoder = this.gpu.raw.createCommandEncoder();
    encoder.copyBufferToBuffer(
      (from as GpuMemory).buffer,
      0,
      (to as GpuMemory).buffer,
      0,
      Math.min(from.bytes, to.bytes),
    );
    this.gpu.raw.queue.submit([encoder.finish()]);
  }
  async read(memory: Memory): Promise<TypedArray> {
    this.check("read");
    const encoder = this.gpu.raw.createCommandEncoder();
    const reading = this.#readBack.copy(encoder, memory as GpuMemory);
    this.gpu.raw.queue.submit([encoder.finish()]);
    const values = await reading();
    this.check("read");
    return values;
  }

  async prepare(task: Task, progress?: (progress: Progress) => void): Promise<Executable> {
    this.check("compile");
    await load(task);
    if (!this.#profile.products) this.#profile = { ...this.#profile, products: await productsFor(this.#profile) };
    const tools = { readBack: this.#readBack, pipelines: this.#pipelines, profile: this.profile };
    if (this.profile.solo && isSmall(task)) {
      const later = await import("./solo.ts");
      const program = await later.createSolo(this.gpu, tools, task, progress);
      if (program) return program;
    }
    const { plan, outputs } = schedule(task, this.profile);
    return Program.create(this.gpu, tools, plan, outputs, task.memoryOf as ReadonlyMap<Node, GpuMemory>, progress);
  }

  close(): void {
    this.gpu.close();
  }
}
