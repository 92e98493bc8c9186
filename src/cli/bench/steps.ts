// Times whole training steps through the trainer, beside peers where they are wanted, and counts what a step asks of WebGPU.
import type { StepCase } from "../../../bench/steps/step.ts";
import type { CountedGpu } from "../../check/count.ts";
import { GpugradError } from "../../core/error.ts";
import { CpuDevice } from "../../cpu/device.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";
import { hold } from "./contest.ts";
import { netTaskOf } from "./netTask.ts";
import type { StepTask } from "./peers.ts";
import type { Row } from "./row.ts";
import type { Extras } from "./site.ts";
import { contestant, type Timing } from "./timing.ts";

const CHECKED_STEPS = 10;
/** Relative; the reference computes in float64. */
const LARGEST_LOSS_ERROR = 1e-4;
/** Relative, between peers, which sum in other orders. */
const LARGEST_DIFFERENCE = 1e-3;
const WARM_UP = 128;
/** Steps of one turn at least: two submissions. */
const FEWEST = 32;
/** Seconds that one turn should take. */
const LONG_ENOUGH = 1;
const SEED = 1;
const SUITE = "steps";

/** Measures gpugrad, and in turns with it the peers at `place` if there is one. */
export async function measureStep(
  device: Device,
  step: StepCase,
  counted: CountedGpu,
  { place, trace }: Extras = {},
): Promise<Row[]> {
  const data = step.data();
  const own = await firstLosses(device, step, data);
  const expected = step.isChecked === false ? own : await firstLosses(new CpuDevice(), step, data);
  const error = difference(own, expected); // NaN where losses are
  if (!(error < LARGEST_LOSS_ERROR)) {
    throw new GpugradError(`bench: ${step.name} is wrong: losses differ from the reference by ${error}`);
  }
  const labels = { suite: SUITE, case: step.name };
  const trainer = await trainerFor(device, step);
  const train = async (maxSteps: number) => {
    for await (const _ of trainer.fit(data, { ...endless(step), maxSteps }));
  };
  const challenge =
    place && !step.loss ? { place, task: await taskOf(trainer, step, data), check: checkAgainst(own) } : undefined;
  await train(WARM_UP); // compiles, and finds how many steps a submission should have
  const { timing, peers } = await hold({
    ...labels,
    own: { ...contestant(train), fewest: step.fewest ?? FEWEST },
    challenge,
    seconds: LONG_ENOUGH,
    figures: stepFigures,
  });
  const calls = await countSteps(trainer, data, step, timing.times, counted);
  trace?.(step.name, await trainer.profile());
  const { adapter } = device.info;
  return [{ ...labels, system: "gpugrad", adapter, ...stepFigures(timing), ...calls }, ...peers];
}

/** Steps a second, and a second of the CPU. */
export const stepFigures = ({ seconds, cpuSeconds, spread }: Timing) => ({
  milliseconds: 1000 * seconds,
  spread,
  stepsPerSecond: 1 / seconds,
  stepsPerCpuSecond: 1 / cpuSeconds,
});

/** Says how a peer's losses differ from ours, if they do. */
const checkAgainst = (own: readonly number[]) => (losses: Float32Array) => {
  const error = difference(losses, own);
  return error < LARGEST_DIFFERENCE ? undefined : `its losses differ from gpugrad's by ${error.toPrecision(2)}`;
};

/** The largest relative one; NaN where counts differ. */
function difference(losses: ArrayLike<number>, expected: readonly number[]): number {
  if (losses.length !== CHECKED_STEPS || expected.length !== CHECKED_STEPS) return Number.NaN;
  return Math.max(...expected.map((loss, i) => Math.abs((losses[i] as number) / loss - 1)));
}

/** What peers are sent: the same data in the same order, from the same first weights. */
async function taskOf(trainer: Trainer, step: StepCase, data: Dataset): Promise<StepTask> {
  const { name, learningRate, options } = step.optimizer();
  if (typeof learningRate !== "number") throw new GpugradError(`internal: bench: ${step.name} is no case for peers`);
  return {
    kind: "step",
    ...(await netTaskOf(trainer, step, data, { shuffle: true, seed: SEED })),
    optimizer: { name, learningRate, options },
    checked: CHECKED_STEPS,
  };
}

const endless = ({ batchSize }: StepCase) => ({ batchSize, epochs: Number.POSITIVE_INFINITY });

const trainerFor = (
  device: Device,
  { model, input, optimizer, loss = softmaxCrossEntropy }: StepCase,
): Promise<Trainer> => createTrainer(device, model(), { input, optimizer: optimizer(), loss: loss(), seed: SEED });

async function firstLosses(device: Device, step: StepCase, data: Dataset): Promise<number[]> {
  const losses: number[] = [];
  const trainer = await trainerFor(device, step);
  const callbacks = [{ onStep: ({ loss }: { readonly loss: number }) => void losses.push(loss) }];
  for await (const _ of trainer.fit(data, { ...endless(step), maxSteps: CHECKED_STEPS, callbacks }));
  return losses;
}

/** More than two submissions, on any adapter. */
const FEWEST_COUNTED = 96;

async function countSteps(trainer: Trainer, data: Dataset, step: StepCase, maxSteps: number, counted: CountedGpu) {
  const { dispatches = 1, stepsPerDispatch = 1 } = trainer.stats ?? {};
  let logged = -1;
  let first: Readonly<Record<string, number>> | undefined;
  let last: Readonly<Record<string, number>> = {};
  const onStep = () => {
    logged++;
    last = counted.counts();
    first ??= last;
  };
  const most = stepsPerDispatch > 1 ? maxSteps : Math.min(Math.max(maxSteps, FEWEST_COUNTED), 1000);
  for await (const _ of trainer.fit(data, { ...endless(step), maxSteps: most, callbacks: [{ onStep }] }));
  const between = (name: string) => (last[name] ?? 0) - (first?.[name] ?? 0);
  // submissions in flight at the first make dispatches the measure, unless a dispatch runs many steps
  const steps = stepsPerDispatch > 1 ? logged : between("dispatchWorkgroups") / dispatches;
  const each = (name: string) => Number((between(name) / steps).toPrecision(4));
  return {
    dispatches: stepsPerDispatch > 1 ? each("dispatchWorkgroups") : dispatches,
    submits: each("submit"),
    bindGroups: each("createBindGroup"),
    buffers: each("createBuffer"),
    writes: each("writeBuffer"),
  };
}
