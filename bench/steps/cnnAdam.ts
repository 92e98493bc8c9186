// Two convolutions with max pools, 128 units, 10 classes, Adam, batch 64: the network that peers are measured on.
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import { patterns, type StepCase } from "./step.ts";

export const cnnAdam: StepCase = {
  name: "cnn-adam",
  batchSize: 64,
  input: [28, 28, 1],
  ...net(
    ...([{ kind: "conv", filters: 8, size: 5 }, { kind: "relu" }, { kind: "maxPool", size: 2 }] as const),
    ...([{ kind: "conv", filters: 16, size: 5 }, { kind: "relu" }, { kind: "maxPool", size: 2 }] as const),
    ...([
      { kind: "flatten" },
      { kind: "linear", units: 128 },
      { kind: "relu" },
      { kind: "linear", units: 10 },
    ] as const),
  ),
  optimizer: () => adam(1e-3),
  data: () => patterns(4096, 784, 10),
};
