import { describe, expect, test } from "vitest";
import { type Dataset, type DatasetOptions, dataset, take } from "../../src/data/dataset.ts";
import type { Numbers } from "../../src/data/rows.ts";
import { errorOf } from "../errorOf.ts";

describe("dataset", () => {
  test("rows become one flat array, whole labels with `classes` class indices", () => {
    expect(
      dataset(
        [
          [0, 0.5],
          [1, 2],
          [3, 4],
        ],
        [0, 2, 1],
        { classes: 3 },
      ),
    ).toEqual({
      count: 3,
      shape: [2],
      features: new Float32Array([0, 0.5, 1, 2, 3, 4]),
      scale: 1,
      offset: 0,
      labels: new Int32Array([0, 2, 1]),
      labelShape: [],
      classes: 3,
    } satisfies Dataset);
  });

  test("labels without `classes` are f32 targets, one or several an example", () => {
    expect(dataset([1, 2, 3], [0.5, 1, 2])).toMatchObject({
      shape: [1],
      labels: new Float32Array([0.5, 1, 2]),
      labelShape: [],
    });
    const several = dataset(
      [[1], [2]],
      [
        [0, 1],
        [1, 0],
      ],
    );
    expect(several).toMatchObject({ labels: new Float32Array([0, 1, 1, 0]), labelShape: [2], classes: undefined });
  });

  test("labels in a typed array of whole numbers are class indices, as many as the greatest needs", () => {
    expect(dataset([[1], [2]], new Uint8Array([4, 1]))).toMatchObject({ labels: new Int32Array([4, 1]), classes: 5 });
    expect(dataset([[1], [2]], new Uint8Array([4, 1]), { classes: 10 }).classes).toBe(10);
  });

  test("bytes stay bytes, without a copy, and stand for byte / 255 unless told otherwise", () => {
    const pixels = new Uint8Array([0, 255, 128, 3, 4, 5, 6, 7]);
    const images = dataset(pixels, [0, 1], { shape: [2, 2, 1], classes: 2 });
    expect(images).toMatchObject({ count: 2, shape: [2, 2, 1], scale: 1 / 255, offset: 0 });
    expect((images.features as Uint8Array).buffer).toBe(pixels.buffer);
    expect(dataset(pixels, [0, 1], { scale: 2 / 255, offset: -1 })).toMatchObject({
      shape: [4],
      scale: 2 / 255,
      offset: -1,
    });
    expect(dataset(new Uint8ClampedArray([7, 8]), [1, 2]).features).toEqual(new Uint8Array([7, 8]));
  });

  test("whole features stay whole, f32 ones are kept without a copy", () => {
    const tokens = new Int32Array([5, 6, 7, 8]);
    expect(dataset(tokens, [0, 1]).features).toBe(tokens);
    expect(dataset(new Uint32Array([5, 6]), [0, 1]).features).toEqual(new Int32Array([5, 6]));
    const values = new Float32Array([1, 2]);
    expect(dataset(values, [0, 1]).features).toBe(values);
  });

  test("rows may be typed arrays, nested deeper, or given a shape of the same size", () => {
    expect(dataset([new Float32Array([1, 2]), new Float32Array([3, 4])], [0, 1]).features).toEqual(
      new Float32Array([1, 2, 3, 4]),
    );
    expect(
      dataset(
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [0],
      ).shape,
    ).toEqual([2, 2]);
    expect(dataset([[1, 2, 3, 4]], [0], { shape: [2, 2, 1] }).shape).toEqual([2, 2, 1]);
    expect(dataset([[true, false]], [0]).features).toEqual(new Float32Array([1, 0]));
  });

  const cases: readonly [string, Numbers, Numbers, DatasetOptions, string][] = [
    ["empty data", [], [], {}, "DataError: dataset: there are no examples: 0 features, 0 labels"],
    ["empty rows", [[], []], [0, 1], {}, "DataError: dataset: there are no examples: 0 features, 2 labels"],
    ["no labels", [[1], [2]], [], {}, "DataError: dataset: there are no examples: 2 features, 0 labels"],
    ["mismatched counts", [[1], [2], [3]], [0, 1], {}, "DataError: dataset: counts differ: 3 examples, 2 labels"],
    [
      "flat features that fit no count",
      [1, 2, 3],
      [0, 1],
      {},
      "DataError: dataset: counts differ: 3 examples, 2 labels",
    ],
    [
      "flat features that do not fill the shape",
      new Float32Array(10),
      [0, 1],
      { shape: [2, 2] },
      "DataError: dataset: features of shape [10] do not make rows of shape [2, 2]: 10 values",
    ],
    [
      "rows of another shape",
      [[1, 2, 3]],
      [0],
      { shape: [2, 2] },
      "DataError: dataset: features of shape [1, 3] do not make rows of shape [2, 2]: 3 values",
    ],
    [
      "a shape without elements",
      [[1, 2]],
      [0],
      { shape: [0, 2] },
      "DataError: dataset: features of shape [1, 2] do not make rows of shape [0, 2]: 2 values",
    ],
    [
      "ragged rows",
      [[1, 2], [3]],
      [0, 1],
      {},
      "DataError: dataset: features are ragged: the first row is [2], [1] holds 1",
    ],
    [
      "a row that is a number",
      [
        [[1], [2]],
        [[3], 4],
      ] as Numbers,
      [0, 1],
      {},
      "DataError: dataset: features are ragged: the first row is [1], [1, 1] is 4",
    ],
    ["text", [[1, "2"]] as unknown as Numbers, [0], {}, 'DataError: dataset: features must be numbers: "2" at [0, 1]'],
    [
      "a missing value",
      [[1, null]] as unknown as Numbers,
      [0],
      {},
      "DataError: dataset: features must be numbers: [object Null] at [0, 1]",
    ],
    ["no array", 7 as unknown as Numbers, [0], {}, "DataError: dataset: features must be an array of numbers: 7"],
    [
      "64-bit integers",
      new BigInt64Array(2) as unknown as Numbers,
      [0, 1],
      {},
      "DataError: dataset: features must be an array of numbers: [object BigInt64Array]",
    ],
    [
      "a NaN feature",
      [
        [1, 2],
        [3, Number.NaN],
      ],
      [0, 1],
      {},
      "DataError: dataset: features are not finite in f32: NaN at example 1, element 1",
    ],
    [
      "a feature beyond f32",
      [[1, 1e39]],
      [0],
      {},
      "DataError: dataset: features are not finite in f32: 1e+39 at example 0, element 1",
    ],
    [
      "a NaN target",
      [[1], [2]],
      [0, Number.NaN],
      {},
      "DataError: dataset: labels are not finite in f32: NaN at example 1",
    ],
    [
      "a NaN label",
      [[1], [2]],
      [0, Number.NaN],
      { classes: 2 },
      "DataError: dataset: a label is not a class index below 2: NaN at example 1",
    ],
    [
      "a class index out of range",
      [[1], [2], [3]],
      [0, 9, 10],
      { classes: 10 },
      "DataError: dataset: a label is not a class index below 10: 10 at example 2",
    ],
    [
      "a fractional label",
      [[1]],
      [0.5],
      { classes: 2 },
      "DataError: dataset: a label is not a class index below 2: 0.5 at example 0",
    ],
    [
      "a negative label",
      [[1], [2]],
      new Int32Array([0, -1]),
      {},
      "DataError: dataset: a label is not a class index: -1 at example 1",
    ],
    [
      "a wrong label in a sequence",
      [[1], [2]],
      [
        [0, 1],
        [1, 3],
      ],
      { classes: 2 },
      "DataError: dataset: a label is not a class index below 2: 3 at example 1, element 1",
    ],
    [
      "token indices beyond 32 bits",
      new Uint32Array([1, 2 ** 31]),
      [0, 1],
      {},
      "DataError: dataset: features do not fit 32 bits: 2147483648 at example 1",
    ],
    ["zero classes", [[1]], [0], { classes: 0 }, "OptionError: dataset: classes must be a whole number from 1 on: 0"],
    [
      "a scale for numbers",
      [[1]],
      [0],
      { scale: 2 },
      "OptionError: dataset: scale and offset are for bytes (Uint8Array): 2 and 0",
    ],
    [
      "a scale that is no number",
      new Uint8Array(1),
      [0],
      { scale: Number.NaN },
      "OptionError: dataset: scale and offset must be finite numbers: NaN and 0",
    ],
    [
      "a shape of half pixels",
      [[1]],
      [0],
      { shape: [0.5, 2] },
      "ShapeError: dataset: sizes must be non-negative integers: [0.5, 2]",
    ],
  ];
  test.each(cases)("refuses %s", (_, features, labels, options, text) => {
    expect(errorOf(() => dataset(features, labels, options))).toBe(text);
  });
});

describe("take", () => {
  const set = dataset(new Uint8Array([1, 2, 3, 4, 5, 6]), [0, 1, 2], { classes: 3 });

  test("copies the examples asked for, in that order, twice where asked twice", () => {
    const taken = take(set, [2, 0, 2]);
    expect(taken).toMatchObject({ count: 3, shape: [2], classes: 3, scale: 1 / 255 });
    expect(taken.features).toEqual(new Uint8Array([5, 6, 1, 2, 5, 6]));
    expect(taken.labels).toEqual(new Int32Array([2, 0, 2]));
  });

  test.each([
    [[], "take: there are no examples: 0 indices"],
    [[0, 3], "take: an index is outside the set: 3 of 3 examples"],
    [[-1], "take: an index is outside the set: -1 of 3 examples"],
    [[0.5], "take: an index is outside the set: 0.5 of 3 examples"],
  ])("refuses the indices %j", (indices, text) => {
    expect(errorOf(() => take(set, indices))).toBe(`DataError: ${text}`);
  });
});
