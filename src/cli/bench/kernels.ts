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
import { type Challenge, hold } from "./contest.ts";
import type { Values as Factor, Place } from "./peers.ts";
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
  { place, ceiling, trace }: Extras = {},
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
  trace?.(kernel.name, (await executable.profile?.()) ?? []);
  executable.release();
  for (const { memory } of [...inputs, mark]) device.free(memory);
  const { adapter } = device.info;
  const { dispatches } = executable.stats;
  return [{ ...labels, system: "gpugrad", adapter, ...figures(timing), dispatches }, ...peers];
}

/** What peers are given: the same factors, and the reference's result to be compared with. Nothing where they cannot do it. */
function challengeOf(kernel: KernelCase, place: Place): Challenge | undefined {
  if (!kernel.product) return undefined;
  const factors = [...prepareSample(kernel, SEED).leaves.values()].map((values, i) => ({
    shape: (kernel.inputs[i] as SampleInput).shape,
    data: Float32Array.from(values as ArrayLike<number>),
  }));
  const [expected] = runReference(kernel, SEED) as [Values];
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    place,
    task: { kind: "product", a: factors[0] as Factor, b: factors[1] as Factor, ...kernel.product },
    check(first) {
      const error = expected.reduce((most, value, i) => Math.max(most, Math.abs((first[i] as number) - value)), 0);
      const share = first.length === expected.length ? error / largest : Number.NaN;
      return share < LARGEST_DIFFERENCE
        ? undefined
        : `its result differs by ${share.toPrecision(2)} of the largest value`;
    },
  };
}

function fill(inputs: readonly Tensor[], kernel: KernelCase): void {
  const { leaves } = prepareSample(kernel, SEED);
  [...leaves.values()].forEach((values, i) => {
    inputs[i]?.write(values);
  });
}
