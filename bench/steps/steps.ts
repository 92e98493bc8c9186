// Training steps to time: a fresh batch every step, the data set resident on the device.
import { type Dataset, dataset } from "../../src/data/dataset.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { relu } from "../../src/nn/activations.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import { sgd } from "../../src/optim/sgd.ts";

/** One training step: the network, its optimiser and its batch. */
export interface StepCase {
  readonly name: string;
  readonly batchSize: number;
  readonly input: readonly number[];
  readonly model: () => Layer;
  readonly optimizer: () => Optimizer;
  /** Bytes with labels, the same every time. */
  readonly data: () => Dataset;
}

/** A set of `count` examples of `size` bytes in `classes` classes: each class has its own pattern, with noise. */
function patterns(count: number, size: number, classes: number): Dataset {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
  const features = Uint8Array.from({ length: count * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    return ((labels[i] as number) * 37 + j * 11 + ((k * 2654435761) >>> 27)) & 255;
  });
  return dataset(features, labels, { shape: [size], classes });
}

const mlp = () => serial(linear(128), relu(), linear(10));

export const STEP_CASES: readonly StepCase[] = [
  {
    name: "mlp-adam",
    batchSize: 64,
    input: [784],
    model: mlp,
    optimizer: () => adam(1e-3),
    data: () => patterns(2048, 784, 10),
  },
  {
    name: "mlp-sgd",
    batchSize: 64,
    input: [784],
    model: mlp,
    optimizer: () => sgd(0.1),
    data: () => patterns(2048, 784, 10),
  },
  {
    name: "tiny-adam",
    batchSize: 4,
    input: [2],
    model: () => serial(linear(8), relu(), linear(2)),
    optimizer: () => adam(1e-2),
    data: () => patterns(64, 2, 2),
  },
];

/** What a trainer needs besides the model. */
export const stepOptions = ({ input, optimizer }: StepCase) => ({
  input,
  optimizer: optimizer(),
  loss: softmaxCrossEntropy(),
  seed: 1,
});
