// Times kernels alone: each case is a program of its own, checked against the reference, then run many times in one submission.
import type { KernelCase } from "../../../bench/kernels/kernel.ts";
import { prepareSample, runSample } from "../../check/run.ts";
import { prepare } from "../../compile.ts";
import { GpugradError } from "../../core/error.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Device } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { emptyTensor, type Tensor, tensor } from "../../tensor.ts";
import type { Row } from "./row.ts";
import { patiently, timed } from "./timing.ts";

const SEED = 1;
/** Seconds that one repetition should take. */
const LONG_ENOUGH = 0.15;
const MOST_RUNS = 4096;

export async function measureKernel(device: Device, suite: string, kernel: KernelCase): Promise<Row> {
  const wrong = (await runSample(device, kernel, SEED)).find(({ isEqual }) => !isEqual);
  if (wrong) throw new GpugradError(`bench: ${kernel.name} is wrong: ${wrong.message}`);

  const inputs = kernel.inputs.map(({ shape, dtype = "f32" }) => emptyTensor(device, { shape, dtype }));
  fill(inputs, kernel);
  const made = kernel.call(...inputs.map((input) => input.node));
  const outputs = Array.isArray(made) ? (made as readonly Node[]) : [made as Node];
  const executable = await prepare(device, { outputs });
  const mark = tensor(device, [0]);
  let expected = 0;
  const run = (times: number) => async () => {
    executable.run(times);
    await patiently(expected, () => mark.read()); // comes back when all before it is done
  };
  await run(1)(); // compiles where the driver does that at the first dispatch
  let times = 1;
  let { seconds } = await timed(run(times), 1);
  while (seconds < LONG_ENOUGH / 2 && times < MOST_RUNS) {
    times = Math.min(MOST_RUNS, Math.ceil(times * Math.min(8, (0.9 * LONG_ENOUGH) / seconds)));
    seconds = (await timed(run(times), 1)).seconds;
  }
  expected = seconds;
  const { seconds: median, cpuSeconds, spread } = await timed(run(times));
  executable.release();
  for (const { memory } of [...inputs, mark]) device.free(memory);

  const all = [...inputs.map(({ memory }) => memory.bytes), ...outputs.map(({ shape }) => 4 * sizeOf(shape))];
  const { flops = 0, bytes = all.reduce((a, b) => a + b, 0) } = kernel;
  const gflop = (flops * times) / 1e9;
  return {
    suite,
    case: kernel.name,
    system: "gpugrad",
    adapter: device.info.adapter,
    milliseconds: (1000 * median) / times,
    spread,
    ...(gflop > 0 ? { gflops: gflop / median, gflopsPerCpuSecond: gflop / cpuSeconds } : {}),
    gigabytesPerSecond: (bytes * times) / median / 1e9,
    dispatches: executable.stats.dispatches,
  };
}

function fill(inputs: readonly Tensor[], kernel: KernelCase): void {
  const { leaves } = prepareSample(kernel, SEED);
  [...leaves.values()].forEach((values, i) => {
    inputs[i]?.write(values);
  });
}
