import { describe, expect, test } from "vitest";
import { drawOf } from "../../src/check/draw.ts";
import { GRADIENT_TOLERANCE, gradientOf, slopesOf } from "../../src/check/gradient.ts";
import { prepareSample, runReference } from "../../src/check/run.ts";
import type { Row, Sample } from "../../src/check/sample.ts";
import { samples } from "../../src/check/samples.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { type Node, topological } from "../../src/graph/node.ts";
import { ops } from "../../src/ops/index.ts";

const SEED = 1;
const RANDOM_SHAPES = 30;
const rows = Object.entries(samples) as [string, Row][];

function checkShapes(sample: Sample): void {
  const { results } = prepareSample(sample, SEED);
  const values = runReference(sample, SEED);
  expect(
    values.map((value) => value.length),
    sample.name,
  ).toEqual(results.map(({ shape }) => sizeOf(shape)));
}

function checkSlopes(sample: Sample): void {
  for (const slope of slopesOf(sample, SEED)) {
    expect(slope.error, `${sample.name}: ${JSON.stringify(slope)}`).toBeLessThan(GRADIENT_TOLERANCE);
  }
}

describe.each(rows)("%s", (_, { samples: list, refusals, random }) => {
  test("the shape rule and the reference agree", () => {
    list.forEach(checkShapes);
  });

  test("gradients agree with central differences", () => {
    list.filter(({ smooth }) => smooth ?? true).forEach(checkSlopes);
  });

  test("gradients of gradients agree with central differences", () => {
    for (const sample of list) {
      const gradient = (sample.smooth ?? true) && gradientOf(sample);
      if (gradient) checkSlopes(gradient);
    }
  });

  test("what cannot be done is refused in words", () => {
    for (const { call, error, message } of refusals) {
      expect(call).toThrow(message);
      expect(call).toThrow(error);
    }
  });

  test("shapes and gradients are right for random shapes", () => {
    for (let turn = 0; random && turn < RANDOM_SHAPES; turn++) {
      const sample = random(drawOf(SEED, turn));
      checkShapes(sample);
      if (turn < 10 && (sample.smooth ?? true)) checkSlopes(sample);
    }
  });
});

test("the table reaches every op", () => {
  const reached = new Set<string>();
  for (const [, { samples: list }] of rows) {
    for (const sample of list) {
      const gradient = gradientOf(sample);
      const roots: Node[] = [
        ...prepareSample(sample, SEED).results,
        ...(gradient ? prepareSample(gradient, SEED).results : []),
      ];
      for (const node of topological(roots)) reached.add(node.op.name);
    }
  }
  const withoutRow = ["finiteCheck", "record", "recordSome", "convPool"]; // state: see test/ops/state; what lowering alone makes
  expect(Object.values(ops).filter(({ name }) => !reached.has(name) && !withoutRow.includes(name))).toEqual([]);
});
