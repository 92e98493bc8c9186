// Times networks forward only, beside peers where they are wanted: a fresh batch from the host each time, its results back to the host.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../../bench/steps/step.ts";
import { GpugradError } from "../../core/error.ts";
import { CpuDevice } from "../../cpu/device.ts";
import { type Dataset, take } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";
import { callsOf } from "./calls.ts";
import { hold } from "./contest.ts";
import { differenceFrom } from "./difference.ts";
import { netTaskOf } from "./netTask.ts";
import type { Row } from "./row.ts";
import type { Extras } from "./site.ts";
import { stepFigures } from "./steps.ts";
import { contestant } from "./timing.ts";

const LONG_ENOUGH = 0.5;
const SEED = 1;
const SUITE = "steps";

export const FORWARD_CASES = [
  { name: "mlp-forward", step: mlpAdam },
  { name: "cnn-forward", step: cnnAdam },
] as const;

/** Measures the network of `step` on batches of its size, and in turns with it the peers at `place` if there is one. */
export async function measureForward(
  device: Device,
  name: string,
  step: StepCase,
  { place, counted }: Extras = {},
): Promise<Row[]> {
  const labels = { suite: SUITE, case: name };
  const data = step.data();
  const { batchSize } = step;
  const trainer = await trainerFor(device, step);
  const batches = Math.floor(data.count / batchSize);
  const firstBatch = take(
    data,
    Uint32Array.from({ length: batchSize }, (_, i) => i),
  );
  const predict = async (by: Trainer, set: Dataset) => (await by.predict(set, { batchSize })).data;
  const expected = await predict(await trainerFor(new CpuDevice(), step), firstBatch);
  const wrong = differenceFrom([expected], await predict(trainer, firstBatch));
  if (wrong !== undefined) throw new GpugradError(`bench: ${name} is wrong: ${wrong}`);
  const own = contestant(async (times) => {
    const rounds = Math.ceil(times / batches);
    for (let i = 0; i < rounds; i++) await predict(trainer, data);
    return rounds * batches;
  });
  await own.run(1);
  const challenge = place && {
    place,
    task: { kind: "forward", ...(await netTaskOf(trainer, step, data)) } as const,
    check: (first: Float32Array) => differenceFrom([expected], first),
  };
  const { timing, peers } = await hold({ ...labels, own, challenge, seconds: LONG_ENOUGH, figures: stepFigures });
  const before = counted?.counts();
  const { times } = await own.run(1);
  const calls = counted && before && callsOf(before, counted.counts(), times);
  return [{ ...labels, system: "gpugrad", adapter: device.info.adapter, ...stepFigures(timing), ...calls }, ...peers];
}

const trainerFor = (device: Device, { model, input, optimizer }: StepCase): Promise<Trainer> =>
  createTrainer(device, model(), { input, optimizer: optimizer(), loss: softmaxCrossEntropy(), seed: SEED });
