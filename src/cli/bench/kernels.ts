// Times kernels alone: each case is a program of its own, checked against the reference, then run many times in one submission.
import type { KernelCase } from "../../../bench/kernels/kernel.ts";
import { prepareSample, runReference, runSample } from "../../check/run.ts";
import type { SampleInput } from "../../check/sample.ts";
import { prepare } from "../../compile.ts";
import { GpugradError } from "../../core/error.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Device } from "../../graph/device.ts";
import type { Node, Values } from "../../graph/node.ts";
import { emptyTensor, type Tensor, tensor } from "../../tensor.ts";
import { callsOf } from "./calls.ts";
import { type Challenge, hold } from "./contest.ts";
import type { Place } from "./peers.ts";
import type { Row } from "./row.ts";
import { type Extras, secondsOn } from "./site.ts";
import { contestant, patiently, type Timing } from "./timing.ts";

const SEED = 1;
/** Seconds that one repetition should take. */
const LONG_ENOUGH = 0.15;
/** A peer's, as a share of the largest value. */
const LARGEST_DIFFERENCE = 1e-3;
const MOST_RUNS = 4096;

/** Measures gpugrad, and in turns with it the peers at `place` if there is one and they know the case. */
export async function measureKernel(
  device: Device,
  suite: string,
  kernel: KernelCase,
  { place, ceiling, trace, counted }: Extras = {},
): Promise<Row[]> {
  const labels = { suite, case: kernel.name };
  const wrong = (await runSample(device, kernel, SEED)).find(({ isEqual }) => !isEqual);
  if (wrong) throw new GpugradError(`bench: ${kernel.name} is wrong: ${wrong.message}`);

  const inputs = kernel.inputs.map(({ shape, dtype = "f32" }) => emptyTensor(device, { shape, dtype }));
  fill(inputs, kernel);
  const made = kernel.call(...inputs.map((input) => input.node));
  const outputs = Array.isArray(made) ? (made as readonly Node[]) : [made as Node];
  const executable = await prepare(device, { outputs });
  const mark = tensor(device, [0]);
  let expected = 0; // seconds of one run
  const own = contestant(async (times) => {
    executable.run(times);
    await patiently(expected * times, () => mark.read()); // comes back when all before it is done
  });
  const run = async (times: number) => {
    const spent = await own.run(times);
    if (spent.seconds > LONG_ENOUGH / 2) expected = spent.seconds / times;
    return spent;
  };
  await run(1); // compiles where the driver does that at the first dispatch
  const all = [...inputs.map(({ memory }) => memory.bytes), ...outputs.map(({ shape }) => 4 * sizeOf(shape))];
  const { flops = 0, bytes = all.reduce((a, b) => a + b, 0) } = kernel;
  const figures = (timing: Timing) => {
    const { seconds, cpuSeconds, spread } = timing;
    const counted = secondsOn(device, timing);
    return {
      milliseconds: 1000 * seconds,
      spread,
      stepsPerSecond: 1 / seconds,
      stepsPerCpuSecond: 1 / cpuSeconds,
      ...(flops > 0 ? { gflops: flops / seconds / 1e9, gflopsPerCpuSecond: flops / cpuSeconds / 1e9 } : {}),
      gigabytesPerSecond: bytes / seconds / 1e9,
      ...(ceiling && flops > 0 ? { shareOfFma: flops / counted / ceiling.flops } : {}),
      ...(ceiling ? { shareOfCopy: bytes / counted / ceiling.bytes } : {}),
    };
  };
  const { timing, peers } = await hold({
    ...labels,
    own: { run, most: MOST_RUNS },
    challenge: place && challengeOf(kernel, place),
    seconds: LONG_ENOUGH,
    figures,
  });
  const before = counted?.counts();
  await run(timing.times);
  const calls = counted && before && callsOf(before, counted.counts(), timing.times);
  trace?.(kernel.name, (await executable.profile?.()) ?? []);
  executable.release();
  for (const { memory } of [...inputs, mark]) device.free(memory);
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

/** Says how a peer's results, one after another, differ from `expected`, if they do. */
export function differenceFrom(expected: readonly ArrayLike<number>[], first: Float32Array): string | undefined {
  let start = 0;
  let worst = 0;
  for (const values of expected) {
    let [error, largest] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      error = Math.max(error, Math.abs((first[start + i] as number) - value)); // NaN stays
      largest = Math.max(largest, Math.abs(value));
    }
    start += values.length;
    worst = Math.max(worst, error / largest);
  }
  if (start !== first.length) return `it gives ${first.length} numbers instead of ${start}`;
  return worst < LARGEST_DIFFERENCE ? undefined : `its result differs by ${worst.toPrecision(2)} of the largest value`;
}

function fill(inputs: readonly Tensor[], kernel: KernelCase): void {
  const { leaves } = prepareSample(kernel, SEED);
  [...leaves.values()].forEach((values, i) => {
    inputs[i]?.write(values);
  });
}
