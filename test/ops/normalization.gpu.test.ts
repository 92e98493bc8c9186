// Numbers that are hard on statistics: a mean of 10 000 beside a deviation of 1, and sums of thousands that come to nearly nothing.
import { expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { gradientOf } from "../../src/check/gradient.ts";
import { runSamples } from "../../src/check/run.ts";
import type { Row, Sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { runGraph } from "../../src/compile.ts";
import { normals } from "../../src/core/rng.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { evaluate } from "../../src/cpu/evaluate.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Node } from "../../src/graph/node.ts";
import { input } from "../../src/ops/constant.ts";
import { batchNormTraining, groupNorm, instanceNorm, layerNorm } from "../../src/ops/normalization.ts";
import { testDevice } from "../device.ts";

const CALLS: readonly [name: string, shape: readonly number[], call: (x: Node) => Node | readonly Node[]][] = [
  ["batch norm in parts", [64, 24, 24, 8], (x) => fields(x)],
  ["batch norm in one go", [64, 8, 8, 16], (x) => fields(x)],
  ["layer norm", [16, 1023], (x) => layerNorm(x)],
  ["layer norm of one long row", [1, 70001], (x) => layerNorm(x)],
  ["group norm", [4, 7, 7, 12], (x) => groupNorm(x, 3)],
  ["instance norm", [4, 7, 7, 12], (x) => instanceNorm(x)],
];

function fields(x: Node): Node[] {
  const { y, variance, unbiased } = batchNormTraining(x);
  return [y, variance, unbiased];
}

test.each(CALLS)("%s around 10 000 with deviation 1", async (_, shape, call) => {
  const x = input("x", shape);
  const values = Float64Array.from(normals(1, [1], sizeOf(shape)), (value) => Math.fround(value + 1e4));
  const results = [call(x)].flat() as Node[];
  const expected = evaluate(results, () => values);
  const got = await runGraph(new GpuBackend(await testDevice()), results, new Map([[x, values]]));
  expected.forEach((each, k) => {
    let worst = 0;
    for (let i = 0; i < each.length; i++)
      worst = Math.max(worst, Math.abs((each[i] as number) - (got[k]?.[i] as number)));
    expect(worst, `result ${k}`).toBeLessThan(2e-3);
  });
});

// found by npm run fuzz
test.each([
  ["batchNormTraining", 88],
  ["instanceNorm", 298],
] as const)("the gradient of %s keeps its digits where much cancels: turn %i", async (name, turn) => {
  const sample = (samples[name] as Row).random?.(drawOf(1, turn)) as Sample;
  const runs = await runSamples(new GpuBackend(await testDevice()), [gradientOf(sample) as Sample], 1);
  expect(runs.flatMap(({ comparisons }) => comparisons.filter(({ isEqual }) => !isEqual))).toEqual([]);
});
