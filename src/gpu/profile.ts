// How long each dispatch of a program takes: by timestamps where the adapter has them, else by the host's clock around submissions.
import type { DispatchTime } from "../graph/device.ts";
import { costOf, type DispatchCost } from "../passes/cost.ts";
import type { Plan } from "../passes/plan.ts";
import type { Linked } from "../wgsl/link.ts";
import type { GpuDevice } from "./device.ts";
import { BUFFER_USAGE } from "./flags.ts";
import type { ReadBack } from "./memory.ts";

/** The program to be timed. */
export interface Profiled {
  readonly device: GpuDevice;
  readonly readBack: ReadBack;
  readonly plan: Plan;
  readonly modules: readonly Linked[];
  /** Adds a pass of its own for one dispatch, done `times` times. */
  readonly encode: (
    encoder: GPUCommandEncoder,
    dispatch: number,
    times: number,
    descriptor?: GPUComputePassDescriptor,
  ) => void;
}

type Span = DispatchTime["spans"][number];

/** Dispatches for which one set holds timestamps: two for each. */
const MOST = 2048;
/** By the host's clock a submission repeats one dispatch, so that what the submission itself takes is spread. */
const TIMES = 8;
const REPEATS = 5;

/** Runs `steps` whole steps with timestamps, or each dispatch by itself. State advances as if the program had run. */
export async function profile(program: Profiled, steps: number): Promise<DispatchTime[]> {
  const { device, plan, modules } = program;
  const fitting = Math.min(steps, Math.floor(MOST / modules.length));
  const hasTimestamps = device.raw.features.has("timestamp-query") && fitting > 0;
  const spans = await (hasTimestamps ? byTimestamps(program, fitting) : byHost(program));
  return modules.map(({ label, file }, i) => ({
    label,
    file,
    ...costOf(plan, i),
    milliseconds: median((spans[i] as Span[]).map(([begin, end]) => end - begin)),
    clock: hasTimestamps ? "device" : "host",
    spans: spans[i] as Span[],
  }));
}

/** All steps in one submission; a pass for each dispatch, which notes when it begins and ends. */
async function byTimestamps({ device, readBack, modules, encode }: Profiled, steps: number): Promise<Span[][]> {
  const { raw } = device;
  const each = modules.length;
  const count = 2 * each * steps;
  const querySet = raw.createQuerySet({ type: "timestamp", count });
  const bytes = 8 * count;
  const buffer = raw.createBuffer({ size: bytes, usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC });
  const encoder = raw.createCommandEncoder();
  for (let i = 0; i < count; i += 2) {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: i, endOfPassWriteIndex: i + 1 };
    encode(encoder, (i / 2) % each, 1, { timestampWrites });
  }
  encoder.resolveQuerySet(querySet, 0, count, buffer, 0);
  const reading = readBack.copy(encoder, { shape: [], dtype: "u32", size: 2 * count, bytes, buffer });
  raw.queue.submit([encoder.finish()]);
  const words = await reading();
  querySet.destroy();
  buffer.destroy();
  const since = (k: number) => (words[k] as number) - (words[k & 1] as number); // the first timestamp
  const at = (k: number) => (since(2 * k + 1) * 2 ** 32 + since(2 * k)) / 1e6; // ns → ms
  const spans = modules.map((): Span[] => []);
  for (let i = 0; i < count; i += 2) spans[(i / 2) % each]?.push([at(i), at(i + 1)]);
  return spans;
}

/** Wall time of submissions; the spans of one step, put end to end. */
async function byHost({ device, modules, encode }: Profiled): Promise<Span[][]> {
  const { queue } = device.raw;
  const spans: Span[][] = [];
  let begin = 0;
  for (const i of modules.keys()) {
    const samples: number[] = [];
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      const encoder = device.raw.createCommandEncoder();
      encode(encoder, i, TIMES);
      const submitted = performance.now();
      queue.submit([encoder.finish()]);
      await queue.onSubmittedWorkDone();
      if (repeat > 0) samples.push((performance.now() - submitted) / TIMES); // the first one warms up
    }
    const end = begin + median(samples);
    spans.push([[begin, end]]);
    begin = end;
  }
  return spans;
}

/** A step of a program that runs many in one dispatch. Its groups share one row: nobody can tell where in the kernel time goes. */
export async function profileSolo(
  device: GpuDevice,
  run: (times: number) => unknown,
  plan: Plan,
  steps: number,
): Promise<DispatchTime> {
  const times = Math.max(1, Math.floor(steps / REPEATS));
  const samples: number[] = [];
  for (let done = 0; done < steps; done += times) {
    const count = Math.min(times, steps - done);
    const submitted = performance.now();
    run(count);
    await device.raw.queue.onSubmittedWorkDone();
    samples.push((performance.now() - submitted) / count);
  }
  const costs = plan.groups.map((_, i) => costOf(plan, i));
  const sum = (of: (cost: DispatchCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  const milliseconds = median(samples);
  return {
    label: "whole step",
    file: "solo.wgsl",
    phase: "step",
    bytesRead: sum(({ bytesRead }) => bytesRead),
    bytesWritten: sum(({ bytesWritten }) => bytesWritten),
    flops: sum(({ flops }) => flops),
    milliseconds,
    clock: "host",
    spans: [[0, milliseconds]],
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
