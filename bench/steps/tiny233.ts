// 2-3-3 with Adam, batch 10: three classes in the plane.
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import { patterns, type StepCase } from "./step.ts";

export const tiny233: StepCase = {
  name: "tiny-2-3-3",
  batchSize: 10,
  input: [2],
  ...net({ kind: "linear", units: 3 }, { kind: "relu" }, { kind: "linear", units: 3 }),
  optimizer: () => adam(1e-2),
  data: () => patterns(8190, 2, 3),
};
