// A kernel case as a program of its own, compared with the reference, ready to be run over and over in one submission.
import type { KernelCase } from "../../../bench/kernels/kernel.ts";
import { prepareSample, runSample } from "../../check/run.ts";
import { GpugradError } from "../../core/error.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Device, Executable } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { prepare } from "../../prepare.ts";
import { emptyTensor, tensor } from "../../tensor.ts";
import { type Contestant, contestant, patiently } from "./timing.ts";

export const SEED = 1;
/** Seconds that one turn of a kernel should take. */
export const KERNEL_TURN = 0.15;
const MOST_RUNS = 4096;

export interface OpenKernel {
  readonly own: Contestant;
  /** What one run reads and writes at least. */
  readonly bytes: number;
  readonly executable: Executable;
  readonly close: () => void;
}

/** @throws GpugradError when the device computes it wrong */
export async function openKernel(device: Device, kernel: KernelCase): Promise<OpenKernel> {
  const wrong = (await runSample(device, kernel, SEED)).find(({ isEqual }) => !isEqual);
  if (wrong) throw new GpugradError(`bench: ${kernel.name} is wrong: ${wrong.message}`);

  const inputs = kernel.inputs.map(({ shape, dtype = "f32" }) => emptyTensor(device, { shape, dtype }));
  [...prepareSample(kernel, SEED).leaves.values()].forEach((values, i) => {
    inputs[i]?.write(values);
  });
  const made = kernel.call(...inputs.map((input) => input.node));
  const outputs = Array.isArray(made) ? (made as readonly Node[]) : [made as Node];
  const executable = await prepare(device, { outputs });
  const mark = tensor(device, [0]);
  let expected = 0; // seconds of one run
  const submission = contestant(async (times) => {
    executable.run(times);
    await patiently(expected * times, () => mark.read()); // comes back when all before it is done
  });
  const run = async (times: number) => {
    const spent = await submission.run(times);
    if (spent.seconds > KERNEL_TURN / 2) expected = spent.seconds / times;
    return spent;
  };
  await run(1); // compiles where the driver does that at the first dispatch
  const all = [...inputs.map(({ memory }) => memory.bytes), ...outputs.map(({ shape }) => 4 * sizeOf(shape))];
  return {
    own: { run, most: MOST_RUNS },
    bytes: kernel.bytes ?? all.reduce((a, b) => a + b, 0),
    executable,
    close() {
      executable.release();
      for (const { memory } of [...inputs, mark]) device.free(memory);
    },
  };
}
