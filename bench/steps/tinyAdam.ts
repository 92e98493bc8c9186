// 2-8-2 with Adam, batch 4: what is left when there is nearly nothing to compute.
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import { patterns, type StepCase } from "./step.ts";

export const tinyAdam: StepCase = {
  name: "tiny-adam",
  batchSize: 4,
  input: [2],
  ...net({ kind: "linear", units: 8 }, { kind: "tanh" }, { kind: "linear", units: 2 }),
  optimizer: () => adam(1e-2),
  data: () => patterns(8192, 2, 2),
};
