// The sample table on the device under test: samples, their gradients and random shapes against the reference.
import { expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { gradientOf } from "../../src/check/gradient.ts";
import type { Row, Sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { testDevice } from "../device.ts";
import { mistakesIn } from "../mistakes.ts";

const SEED = 1;
const RANDOM_SHAPES = 30;
const rows = Object.entries(samples) as [string, Row][];

const mistakes = async (list: readonly Sample[]) => mistakesIn(new GpuBackend(await testDevice()), list, SEED);

test.each(rows)("%s", async (_, { samples: list }) => {
  const gradients = list.map(gradientOf).filter((gradient) => gradient !== undefined);
  expect(await mistakes([...list, ...gradients])).toEqual([]);
});

test.each(rows.filter(([, { random }]) => random))("%s of random shapes", async (_, { random }) => {
  const list = Array.from({ length: RANDOM_SHAPES }, (_, turn) => random?.(drawOf(SEED, turn)) as Sample);
  expect(await mistakes(list)).toEqual([]);
});
