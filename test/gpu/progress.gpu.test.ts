// Compiling tells how far it is: pipelines done, of all that the program has.
import { expect, test } from "vitest";
import { compile } from "../../src/compile.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Progress } from "../../src/graph/device.ts";
import type { Node } from "../../src/graph/node.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { relu } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { serial } from "../../src/nn/serial.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { adam } from "../../src/optim/adam.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { testDevice } from "../device.ts";

const SPECS = [
  [64, 64],
  [64, 64],
];
const counted = (total: number) => Array.from({ length: total }, (_, i) => ({ done: i + 1, total }));

test("compile counts pipelines; dispatches with one text share theirs", async () => {
  const told: Progress[] = [];
  const progress = (each: Progress) => void told.push(each);
  const thrice = (x: Node, w: Node) => matmul(matmul(matmul(x, w), w), w);
  const { stats } = await compile(new GpuBackend(await testDevice()), thrice, SPECS, { progress });
  expect(stats.dispatches).toBe(3);
  expect(told).toEqual(counted(1));
});

test.each([
  ["of dispatches", 1200, 2],
  ["of whole steps in one kernel", 8, 1],
])("a trainer tells of each program when it is first needed: %s", async (_, units, fewest) => {
  const told: Progress[] = [];
  const model = serial(linear(units), relu(), linear(3));
  const trainer = await createTrainer(new GpuBackend(await testDevice()), model, {
    ...{ input: [4], loss: softmaxCrossEntropy(), optimizer: adam(1e-3) },
    onCompile: (each) => void told.push(each),
  });
  expect(told).toEqual([]);
  const set = dataset(new Float32Array(64), new Int32Array(16), { shape: [4], classes: 3 });
  const train = async () => {
    for await (const _ of trainer.fit(set, { batchSize: 8, epochs: 1 }));
  };
  await train();
  expect(told.length).toBeGreaterThanOrEqual(fewest);
  expect(told.length).toBeLessThanOrEqual(trainer.stats?.dispatches ?? 0);
  expect(told).toEqual(counted(told.length));
  const before = told.length;
  await train();
  expect(told.length).toBe(before);
});
