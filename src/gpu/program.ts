// A plan made real: buffers, pipelines and bind groups once, then nothing but replay.

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
import type { Plan } from "../passes/plan.ts";
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
    const words = new Uint32Array((Math.max(1, plan.groups.length) * SIZES_STRIDE) / 4);
    const linked = plan.groups.map((group, i) => {
      const dispatch = link(group, plan, tools.profile);
      void tools.pipelines.get(dispatch); // compiles while the next one is written; awaited below
      words.set(dispatch.sizes, (i * SIZES_STRIDE) / 4);
      return dispatch;
    });
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
      size: words.byteLength,
      usage: BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST,
    });
    own.push(sizes);
    raw.queue.writeBuffer(sizes, 0, words);
    const starved = raw.popErrorScope().catch(() => null); // a lost device is told of below
    const missing = new Set(linked.map(({ code }) => code)); // equal modules share a pipeline
    const total = missing.size;
    const dispatches = await Promise.all(
      linked.map(async (dispatch, i): Promise<Dispatch> => {
        const { pipeline, layout } = await tools.pipelines.get(dispatch);
        if (missing.delete(dispatch.code)) progress({ done: total - missing.size, total });
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
      const size = sizeOf(shape);
      return { shape, dtype, size, bytes: Math.max(4, size * 4), buffer: buffers[memory] as GPUBuffer };
    });
    return new Program(device, tools.readBack, plan, dispatches, own, results, buffers);
  }

  run(times: number, fetch: readonly Memory[] = []): Reading {
    const { raw } = this.#device;
    const encoder = raw.createCommandEncoder();
    this.#encode(encoder, this.#dispatches, times);
    const readings = fetch.map((memory) => this.#readBack.copy(encoder, memory as GpuMemory));
    raw.queue.submit([encoder.finish()]);
    return () => Promise.all(readings.map((reading) => reading()));
  }

  /**
   * Adds a pass that runs `dispatches` in order, `times` times over. What is already set is not set again: in Node each call costs
   * the host 0.5 to 1 µs, and a program of one dispatch then needs a single call for each run.
   */
  #encode(
    encoder: GPUCommandEncoder,
    dispatches: readonly Dispatch[],
    times = 1,
    descriptor?: GPUComputePassDescriptor,
  ): void {
    const pass = encoder.beginComputePass(descriptor);
    let set: Partial<Dispatch> = {};
    for (let turn = 0; turn < times; turn++) {
      for (const dispatch of dispatches) {
        const { linked, pipeline, bindGroup } = dispatch;
        if (pipeline !== set.pipeline) pass.setPipeline(pipeline);
        if (bindGroup !== set.bindGroup) pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(linked.workgroups[0], linked.workgroups[1]);
        set = dispatch;
      }
    }
    pass.end();
  }

  /** Runs once, one dispatch at a time; `watch` is told before each one and gives what to do after it. */
  async walk(watch: WalkWatcher): Promise<void> {
    const later = await import("./walk.ts"); // seldom needed
    const encode = (encoder: GPUCommandEncoder, i: number) => this.#encode(encoder, [this.#dispatches[i] as Dispatch]);
    await later.walk(
      { device: this.#device, readBack: this.#readBack, plan: this.#plan, buffers: this.#buffers, encode },
      watch,
    );
  }

  /** Times each dispatch over `steps` runs. State advances as if it had run. */
  async profile(steps = 8): Promise<DispatchTime[]> {
    const later = await import("./profile.ts"); // seldom needed
    return later.profile(
      {
        device: this.#device,
        readBack: this.#readBack,
        plan: this.#plan,
        modules: this.modules,
        encode: (encoder, i, ...how) => this.#encode(encoder, [this.#dispatches[i] as Dispatch], ...how),
      },
      steps,
    );
  }

  /** The modules, for tests and benchmarks. */
  get modules(): readonly Linked[] {
    return this.#dispatches.map(({ linked }) => linked);
  }

  async print(): Promise<string> {
    const { printPlan } = await import("../passes/printPlan.ts");
    return printPlan(this.#plan, this.modules);
  }

  release(): void {
    for (const buffer of this.#own) buffer.destroy();
  }
}
