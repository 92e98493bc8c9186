import { describe, expect, test } from "vitest";
import { checkBatchSize, epochIndices, NO_EXAMPLE, stepsPerEpoch } from "../../src/data/indices.ts";
import { errorOf } from "../errorOf.ts";

describe("epochIndices", () => {
  test("lists the examples in order and pads the last batch", () => {
    expect(epochIndices(5, 2)).toEqual({
      steps: 3,
      batchSize: 2,
      indices: new Uint32Array([0, 1, 2, 3, 4, NO_EXAMPLE]),
      valid: new Uint32Array([2, 2, 1]),
    });
  });

  test("a batch size that divides the set leaves nothing to pad", () => {
    const table = epochIndices(6, 3, { shuffle: true });
    expect(table.valid).toEqual(new Uint32Array([3, 3]));
    expect(table.indices.includes(NO_EXAMPLE)).toBe(false);
  });

  test("dropLast leaves the partial batch out", () => {
    const table = epochIndices(5, 2, { dropLast: true });
    expect(table).toMatchObject({ steps: 2, indices: new Uint32Array([0, 1, 2, 3]), valid: new Uint32Array([2, 2]) });
  });

  test("shuffled, an epoch still has every example once", () => {
    const { indices, valid } = epochIndices(1000, 64, { shuffle: true, seed: 3 });
    expect(indices.length).toBe(16 * 64);
    expect(indices.slice(0, 1000).sort()).toEqual(Uint32Array.from({ length: 1000 }, (_, i) => i));
    expect(indices.slice(1000).every((index) => index === NO_EXAMPLE)).toBe(true);
    expect(valid.at(-1)).toBe(1000 - 15 * 64);
  });

  test("the order depends on seed and epoch, and on nothing else", () => {
    const order = (seed: number, epoch: number) => epochIndices(100, 10, { shuffle: true, seed, epoch }).indices.join();
    expect(order(1, 0)).toBe(order(1, 0));
    expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
    const dropped = epochIndices(100, 30, { shuffle: true, seed: 1, dropLast: true });
    expect(dropped.indices).toEqual(epochIndices(100, 30, { shuffle: true, seed: 1 }).indices.slice(0, 90));
  });

  test("stepsPerEpoch agrees with the table", () => {
    for (const [count, batchSize] of [
      [1, 1],
      [7, 7],
      [7, 2],
      [64, 63],
    ] as const) {
      for (const dropLast of [false, true]) {
        expect(epochIndices(count, batchSize, { dropLast }).steps).toBe(stepsPerEpoch(count, batchSize, dropLast));
      }
    }
  });

  test.each([
    [0, 4, "DataError: fit: there are no examples: count 0"],
    [10, 0, "OptionError: fit: batch size must be a whole number from 1 on: 0"],
    [10, 2.5, "OptionError: fit: batch size must be a whole number from 1 on: 2.5"],
    [10, Number.NaN, "OptionError: fit: batch size must be a whole number from 1 on: NaN"],
    [10, 11, "OptionError: fit: the batch is larger than the set: 11 > 10. Use at most 10"],
  ])("%d examples in batches of %d are refused", (count, batchSize, text) => {
    expect(errorOf(() => checkBatchSize("fit", batchSize, count))).toBe(text);
    expect(errorOf(() => epochIndices(count, batchSize))).toBe(text.replace("fit", "epochIndices"));
  });
});
