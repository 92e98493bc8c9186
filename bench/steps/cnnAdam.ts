// Two convolutions with max pools, 128 units, 10 classes, Adam, batch 64: the network that peers are measured on.
import { relu } from "../../src/nn/activations.ts";
import { conv2d } from "../../src/nn/conv.ts";
import { linear } from "../../src/nn/linear.ts";
import { maxPool2d } from "../../src/nn/pool.ts";
import { flatten, serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { patterns, type StepCase } from "./step.ts";

export const cnnAdam: StepCase = {
  name: "cnn-adam",
  batchSize: 64,
  input: [28, 28, 1],
  model: () =>
    serial(
      ...[conv2d(8, 5), relu(), maxPool2d(2)],
      ...[conv2d(16, 5), relu(), maxPool2d(2)],
      ...[flatten(), linear(128), relu(), linear(10)],
    ),
  optimizer: () => adam(1e-3),
  data: () => patterns(4096, 784, 10),
};
