// A plan made real: buffers, pipelines and bind groups once, then nothing but replay.

import type { TypedArray } from "../core/dtype.ts";
import { DeviceError } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import type {
  DispatchTime,
  Executable,
  ExecutableStats,
  Memory,
  Progress,
  Reading,
  WalkWatcher,
} from "../graph/device.ts";
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import { readsOf } from "../passes/order.ts";
import type { Plan } from "../passes/plan.ts";
import { printPlan } from "../passes/print.ts";
import { type Linked, link } from "../wgsl/link.ts";
import type { GpuDevice } from "./device.ts";
import { BUFFER_USAGE } from "./flags.ts";
import type { GpuMemory, ReadBack } from "./memory.ts";
import type { Pipelines } from "./pipelines.ts";

interface Dispatch {
  readonly linked: Linked;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** Where sizes of one dispatch start within the uniform buffer. */
const SIZES_STRIDE = 256;

export class Program implements Executable {
  readonly outputs: readonly Memory[];
  readonly stats: ExecutableStats;
  readonly #device: GpuDevice;
  readonly #readBack: ReadBack;
  readonly #plan: Plan;
  readonly #dispatches: readonly Dispatch[];
  readonly #own: readonly GPUBuffer[];
  readonly #buffers: readonly GPUBuffer[];

  private constructor(
    device: GpuDevice,
    readBack: ReadBack,
    plan: Plan,
    dispatches: readonly Dispatch[],
    own: readonly GPUBuffer[],
    outputs: readonly Memory[],
    buffers: readonly GPUBuffer[],
  ) {
    this.#buffers = buffers;
    this.#device = device;
    this.#readBack = readBack;
    this.#plan = plan;
    this.#dispatches = dispatches;
    this.#own = own;
    this.outputs = outputs;
    const ownBytes = own.reduce((sum, buffer) => sum + buffer.size, 0);
    this.stats = {
      dispatches: dispatches.length,
      sharedBytes: plan.shared.bytes,
      peakLiveBytes: plan.shared.peakLive,
      ownBytes,
    };
  }

  /** Creates everything that running needs; pipelines in parallel. */
  static async create(
    device: GpuDevice,
    tools: { readBack: ReadBack; pipelines: Pipelines; profile: Profile },
    plan: Plan,
    outputs: readonly Node[],
    memoryOf: ReadonlyMap<Node, GpuMemory>,
    progress: (progress: Progress) => void = () => {},
  ): Promise<Program> {
    const { raw } = device;
    const linked = plan.groups.map((group) => link(group, plan, tools.profile));
    const own: GPUBuffer[] = [];
    raw.pushErrorScope("out-of-memory");
    const buffers = plan.memories.map(({ leaf, bytes, kind }) => {
      const given = leaf && memoryOf.get(leaf)?.buffer;
      if (given) return given;
      const buffer = raw.createBuffer({
        label: kind,
        size: Math.max(4, bytes),
        usage: BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST,
      });
      own.push(buffer);
      return buffer;
    });
    const sizes = raw.createBuffer({
      label: "sizes",
      size: Math.max(1, linked.length) * SIZES_STRIDE,
      usage: BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST,
    });
    own.push(sizes);
    const words = new Uint32Array((Math.max(1, linked.length) * SIZES_STRIDE) / 4);
    linked.forEach((dispatch, i) => {
      words.set(dispatch.sizes, (i * SIZES_STRIDE) / 4);
    });
    raw.queue.writeBuffer(sizes, 0, words);
    const starved = raw.popErrorScope();
    let done = 0;
    const dispatches = await Promise.all(
      linked.map(async (dispatch, i): Promise<Dispatch> => {
        const { pipeline, layout } = await tools.pipelines.get(dispatch);
        progress({ done: ++done, total: linked.length });
        const bindGroup = raw.createBindGroup({
          label: dispatch.label,
          layout,
          entries: [
            { binding: 0, resource: { buffer: sizes, offset: i * SIZES_STRIDE, size: SIZES_STRIDE } },
            ...dispatch.bindings.map(({ memory, offset, bytes }, k) => ({
              binding: k + 1,
              resource: { buffer: buffers[memory] as GPUBuffer, offset, size: Math.max(4, bytes) },
            })),
          ],
        });
        return { linked: dispatch, pipeline, bindGroup };
      }),
    );
    const error = await starved;
    if (error) throw new DeviceError(`compile: out of memory: ${error.message}`);
    device.check("compile");
    const results = outputs.map((node): GpuMemory => {
      const { memory } = plan.locationOf.get(node) as { memory: number };
      const { shape, dtype } = node;
      const size = shape.reduce((product, extent) => product * extent, 1);
      return { shape, dtype, size, bytes: Math.max(4, size * 4), buffer: buffers[memory] as GPUBuffer };
    });
    return new Program(device, tools.readBack, plan, dispatches, own, results, buffers);
  }

