// What the host pays for a dispatch: CPU time of the calling thread while a plan is replayed, and while a whole run goes on around it.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../../bench/steps/step.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { openDevice } from "../../open.ts";
import { createTrainer } from "../../train/trainer.ts";
import { bareCalls } from "./bareCalls.ts";
import { replayInChromium } from "./hostChromium.ts";
import { type HostSamples, replay } from "./replay.ts";
import type { Row } from "./row.ts";
import { threadMicroseconds } from "./threadTime.ts";
import { quantile } from "./timing.ts";

/** Steps of one turn of `fit`. */
const STEPS = 128;
const FIT_TURNS = 3;

interface HostCase {
  readonly name: string;
  /** Where it ran, and what it took. */
  readonly measure: (gpu: GPU) => Promise<HostSamples & { readonly adapter: string }>;
}

/** Plans replayed, here and in a page, what WebGPU's own calls take of that here, and a whole `fit`, which also writes schedules, reads logs and waits. */
export const HOST_CASES = [
  {
    name: "replay-mlp-adam",
    measure: (gpu) => onOwnDevice(gpu, (device) => replay(device, mlpAdam, threadMicroseconds)),
  },
  {
    name: "replay-cnn-adam",
    measure: (gpu) => onOwnDevice(gpu, (device) => replay(device, cnnAdam, threadMicroseconds)),
  },
  { name: "bare-calls", measure: (gpu) => onOwnDevice(gpu, (device) => bareCalls(device, threadMicroseconds)) },
  { name: "replay-mlp-adam-chromium", measure: replayInChromium },
  { name: "fit-mlp-adam", measure: (gpu) => onOwnDevice(gpu, (device) => run(device, mlpAdam)) },
] as const satisfies readonly HostCase[];

export async function measureHost(gpu: GPU, { name, measure }: HostCase): Promise<Row> {
  const { samples, dispatches, adapter } = await measure(gpu);
  const median = quantile(samples, 0.5);
  const spread = (quantile(samples, 0.75) - quantile(samples, 0.25)) / median;
  return { suite: "host", case: name, system: "gpugrad", adapter, hostMicroseconds: median, spread, dispatches };
}

/** On a device of its own whose calls nobody counts, since counting takes time too. */
async function onOwnDevice(gpu: GPU, measure: (device: Device) => Promise<HostSamples>) {
  const device = await openDevice({ gpu });
  try {
    return { ...(await measure(device)), adapter: device.info.adapter };
  } finally {
    device.close();
  }
}

/** µs of each dispatch of a run. */
async function run(device: Device, step: StepCase): Promise<HostSamples> {
  const { model, input, optimizer, data, batchSize } = step;
  const set = data();
  const options = { input, optimizer: optimizer(), loss: softmaxCrossEntropy(), seed: 1 };
  const trainer = await createTrainer(device, model(), options);
  const train = async (maxSteps: number) => {
    for await (const _ of trainer.fit(set, { batchSize, epochs: Number.POSITIVE_INFINITY, maxSteps }));
  };
  await train(STEPS); // compiles, and finds how many steps a submission should have
  const dispatches = trainer.stats?.dispatches ?? 0;
  const samples: number[] = [];
  for (let turn = 0; turn < FIT_TURNS; turn++) {
    const before = threadMicroseconds();
    await train(STEPS);
    samples.push((threadMicroseconds() - before) / (STEPS * dispatches));
  }
  return { samples, dispatches };
}
