// 1-3-1 with Adam, batch 10: the network that fits a curve, as in a course's first lesson.
import { dataset } from "../../src/data/dataset.ts";
import { mse } from "../../src/loss/losses.ts";
import { adam } from "../../src/optim/adam.ts";
import { net } from "./net.ts";
import type { StepCase } from "./step.ts";

const COUNT = 8190;
const x = Float32Array.from({ length: COUNT }, (_, i) => (i / COUNT) * 2 - 1);

export const tiny131: StepCase = {
  name: "tiny-1-3-1",
  batchSize: 10,
  input: [1],
  ...net({ kind: "linear", units: 3 }, { kind: "tanh" }, { kind: "linear", units: 1 }),
  optimizer: () => adam(1e-2),
  loss: mse,
  data: () =>
    dataset(
      x,
      x.map((value) => Math.sin(3 * value)),
      { shape: [1] },
    ),
};
