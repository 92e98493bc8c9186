import { expect, test } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import * as losses from "../../src/loss/losses.ts";
import {
  accuracy,
  binaryAccuracy,
  meanAbsoluteError,
  meanSquaredError,
  topKAccuracy,
} from "../../src/metrics/perSample.ts";
import { input } from "../../src/ops/constant.ts";
import { run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const x = input("x", [3, 4]);
const labels = input("labels", [3], "u32");
const t = input("t", [3, 4]);
const values = new Map<Node, ArrayLike<number>>([
  [x, [0.1, 0.9, 0.4, 0.2, 0.8, 0.7, 0.6, 0.5, 0.3, 0.3, 0.2, 0.1]],
  [labels, [1, 2, 0]],
  [t, [0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]],
]);
const per = (metric: { perSample: (p: Node, q: Node) => Node }, target: Node) =>
  Array.from(run([metric.perSample(x, target)], values)[0] ?? []);

test("accuracy: the first of the largest is the guess; targets are classes or probabilities", () => {
  expect(per(accuracy(), labels)).toEqual([1, 0, 1]);
  expect(per(accuracy(), t)).toEqual([1, 1, 1]);
});

test("accuracy beside softmax cross-entropy costs nothing: it is the kernel's own result", () => {
  const found = losses.softmaxCrossEntropy().perSample(x, labels).metrics?.accuracy;
  expect(accuracy().perSample(x, labels)).toBe(found);
});

test("top-k accuracy counts the classes that score above the target", () => {
  expect(per(topKAccuracy(2), labels)).toEqual([1, 0, 1]);
  expect(per(topKAccuracy(3), labels)).toEqual([1, 1, 1]);
  expect(topKAccuracy(3).name).toBe("top3Accuracy");
});

test("binary accuracy, squared and absolute errors are means of each sample", () => {
  expect(per(binaryAccuracy(), t)).toEqual([0.75, 0.75, 1]);
  expect(per(binaryAccuracy(0.65), t)).toEqual([0.75, 0.5, 1]);
  expect(per(meanSquaredError(), t)[2]).toBeCloseTo((0.09 + 0.09 + 0.04 + 0.01) / 4, 12);
  expect(per(meanAbsoluteError(), t)[2]).toBeCloseTo(0.9 / 4, 12);
});

test("k must be a whole number", () => {
  expect(errorOf(() => topKAccuracy(0))).toBe("OptionError: topKAccuracy: k must be a whole number above 0: got 0");
});
