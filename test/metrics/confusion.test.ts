import { describe, expect, test } from "vitest";
import { accuracyOf, averageScores, classScores, confusionMatrix } from "../../src/metrics/confusion.ts";
import { errorOf } from "../errorOf.ts";

// true 0: 2 right, 1 taken for 1 · true 1: 1 right, 1 taken for 2 · true 2: 3 right, 1 taken for 0 · class 3 is true once, never predicted
const labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3];
const predictions = [0, 1, 0, 1, 2, 2, 2, 0, 2, 2];
const matrix = confusionMatrix(predictions, labels, 4);

test("rows are labels, columns predictions", () => {
  expect([...matrix.counts]).toEqual([2, 1, 0, 0, 0, 1, 1, 0, 1, 0, 3, 0, 0, 0, 1, 0]);
});

test("accuracy is the diagonal's share", () => {
  expect(accuracyOf(matrix)).toBe(0.6);
  expect(accuracyOf(confusionMatrix([1], [1], 2))).toBe(1);
});

test("each class has precision, recall, F1 and support; what is never predicted scores 0", () => {
  expect(classScores(matrix)).toEqual([
    { precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 },
    { precision: 1 / 2, recall: 1 / 2, f1: 2 / 4, support: 2 },
    { precision: 3 / 5, recall: 3 / 4, f1: 6 / 9, support: 4 },
    { precision: 0, recall: 0, f1: 0, support: 1 },
  ]);
});

describe("averages", () => {
  test("macro: classes count alike", () => {
    const { precision, recall, f1 } = averageScores(matrix);
    expect(precision).toBeCloseTo((2 / 3 + 1 / 2 + 3 / 5) / 4, 12);
    expect(recall).toBeCloseTo((2 / 3 + 1 / 2 + 3 / 4) / 4, 12);
    expect(f1).toBeCloseTo((2 / 3 + 1 / 2 + 2 / 3) / 4, 12);
  });

  test("weighted: by support, so that recall is the accuracy", () => {
    const { precision, recall, f1 } = averageScores(matrix, "weighted");
    expect(precision).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 2) + 4 * (3 / 5)) / 10, 12);
    expect(recall).toBeCloseTo(0.6, 12);
    expect(f1).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 2) + 4 * (2 / 3)) / 10, 12);
  });

  test("micro: all three are the accuracy", () => {
    expect(averageScores(matrix, "micro")).toEqual({ precision: 0.6, recall: 0.6, f1: 0.6 });
  });
});

test.each([
  ["OptionError: confusionMatrix: classes must be a whole number from 1 on: 0", () => confusionMatrix([], [], 0)],
  ["DataError: confusionMatrix: counts differ: 1 predictions, 2 labels", () => confusionMatrix([0], [0, 1], 2)],
  [
    "DataError: confusionMatrix: a label is not a class index below 2: 2 at example 1",
    () => confusionMatrix([0, 1], [0, 2], 2),
  ],
  [
    "DataError: confusionMatrix: a prediction is not a class index below 2: 0.5 at example 0",
    () => confusionMatrix([0.5], [0], 2),
  ],
  [
    "DataError: confusionMatrix: a prediction is not a class index below 2: NaN at example 0",
    () => confusionMatrix([Number.NaN], [0], 2),
  ],
  ["DataError: accuracyOf: there are no examples: count 0", () => accuracyOf(confusionMatrix([], [], 2))],
  [
    'OptionError: averageScores: average must be "macro", "micro" or "weighted": "mean"',
    () => averageScores(matrix, "mean" as "macro"),
  ],
])("refuses: %s", (text, call) => {
  expect(errorOf(call)).toBe(text);
});
