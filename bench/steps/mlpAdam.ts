// 784-128-10 with ReLU and Adam, batch 64: the network of `npm start`.
import { relu } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { patterns, type StepCase } from "./step.ts";

export const mlpAdam: StepCase = {
  name: "mlp-adam",
  batchSize: 64,
  input: [784],
  model: () => serial(linear(128), relu(), linear(10)),
  optimizer: () => adam(1e-3),
  data: () => patterns(4096, 784, 10),
};
