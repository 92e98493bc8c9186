// Whether a device computes what the float64 reference computes: the same training steps on both, from the same seed, losses compared.
import { setImmediate } from "node:timers/promises";
import { CpuDevice } from "../../cpu/device.ts";
import { type Dataset, take } from "../../data/dataset.ts";
import type { Device } from "../../graph/device.ts";
import type { Layer } from "../../nn/layer.ts";
import { createTrainer, type TrainerOptions } from "../../train/trainer.ts";

/** Steps compared, and the largest |loss − reference| / |reference| among them. */
export interface Parity {
  readonly steps: number;
  readonly maxRelativeLossError: number | null;
}

interface Task {
  readonly model: () => Layer;
  readonly options: TrainerOptions;
  readonly batchSize: number;
}

/** Runs the first `steps` steps of an epoch over `set` on `device` and on the reference. */
export async function checkParity(
  device: Device,
  task: Task,
  set: Dataset,
  steps: number,
  options: { readonly signal?: AbortSignal; readonly onStep?: (done: number) => void } = {},
): Promise<Parity> {
  const { batchSize } = task;
  if (steps === 0) return { steps: 0, maxRelativeLossError: null };
  const part = take(
    set,
    Uint32Array.from({ length: Math.min(set.count, steps * batchSize) }, (_, i) => i),
  ); // the host holds float64
  const here = await lossesOf(device, task, part, steps, options.signal);
  const reference = await lossesOf(new CpuDevice(), task, part, here.length, options.signal, options.onStep);
  const errors = reference.map((loss, i) => Math.abs((here[i] as number) - loss) / Math.max(Math.abs(loss), 1e-12));
  return { steps: reference.length, maxRelativeLossError: errors.length > 0 ? Math.max(...errors) : null };
}

async function lossesOf(
  device: Device,
  { model, options, batchSize }: Task,
  set: Dataset,
  steps: number,
  signal?: AbortSignal,
  onStep?: (done: number) => void,
): Promise<number[]> {
  const losses: number[] = [];
  if (steps === 0 || signal?.aborted) return losses;
  const trainer = await createTrainer(device, model(), options);
  const callbacks = [
    {
      onStep: ({ loss }: { readonly loss: number }) => {
        losses.push(loss);
        onStep?.(losses.length);
      },
    },
  ];
  const run = trainer.fit(set, {
    epochs: Number.POSITIVE_INFINITY,
    batchSize: Math.min(batchSize, set.count),
    maxSteps: steps,
    callbacks,
    ...(signal ? { signal } : {}),
  });
  for await (const _ of run) await setImmediate(); // the losses come through the callback; Ctrl-C comes through here
  return losses;
}
