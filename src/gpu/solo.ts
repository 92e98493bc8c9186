// A small network's step made real: one kernel of one workgroup that runs many steps in a dispatch. Loaded only where a task is small.
import { sizeOf } from "../core/shape.ts";
import type { DispatchTime, Executable, ExecutableStats, Memory, Progress, Reading, Task } from "../graph/device.ts";
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import { smallKernel } from "../ops/matmulSmall.ts";
import type { Plan } from "../passes/plan.ts";
import { schedule } from "../passes/schedule.ts";
import { isWorthBarrier } from "../passes/storeWithin.ts";
import { inlinedLength } from "../wgsl/inlined.ts";
import { link } from "../wgsl/link.ts";
import { linkSolo } from "../wgsl/solo.ts";
import type { GpuDevice } from "./device.ts";
import { BUFFER_USAGE } from "./flags.ts";
import type { GpuMemory, ReadBack } from "./memory.ts";
import type { Pipelines } from "./pipelines.ts";

/** Dispatches run 1, 2, 4 … 2¹³ steps: any number of steps is a few of them, and nothing is written for it. */
const LEVELS = 14;
/** Additions in a step from which a workgroup alone takes longer than dispatches of many. */
const MOST_WORK = 32_768;
/** The same for a single thread: its code grows with them. */
const MOST_WORK_ALONE = 16_384;
/** Characters of a single thread's code, inlined, from which it takes too long to compile: 3 s on lavapipe, 5 on SwiftShader, soon many more. */
const MOST_CODE_ALONE = 700_000;
/** Where WebGPU's own limit is not raised, a workgroup has 16 KiB. */
const WORKGROUP_BYTES = 16_384;

interface Tools {
  readonly readBack: ReadBack;
  readonly pipelines: Pipelines;
  readonly profile: Profile;
}

/** The task as one kernel; undefined when it is too large for that, or holds what one workgroup cannot do. */
export async function createSolo(
  device: GpuDevice,
  tools: Tools,
  task: Task,
  progress?: (progress: Progress) => void,
): Promise<Executable | undefined> {
  const { raw } = device;
  const found = formOf(tools.profile, task);
  if (!found) return undefined;
  const { plan, outputs, profile, solo } = found;

  const own: GPUBuffer[] = [];
  const make = (label: string, size: number, usage: number) => {
    const buffer = raw.createBuffer({ label, size, usage: usage | BUFFER_USAGE.COPY_DST });
    own.push(buffer);
    return buffer;
  };
  const bufferOf = new Map(
    [...solo.bindings.map(({ memory }) => memory), ...solo.gathered].map((memory) => {
      const { leaf, bytes, kind } = plan.memories[memory] as Plan["memories"][number];
      const given = leaf && (task.memoryOf.get(leaf) as GpuMemory | undefined)?.buffer;
      return [memory, given ?? make(kind, Math.max(4, bytes), BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC)];
    }),
  );
  const keptBytes = solo.gathered.map((memory) => plan.memories[memory]?.bytes ?? 0);
  const total = keptBytes.reduce((sum, bytes) => sum + bytes, 0);
  const keptBuffer = total > 0 ? [make("state", total, BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC)] : [];
  const bound = [...solo.bindings.map(({ memory }) => bufferOf.get(memory) as GPUBuffer), ...keptBuffer];
  const accesses = [...solo.bindings, ...keptBuffer.map(() => ({ access: "read_write" as const }))];
  const stride = Math.ceil((4 * solo.sizes.length) / 256) * 256;
  const sizes = make("sizes", LEVELS * stride, BUFFER_USAGE.UNIFORM);
  const words = new Uint32Array((LEVELS * stride) / 4);
  for (let level = 0; level < LEVELS; level++) words.set([2 ** level, ...solo.sizes.slice(1)], (level * stride) / 4);
  raw.queue.writeBuffer(sizes, 0, words);
  const { pipeline, layout } = await tools.pipelines.get({
    ...solo,
    bindings: accesses,
    file: "solo.wgsl",
    label: "whole steps",
  });
  progress?.({ done: 1, total: 1 });
  const levels = Array.from({ length: LEVELS }, (_, level) =>
    raw.createBindGroup({
      label: `${2 ** level} steps`,
      layout,
      entries: [
        { binding: 0, resource: { buffer: sizes, offset: level * stride, size: stride } },
        ...bound.map((buffer, k) => ({ binding: k + 1, resource: { buffer } })),
      ],
    }),
  );
  device.check("compile");
  let offset = 0;
  const copies = solo.gathered.map((memory, i) => {
    const bytes = keptBytes[i] as number;
    offset += bytes;
    return {
      buffer: bufferOf.get(memory) as GPUBuffer,
      within: keptBuffer[0] as GPUBuffer,
      offset: offset - bytes,
      bytes,
    };
  });
  const results = outputs.map((node): GpuMemory => {
    const { shape, dtype } = node;
    const size = sizeOf(shape);
    const { memory } = plan.locationOf.get(node) as { memory: number };
    return { shape, dtype, size, bytes: Math.max(4, 4 * size), buffer: bufferOf.get(memory) as GPUBuffer };
  });
  const print = async () => {
    const { printPlan } = await import("../passes/printPlan.ts");
    const groups = plan.groups.map((group) => ({ ...link(group, plan, profile), workgroups: [1] }));
    const how = solo.lanes === 1 ? "a single thread, its loops written out" : `one workgroup of ${solo.lanes} threads`;
    return `${printPlan(plan, groups)}\nall in one dispatch of ${how}, many steps at a time`;
  };
  const stats = {
    dispatches: 1,
    stepsPerDispatch: 2 ** (LEVELS - 1),
    sharedBytes: plan.shared.bytes,
    peakLiveBytes: plan.shared.peakLive,
    ownBytes: own.reduce((sum, buffer) => sum + buffer.size, 0),
  };
  return new SoloProgram(device, tools.readBack, {
    pipeline,
    levels,
    own,
    outputs: results,
    stats,
    print,
    plan,
    copies,
  });
}

