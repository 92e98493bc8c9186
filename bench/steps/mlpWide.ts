// 784-4096-4096-10 with ReLU and Adam, batch 256: 20 million parameters, for hardware.
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import { patterns, type StepCase } from "./step.ts";

export const mlpWide: StepCase = {
  name: "mlp-wide",
  batchSize: 256,
  input: [784],
  ...net(
    ...([{ kind: "linear", units: 4096 }, { kind: "relu" }] as const),
    ...([{ kind: "linear", units: 4096 }, { kind: "relu" }] as const),
    { kind: "linear", units: 10 },
  ),
  optimizer: () => adam(1e-3),
  data: () => patterns(4096, 784, 10),
  isChecked: false,
};
