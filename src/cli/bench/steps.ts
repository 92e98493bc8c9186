// Times whole training steps through the trainer, and counts what a step asks of WebGPU.
import type { StepCase } from "../../../bench/steps/step.ts";
import type { CountedGpu } from "../../check/count.ts";
import { GpugradError } from "../../core/error.ts";
import { CpuDevice } from "../../cpu/device.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";
import type { Row } from "./row.ts";
import { timed } from "./timing.ts";

const CHECKED_STEPS = 10;
/** Relative; the reference computes in float64. */
const LARGEST_LOSS_ERROR = 1e-4;
const WARM_UP = 128;
/** Seconds that one repetition should take. */
const LONG_ENOUGH = 1;

export async function measureStep(device: Device, step: StepCase, counted: CountedGpu): Promise<Row> {
  const data = step.data();
  const [own, expected] = [await firstLosses(device, step, data), await firstLosses(new CpuDevice(), step, data)];
  const error = Math.max(...own.map((loss, i) => Math.abs(loss / (expected[i] as number) - 1)));
  if (own.length !== CHECKED_STEPS || !(error < LARGEST_LOSS_ERROR)) {
    throw new GpugradError(`bench: ${step.name} is wrong: losses differ from the reference by ${error}`);
  }
  const trainer = await trainerFor(device, step);
  const train = async (maxSteps: number) => {
    for await (const _ of trainer.fit(data, { ...endless(step), maxSteps }));
  };
  await train(WARM_UP); // compiles, and finds how many steps a submission should have
  const { seconds } = await timed(() => train(WARM_UP), 1);
  const steps = Math.max(WARM_UP, Math.round((WARM_UP * LONG_ENOUGH) / seconds));
  const calls = await countSteps(trainer, data, step, Math.min(steps, 1000), counted);
  const { seconds: median, cpuSeconds, spread } = await timed(() => train(steps));
  return {
    suite: "steps",
    case: step.name,
    system: "gpugrad",
    adapter: device.info.adapter,
    milliseconds: (1000 * median) / steps,
    spread,
    stepsPerSecond: steps / median,
    stepsPerCpuSecond: steps / cpuSeconds,
    ...calls,
  };
}

const endless = ({ batchSize }: StepCase) => ({ batchSize, epochs: Number.POSITIVE_INFINITY });

const trainerFor = (device: Device, { model, input, optimizer }: StepCase): Promise<Trainer> =>
  createTrainer(device, model(), { input, optimizer: optimizer(), loss: softmaxCrossEntropy(), seed: 1 });

async function firstLosses(device: Device, step: StepCase, data: Dataset): Promise<number[]> {
  const losses: number[] = [];
  const trainer = await trainerFor(device, step);
  const callbacks = [{ onStep: ({ loss }: { readonly loss: number }) => void losses.push(loss) }];
  for await (const _ of trainer.fit(data, { ...endless(step), maxSteps: CHECKED_STEPS, callbacks }));
  return losses;
}

/** Calls per step, from the first submission that comes back to the last one. */
async function countSteps(trainer: Trainer, data: Dataset, step: StepCase, maxSteps: number, counted: CountedGpu) {
  const { dispatches = 1 } = trainer.stats ?? {};
  let first: Readonly<Record<string, number>> | undefined;
  let last: Readonly<Record<string, number>> = {};
  const onStep = () => {
    last = counted.counts();
    first ??= last;
  };
  for await (const _ of trainer.fit(data, { ...endless(step), maxSteps, callbacks: [{ onStep }] }));
  const between = (name: string) => (last[name] ?? 0) - (first?.[name] ?? 0);
  const steps = between("dispatchWorkgroups") / dispatches; // submissions in flight at the first make dispatches the measure
  const each = (name: string) => Number((between(name) / steps).toPrecision(4));
  return {
    dispatches,
    submits: each("submit"),
    bindGroups: each("createBindGroup"),
    buffers: each("createBuffer"),
    writes: each("writeBuffer"),
  };
}
