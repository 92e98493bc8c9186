// Memory of a training step over batch sizes: what the plan binds for values, the least that any plan needs, and what really was made.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import { patterns, type StepCase } from "../../../bench/steps/step.ts";
import { countCalls } from "../../check/count.ts";
import type { GpuBackend } from "../../gpu/backend.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { relu } from "../../nn/activations.ts";
import { linear } from "../../nn/linear.ts";
import { serial } from "../../nn/serial.ts";
import { openDevice } from "../../open.ts";
import { schedule } from "../../passes/schedule.ts";
import { createTrainer } from "../../train/trainer.ts";
import type { Row } from "./row.ts";
import { savedBy } from "./saved.ts";
import { watchDevice } from "./watch.ts";

export interface MemoryCase extends Pick<StepCase, "name" | "input" | "model" | "optimizer"> {
  readonly batchSize: number;
}

const BATCHES = [64, 256, 1024, 4096] as const;
const DEEP = [256, 256, 256, 256, 256, 256] as const;

const NETS = [
  { ...mlpAdam, name: "mlp" },
  { ...cnnAdam, name: "cnn" },
  { ...mlpAdam, name: "deep", model: () => serial(...DEEP.flatMap((units) => [linear(units), relu()]), linear(10)) },
];

export const MEMORY_CASES: readonly MemoryCase[] = NETS.flatMap((net) =>
  BATCHES.map((batchSize) => ({ ...net, name: `${net.name}-${batchSize}`, batchSize })),
);

/** Trains one step on a device of its own and sees what it planned, bound and made. */
export async function measureMemory(gpu: GPU, { name, input, model, optimizer, batchSize }: MemoryCase): Promise<Row> {
  const counted = countCalls(gpu);
  const device = (await openDevice({ gpu: counted.gpu })) as GpuBackend;
  const watched = watchDevice(device);
  try {
    const options = { input, optimizer: optimizer(), loss: softmaxCrossEntropy(), seed: 1 };
    const trainer = await createTrainer(watched.device, model(), options);
    for await (const _ of trainer.fit(patterns(batchSize, 784, 10), { batchSize, maxSteps: 1 }));
    const { sharedBytes = 0, peakLiveBytes = 0, ownBytes = 0 } = trainer.stats ?? {};
    const [step] = watched.tasks.map((task) => savedBy(schedule(task, device.profile).plan));
    const boundBytes = watched.boundBytes();
    return {
      suite: "memory",
      case: name,
      system: "gpugrad",
      adapter: device.info.adapter,
      plannedBytes: sharedBytes,
      peakLiveBytes,
      boundBytes,
      boundOfPeak: boundBytes / peakLiveBytes,
      ...step,
      programBytes: ownBytes,
      liveBytes: counted.live().bytes,
    };
  } finally {
    device.close();
  }
}
