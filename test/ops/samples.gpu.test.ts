// The sample table on the device under test: samples, their gradients and random shapes against the reference.
import { expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { gradientOf } from "../../src/check/gradient.ts";
import { runSamples } from "../../src/check/run.ts";
import type { Row, Sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { testDevice } from "../device.ts";

const SEED = 1;
const RANDOM_SHAPES = 30;
const rows = Object.entries(samples) as [string, Row][];

/** What differs from the reference. */
async function mistakesIn(list: readonly Sample[]): Promise<string[]> {
  const runs = await runSamples(new GpuBackend(await testDevice()), list, SEED);
  return runs.flatMap(({ sample, comparisons }) =>
    comparisons.filter(({ isEqual }) => !isEqual).map(({ message }) => `${sample.name}: ${message}`),
  );
}

test.each(rows)("%s", async (_, { samples: list }) => {
  const gradients = list.map(gradientOf).filter((gradient) => gradient !== undefined);
  expect(await mistakesIn([...list, ...gradients])).toEqual([]);
});

test.each(rows.filter(([, { random }]) => random))("%s of random shapes", async (_, { random }) => {
  const list = Array.from({ length: RANDOM_SHAPES }, (_, turn) => random?.(drawOf(SEED, turn)) as Sample);
  expect(await mistakesIn(list)).toEqual([]);
});
