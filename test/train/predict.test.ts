import { expect, test } from "vitest";
import { CpuDevice } from "../../src/cpu/device.ts";
import { dataset } from "../../src/data/dataset.ts";
import type { Numbers } from "../../src/data/rows.ts";
import { mse } from "../../src/loss/losses.ts";
import { linear } from "../../src/nn/linear.ts";
import { flatten, serial } from "../../src/nn/serial.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { rejectionOf } from "../errorOf.ts";

const trainer = await createTrainer(new CpuDevice(), serial(flatten(), linear(1)), {
  input: [2, 3],
  loss: mse(),
  optimizer: sgd(0.1),
  seed: 1,
});
const [one, other] = [
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  [
    [6, 5, 4],
    [3, 2, 1],
  ],
] as const;

test("a data set, rows, flat rows and one flat array are taken alike", async () => {
  const flat = [one, other].map((example) => example.flat());
  const { data, shape } = await trainer.predict(dataset(flat, [0, 0], { shape: [2, 3] }));
  expect(shape).toEqual([2, 1]);
  for (const examples of [[one, other], flat, flat.flat(), Float32Array.from(flat.flat())] as Numbers[]) {
    expect(await trainer.predict(examples)).toEqual({ data, shape });
  }
});

test.each<[string, unknown, string]>([
  [
    "numbers that do not fill an example",
    [1, 2, 3],
    "examples of shape [3] do not make rows of shape [2, 3]: 3 values",
  ],
  ["rows of another shape", [[1, 2, 3]], "examples of shape [1, 3] do not make rows of shape [2, 3]: 3 values"],
  ["nothing", [], "there are no examples: count 0"],
  ["ragged rows", [[1, 2, 3], [4]], "examples are ragged: the first row is [3], [1] holds 1"],
  ["what is no array", "a cat", 'examples must be an array of numbers: "a cat"'],
  ["null", null, "examples must be an array of numbers: [object Null]"],
])("%s: refused", async (_, examples, message) => {
  expect(await rejectionOf(trainer.predict(examples as Numbers))).toBe(`DataError: predict: ${message}`);
});