/** The first of the profile's forms that serves. */
function formOf({ solo: forms = [], storageBuffers, workgroups }: Profile, task: Task) {
  for (const lanes of forms) {
    const [within, products] = [{ lanes, isWorthStoring: isWorthBarrier }, { kernel: smallKernel }];
    const all = Number.POSITIVE_INFINITY;
    const profile: Profile = { family: "software", storageBuffers: all, workgroups, within, products };
    const { plan, outputs } = schedule({ ...task, keepsAll: true }, profile);
    if (workOf(plan) > (lanes === 1 ? MOST_WORK_ALONE : MOST_WORK)) continue;
    const solo = linkSolo(plan, profile, storageBuffers);
    if (!solo || solo.workgroupBytes > WORKGROUP_BYTES) continue;
    if (lanes === 1 && inlinedLength(solo.code) > MOST_CODE_ALONE) continue;
    return { plan, outputs, profile, solo };
  }
  return undefined;
}

/** About how many additions a step takes. */
function workOf({ groups, fusion }: Plan): number {
  const work = (node: Node): number => {
    const { pointwise, kernel, inPlace = {} } = node.op;
    if (pointwise?.work) return sizeOf(node.shape) * pointwise.work(node.inputs, node.attrs);
    const kept = Object.values(inPlace); // state of which only a part changes
    const read = kernel ? node.inputs.filter((_, i) => !kept.includes(i)) : [];
    return 8 * Math.max(...[...read, ...(kept.length > 0 ? [] : [node])].map(({ shape }) => sizeOf(shape)));
  };
  const own = (node: Node) => fusion.reader.isKernel(node) || !node.op.picks;
  return groups.reduce(
    (sum, { values }) => sum + values.flat().reduce((all, node) => all + (own(node) ? work(node) : 0), 0),
    0,
  );
}

/** `bytes` of a buffer, and where they lie within another. */
interface Copy {
  readonly buffer: GPUBuffer;
  readonly within: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

interface Made {
  readonly pipeline: GPUComputePipeline;
  readonly levels: readonly GPUBindGroup[];
  readonly own: readonly GPUBuffer[];
  readonly outputs: readonly Memory[];
  readonly stats: ExecutableStats;
  readonly print: () => Promise<string>;
  readonly plan: Plan;
  /** State that is copied into one buffer before the steps, and back after them. */
  readonly copies: readonly Copy[];
}

class SoloProgram implements Executable {
  readonly outputs: readonly Memory[];
  readonly stats: ExecutableStats;
  readonly print: () => Promise<string>;
  readonly #device: GpuDevice;
  readonly #readBack: ReadBack;
  readonly #made: Made;

  constructor(device: GpuDevice, readBack: ReadBack, made: Made) {
    this.#device = device;
    this.#readBack = readBack;
    this.#made = made;
    this.outputs = made.outputs;
    this.stats = made.stats;
    this.print = made.print;
  }

  run(times: number, fetch: readonly Memory[] = []): Reading {
    const { raw } = this.#device;
    const { levels, pipeline, copies } = this.#made;
    const encoder = raw.createCommandEncoder();
    for (const { buffer, within, offset, bytes } of copies)
      encoder.copyBufferToBuffer(buffer, 0, within, offset, bytes);
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    let left = times;
    for (let level = levels.length - 1; left > 0; ) {
      if (2 ** level > left) {
        level--;
        continue;
      }
      pass.setBindGroup(0, levels[level] as GPUBindGroup);
      pass.dispatchWorkgroups(1);
      left -= 2 ** level;
    }
    pass.end();
    for (const { buffer, within, offset, bytes } of copies)
      encoder.copyBufferToBuffer(within, offset, buffer, 0, bytes);
    const readings = fetch.map((memory) => this.#readBack.copy(encoder, memory as GpuMemory));
    raw.queue.submit([encoder.finish()]);
    return () => Promise.all(readings.map((reading) => reading()));
  }

  /** One row: a step of it, the median of a few submissions that share `steps`. State advances by these steps. */
  async profile(steps = 1024): Promise<DispatchTime[]> {
    const { profileSolo } = await import("./profile.ts");
    return [await profileSolo(this.#device, (times) => this.run(times), this.#made.plan, steps)];
  }

  release(): void {
    for (const buffer of this.#made.own) buffer.destroy();
  }
}
