// A training step as a contestant, wherever it runs: its trainer, its first losses, and the same task for peers.
import type { StepCase } from "../../../bench/steps/step.ts";
import { GpugradError } from "../../core/error.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";
import { netTaskOf } from "./netTask.ts";
import type { StepTask } from "./peers.ts";

/** How many steps give their losses for the check. */
export const CHECKED_STEPS = 10;
/** Relative, between peers, which sum in other orders. */
const LARGEST_DIFFERENCE = 1e-3;
export const WARM_UP = 128;
/** Steps of one turn at least: two submissions. */
export const FEWEST = 32;
/** Seconds that one turn should take. */
export const LONG_ENOUGH = 1;
const SEED = 1;

/** Says how a peer's losses differ from ours, if they do. */
export const checkAgainst = (own: readonly number[]) => (losses: Float32Array) => {
  const error = difference(losses, own);
  return error < LARGEST_DIFFERENCE ? undefined : `its losses differ from gpugrad's by ${error.toPrecision(2)}`;
};

/** The largest relative one; NaN where counts differ. */
export function difference(losses: ArrayLike<number>, expected: readonly number[]): number {
  if (losses.length !== CHECKED_STEPS || expected.length !== CHECKED_STEPS) return Number.NaN;
  return Math.max(...expected.map((loss, i) => Math.abs((losses[i] as number) / loss - 1)));
}

/** What peers are sent: the same data in the same order, from the same first weights. */
export async function taskOf(trainer: Trainer, step: StepCase, data: Dataset): Promise<StepTask> {
  const { name, learningRate, options } = step.optimizer();
  if (typeof learningRate !== "number") throw new GpugradError(`internal: bench: ${step.name} is no case for peers`);
  return {
    kind: "step",
    ...(await netTaskOf(trainer, step, data, { shuffle: true, seed: SEED })),
    optimizer: { name, learningRate, options },
    checked: CHECKED_STEPS,
  };
}

export const endless = ({ batchSize }: StepCase) => ({ batchSize, epochs: Number.POSITIVE_INFINITY });

export const trainerFor = (
  device: Device,
  { model, input, optimizer, loss = softmaxCrossEntropy }: StepCase,
): Promise<Trainer> => createTrainer(device, model(), { input, optimizer: optimizer(), loss: loss(), seed: SEED });

export async function firstLosses(device: Device, step: StepCase, data: Dataset): Promise<number[]> {
  const losses: number[] = [];
  const trainer = await trainerFor(device, step);
  const callbacks = [{ onStep: ({ loss }: { readonly loss: number }) => void losses.push(loss) }];
  for await (const _ of trainer.fit(data, { ...endless(step), maxSteps: CHECKED_STEPS, callbacks }));
  return losses;
}
