// Times kernels alone, beside peers where they are wanted and know the case.
import type { KernelCase } from "../../../bench/kernels/kernel.ts";
import { prepareSample, runReference } from "../../check/run.ts";
import type { SampleInput } from "../../check/sample.ts";
import type { Device } from "../../graph/device.ts";
import type { Values } from "../../graph/node.ts";
import { callsOf } from "./calls.ts";
import { type Challenge, hold } from "./contest.ts";
import { differenceFrom } from "./difference.ts";
import { KERNEL_TURN, openKernel, SEED } from "./openKernel.ts";
import type { Place } from "./peers.ts";
import type { Row } from "./row.ts";
import { type Extras, secondsOn } from "./site.ts";
import type { Timing } from "./timing.ts";

/** Measures gpugrad, and in turns with it the peers at `place` if there is one and they know the case. */
export async function measureKernel(
  device: Device,
  suite: string,
  kernel: KernelCase,
  { place, ceiling, trace, counted }: Extras = {},
): Promise<Row[]> {
  const labels = { suite, case: kernel.name };
  const { own, bytes, executable, close } = await openKernel(device, kernel);
  const { flops = 0 } = kernel;
  const figures = (timing: Timing) => {
    const { seconds, cpuSeconds, spread } = timing;
    const counting = secondsOn(device, timing);
    return {
      milliseconds: 1000 * seconds,
      spread,
      stepsPerSecond: 1 / seconds,
      stepsPerCpuSecond: 1 / cpuSeconds,
      ...(flops > 0 ? { gflops: flops / seconds / 1e9, gflopsPerCpuSecond: flops / cpuSeconds / 1e9 } : {}),
      gigabytesPerSecond: bytes / seconds / 1e9,
      ...(ceiling && flops > 0 ? { shareOfFma: flops / counting / ceiling.flops } : {}),
      ...(ceiling ? { shareOfCopy: bytes / counting / ceiling.bytes } : {}),
    };
  };
  const challenge = place && challengeOf(kernel, place);
  const { timing, peers } = await hold({ ...labels, own, challenge, seconds: KERNEL_TURN, figures });
  const before = counted?.counts();
  await own.run(timing.times);
  const calls = counted && before && callsOf(before, counted.counts(), timing.times);
  trace?.(kernel.name, (await executable.profile?.()) ?? []);
  close();
  const { adapter } = device.info;
  const { dispatches } = executable.stats;
  return [{ ...labels, system: "gpugrad", adapter, ...figures(timing), ...calls, dispatches }, ...peers];
}

/** What peers are given: the same inputs, and the reference's results to be compared with. Nothing where they cannot do it. */
function challengeOf(kernel: KernelCase, place: Place): Challenge | undefined {
  if (!kernel.peers) return undefined;
  const inputs = [...prepareSample(kernel, SEED).leaves.values()].map((values, i) => {
    const { shape, dtype = "f32" } = kernel.inputs[i] as SampleInput;
    const Kind = dtype === "f32" ? Float32Array : Int32Array;
    return { shape, data: Kind.from(values as ArrayLike<number>) };
  });
  const expected = runReference(kernel, SEED) as readonly Values[];
  return { place, task: { ...kernel.peers, inputs }, check: (first) => differenceFrom(expected, first) };
}
