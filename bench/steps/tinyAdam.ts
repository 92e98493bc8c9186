// 2-8-2 with Adam, batch 4: what is left when there is nearly nothing to compute.
import { tanh } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { patterns, type StepCase } from "./step.ts";

export const tinyAdam: StepCase = {
  name: "tiny-adam",
  batchSize: 4,
  input: [2],
  model: () => serial(linear(8), tanh(), linear(2)),
  optimizer: () => adam(1e-2),
  data: () => patterns(8192, 2, 2),
};