  run(times: number, fetch: readonly Memory[] = []): Reading {
    const { raw } = this.#device;
    const encoder = raw.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let turn = 0; turn < times; turn++) {
      for (const { linked, pipeline, bindGroup } of this.#dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(linked.workgroups[0], linked.workgroups[1]);
      }
    }
    pass.end();
    const readings = fetch.map((memory) => this.#readBack.copy(encoder, memory as GpuMemory));
    raw.queue.submit([encoder.finish()]);
    return () => Promise.all(readings.map((reading) => reading()));
  }

  /** Runs once, one dispatch at a time; `watch` is told before each one and gives what to do after it. */
  async walk(watch: WalkWatcher): Promise<void> {
    const { raw } = this.#device;
    const { fusion, groups, locationOf } = this.#plan;
    const read = (node: Node): Promise<TypedArray> => {
      const { memory, offset } = locationOf.get(node) as { memory: number; offset: number };
      return this.#readRange(memory, offset, node);
    };
    for (const [i, { linked, pipeline, bindGroup }] of this.#dispatches.entries()) {
      const group = groups[i] as Group;
      const { loads, stores } = readsOf(group, fusion);
      const reads = new Set([...loads, ...stores].map(({ node }) => node));
      for (const node of reads) if (fusion.placeOf.get(node)?.group === group) reads.delete(node);
      const writes = group.values.flat().filter((node) => fusion.written.has(node));
      const after = await watch({ kernel: group.kernel, reads: [...reads], writes }, read);
      const encoder = raw.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(linked.workgroups[0], linked.workgroups[1]);
      pass.end();
      raw.queue.submit([encoder.finish()]);
      await after();
    }
  }

  /** Median wall time of each dispatch alone, in milliseconds, over `repeats` submissions of `times` runs. State advances as if it had run. */
  async profile(times = 8, repeats = 5): Promise<DispatchTime[]> {
    const { raw } = this.#device;
    const results: DispatchTime[] = [];
    for (const { linked, pipeline, bindGroup } of this.#dispatches) {
      const samples: number[] = [];
      for (let repeat = 0; repeat <= repeats; repeat++) {
        const encoder = raw.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        for (let turn = 0; turn < times; turn++) pass.dispatchWorkgroups(linked.workgroups[0], linked.workgroups[1]);
        pass.end();
        const start = performance.now();
        raw.queue.submit([encoder.finish()]);
        await raw.queue.onSubmittedWorkDone();
        if (repeat > 0) samples.push((performance.now() - start) / times);
      }
      samples.sort((a, b) => a - b);
      results.push({ label: linked.label, file: linked.file, milliseconds: samples[samples.length >> 1] as number });
    }
    return results;
  }

  async #readRange(memory: number, offset: number, { shape, dtype, attrs }: Node): Promise<TypedArray> {
    const buffer = this.#buffers[memory] as GPUBuffer;
    const encoder = this.#device.raw.createCommandEncoder();
    const whole = { shape: [buffer.size / 4], dtype, size: buffer.size / 4, bytes: buffer.size, buffer };
    const reading = this.#readBack.copy(
      encoder,
      attrs.storage === "u8" ? { ...whole, storage: "u8", size: buffer.size } : whole,
    );
    this.#device.raw.queue.submit([encoder.finish()]);
    return (await reading()).subarray(offset, offset + sizeOf(shape));
  }

  /** The modules, for tests and benchmarks. */
  get modules(): readonly Linked[] {
    return this.#dispatches.map(({ linked }) => linked);
  }

  print(): string {
    return printPlan(this.#plan, this.modules);
  }

  release(): void {
    for (const buffer of this.#own) buffer.destroy();
  }
}
