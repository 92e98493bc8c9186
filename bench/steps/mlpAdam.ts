// 784-128-10 with ReLU and Adam, batch 64: the network of `npm start`.
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import { patterns, type StepCase } from "./step.ts";

export const mlpAdam: StepCase = {
  name: "mlp-adam",
  batchSize: 64,
  input: [784],
  ...net({ kind: "linear", units: 128 }, { kind: "relu" }, { kind: "linear", units: 10 }),
  optimizer: () => adam(1e-3),
  data: () => patterns(4096, 784, 10),
};
