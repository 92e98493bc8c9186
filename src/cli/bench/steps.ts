// Times whole training steps through the trainer, beside peers where they are wanted, and counts what a step asks of WebGPU.
import type { StepCase } from "../../../bench/steps/step.ts";
import type { CountedGpu } from "../../check/count.ts";
import { GpugradError } from "../../core/error.ts";
import { CpuDevice } from "../../cpu/device.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import type { Trainer } from "../../train/trainer.ts";
import { hold } from "./contest.ts";
import type { Row } from "./row.ts";
import type { Extras } from "./site.ts";
import {
  checkAgainst,
  difference,
  endless,
  FEWEST,
  firstLosses,
  LONG_ENOUGH,
  taskOf,
  trainerFor,
  WARM_UP,
} from "./stepCase.ts";
import { contestant, type Timing } from "./timing.ts";

/** Relative; the reference computes in float64. */
const LARGEST_LOSS_ERROR = 1e-4;
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
