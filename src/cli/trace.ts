// Profiles as a Chrome trace: a file that chrome://tracing and ui.perfetto.dev open.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../core/error.ts";
import type { DispatchTime } from "../graph/device.ts";

/** A program and its profile. */
export interface TracedProgram {
  readonly name: string;
  readonly times: readonly DispatchTime[];
}

/** A slice (X), or what a row of slices is called (M); times are µs. */
interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const CLOCKS = {
  device: "timestamps on the device",
  host: "wall time of submissions: what those take themselves is included",
} as const;

/** Rows of a program. */
const [STEPS, DISPATCHES] = [1, 2];

/** The trace of some programs, each a process of its own: a row of steps and a row of dispatches. */
export function chromeTrace(adapter: string, programs: readonly TracedProgram[]) {
  return {
    traceEvents: programs.flatMap(({ name, times }, pid) => [
      named("process_name", pid, 0, name),
      named("thread_name", pid, STEPS, "steps"),
      named("thread_name", pid, DISPATCHES, "dispatches"),
      ...stepsOf(times, pid),
      ...times.flatMap((time) => dispatchesOf(time, pid)),
    ]),
    displayTimeUnit: "ms",
    otherData: { adapter, clock: CLOCKS[programs[0]?.times[0]?.clock ?? "device"] },
  };
}

/** Where a dispatch belongs, for people: "0 conv2d(8, 5×5) · forward". */
export function placeOf({ layer, label, phase }: DispatchTime): string {
  return `${layer ?? label} · ${phase}`;
}

function dispatchesOf(time: DispatchTime, pid: number): TraceEvent[] {
  const { label, file, layer, phase, bytesRead, bytesWritten, flops, clock } = time;
  return time.spans.map(([begin, end]) => {
    const ns = 1e6 * (end - begin);
    const rates = ns > 0 ? { "GFLOP/s": flops / ns, "GB/s": (bytesRead + bytesWritten) / ns } : {};
    const args = { op: label, file, layer, phase, bytesRead, bytesWritten, flops, ...rates, clock };
    return { name: placeOf(time), cat: phase, ph: "X", pid, tid: DISPATCHES, ...slice(begin, end), args };
  });
}

function stepsOf(times: readonly DispatchTime[], pid: number): TraceEvent[] {
  return (times[0]?.spans ?? []).map((_, step) => {
    const spans = times.map(({ spans }) => spans[step] as DispatchTime["spans"][number]);
    const [begin, end] = [Math.min(...spans.map(([at]) => at)), Math.max(...spans.map(([, at]) => at))];
    return { name: `step ${step + 1}`, cat: "step", ph: "X", pid, tid: STEPS, ...slice(begin, end) };
  });
}

const slice = (begin: number, end: number) => ({ ts: 1000 * begin, dur: 1000 * (end - begin) });

const named = (what: string, pid: number, tid: number, name: string): TraceEvent => ({
  name: what,
  ph: "M",
  pid,
  tid,
  args: { name },
});

export async function writeTrace(file: string, adapter: string, programs: readonly TracedProgram[]): Promise<void> {
  await writeFile(file, `${JSON.stringify(chromeTrace(adapter, programs))}\n`);
}

/** A run must not end in nothing because of a name that could have been checked before it. @throws DataError */
export function checkWritable(call: string, file: string): void {
  if (!existsSync(dirname(file))) throw new DataError(`${call}: no such folder: ${dirname(file)}`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new DataError(`${call}: this is a folder: ${file}. Name a file in it`);
}
