// The figure of masks: what fills up a partial batch must not be seen, by batch norm least of all. The device trains on padded batches, the
// float64 reference on the same examples without padding; weights and running statistics must come out equal.
import { setImmediate } from "node:timers/promises";
import { CpuDevice } from "../../cpu/device.ts";
import { type Dataset, take } from "../../data/dataset.ts";
import { loadMnist } from "../../data/mnistNode.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { relu } from "../../nn/activations.ts";
import { conv2d } from "../../nn/conv.ts";
import type { Layer } from "../../nn/layer.ts";
import { linear } from "../../nn/linear.ts";
import { batchNorm } from "../../nn/normalization.ts";
import { flatten, serial } from "../../nn/serial.ts";
import { openDevice } from "../../open.ts";
import { sgd } from "../../optim/sgd.ts";
import type { Weights } from "../../train/state.ts";
import { createTrainer, type Trainer } from "../../train/trainer.ts";
import type { Figure } from "./figure.ts";

const COUNT = 100;
const BATCH = 64;
const EPOCHS = 3;
const BOUND = 1e-5;

const model = (): Layer => serial(conv2d(4, 5, { stride: 2 }), batchNorm(), relu(), flatten(), linear(10));

export const masks: Figure = {
  name: "masks",
  what: `${COUNT} samples in batches of ${BATCH}, batch norm on, against the reference without padding: weights, statistics, loss`,
  bound: `≤ ${BOUND.toExponential(0)}`,
  async measure(bench) {
    const found = await bench.find(bench.device);
    bench.note("a padded batch against one without padding");
    const { train } = await loadMnist();
    const part = (from: number, to: number) =>
      take(
        train,
        Uint32Array.from({ length: to - from }, (_, i) => from + i),
      );
    const device = await openDevice(found?.gpu ? { gpu: found.gpu } : { device: "cpu" });
    try {
      const padded = await trained(await open(device, train), [part(0, COUNT)], BATCH);
      const exact = await trained(await open(new CpuDevice(), train), [part(0, BATCH), part(BATCH, COUNT)], BATCH);
      const differences = { ...distances(padded.weights, exact.weights), loss: Math.abs(padded.loss - exact.loss) };
      const worst = Math.max(...Object.values(differences));
      return { value: worst.toExponential(1), isMet: worst <= BOUND, data: differences };
    } finally {
      device.close();
    }
  },
};

function open(device: Parameters<typeof createTrainer>[0], { shape }: Dataset): Promise<Trainer> {
  return createTrainer(device, model(), { input: shape, loss: softmaxCrossEntropy(), optimizer: sgd(0.1), seed: 1 });
}

/** Trains on the parts in turn, epoch after epoch; then the mean loss over all of them. */
async function trained(
  trainer: Trainer,
  parts: readonly Dataset[],
  most: number,
): Promise<{ readonly weights: Weights; readonly loss: number }> {
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const part of parts) {
      const batchSize = Math.min(most, part.count);
      for await (const _ of trainer.fit(part, { batchSize, shuffle: false })) await setImmediate();
    }
  }
  let total = 0;
  for (const part of parts) {
    const { loss } = await trainer.evaluate(part, { batchSize: Math.min(most, part.count) });
    total += loss * part.count;
  }
  return { weights: await trainer.weights(), loss: total / parts.reduce((sum, { count }) => sum + count, 0) };
}

/** The largest difference in each tensor. */
function distances(a: Weights, b: Weights): Record<string, number> {
  return Object.fromEntries(
    Object.entries(a).map(([name, { data }]) => {
      const other = b[name]?.data ?? [];
      return [name, Math.max(...Array.from(data, (value, i) => Math.abs(value - (other[i] ?? Number.NaN))))];
    }),
  );
}
