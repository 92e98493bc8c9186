// A data set reaches the device part by part, and others on the thread have their turn in between.
import { expect, test } from "vitest";
import { compile } from "../../src/compile.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { cast } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { upload } from "../../src/train/feed.ts";
import { testDevice } from "../device.ts";

const WIDTH = 1000;
const ROWS = 9001; // no whole number of parts

/** Rows of whole numbers that differ from part to part. */
const filled = <Numbers extends Uint8Array | Int32Array | Float32Array>(numbers: Numbers): Numbers => {
  for (let i = 0; i < numbers.length; i++) numbers[i] = (Math.floor(i / WIDTH) * 7 + (i % WIDTH)) % 251;
  return numbers;
};

test.each([
  ["bytes", new Uint8Array(ROWS * WIDTH), 3],
  ["f32", new Float32Array(ROWS * WIDTH), 9],
  ["i32", new Int32Array(ROWS * WIDTH), 9],
] as const)("%s", async (_, numbers, parts) => {
  const features = filled(numbers);
  const set = dataset(features, new Float32Array(ROWS), { shape: [WIDTH] });
  const device = new GpuBackend(await testDevice());
  let turns = 0;
  const counting = setInterval(() => turns++);
  const resident = await upload(device, set);
  clearInterval(counting);
  expect(turns).toBeGreaterThanOrEqual(parts - 1);
  const sums = await compile(device, () => sum(cast(resident.features.node, "f32"), 1), []);
  const expected = Float32Array.from({ length: ROWS }, (_, row) => {
    let total = 0;
    for (let i = 0; i < WIDTH; i++) total += features[row * WIDTH + i] as number;
    return total;
  });
  expect(await sums.run().read()).toEqual(expected); // whole numbers below 2^24: exact in any order
});
