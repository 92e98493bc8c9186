import { describe, expect, test } from "vitest";
import { dataset } from "../../src/data/dataset.ts";
import { split, splitIndices } from "../../src/data/split.ts";
import { errorOf } from "../errorOf.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("split", () => {
  test("every example lands in exactly one part, with its label, in the set's order", () => {
    const set = dataset(numbers(50), numbers(50));
    const { train, validation } = split(set, { validation: 0.3, seed: 4 });
    expect([train.count, validation.count]).toEqual([35, 15]);
    expect([...train.features, ...validation.features].sort((a, b) => a - b)).toEqual(numbers(50));
    for (const part of [train, validation]) {
      expect(part.features).toEqual(part.labels);
      expect(part.features.slice().sort()).toEqual(part.features);
    }
  });

  test("the seed chooses the examples", () => {
    const chosen = (seed: number) => splitIndices(1000, { seed }).validation.join();
    expect(chosen(1)).toBe(chosen(1));
    expect(chosen(1)).not.toBe(chosen(2));
    const { validation } = splitIndices(1000, { seed: 1 });
    expect(validation.reduce((sum, index) => sum + index, 0) / validation.length).toBeGreaterThan(400);
    expect(validation.length).toBe(200);
  });

  test("stratified, each class gives its share, and remainders add up to the whole", () => {
    const labels = [...new Array(60).fill(0), ...new Array(33).fill(1), ...new Array(7).fill(2)];
    const set = dataset(numbers(100), labels, { classes: 3 });
    const { train, validation } = split(set, { validation: 0.25, stratified: true });
    const perClass = (part: typeof set) => [0, 1, 2].map((c) => part.labels.filter((label) => label === c).length);
    expect(perClass(validation)).toEqual([15, 8, 2]);
    expect(perClass(train)).toEqual([45, 25, 5]);
  });

  test.each([0, 1, -0.5, Number.NaN])("a share of %d is refused", (validation) => {
    const text = `OptionError: split: validation must lie between 0 and 1: ${validation}`;
    expect(errorOf(() => splitIndices(10, { validation }))).toBe(text);
  });

  test("a part without examples is refused", () => {
    expect(errorOf(() => splitIndices(4, { validation: 0.1 }))).toBe(
      "DataError: split: a part would be empty: 0 of 4 examples for validation",
    );
    expect(errorOf(() => splitIndices(4, { validation: 0.9 }))).toBe(
      "DataError: split: a part would be empty: 4 of 4 examples for validation",
    );
  });

  test("stratifying targets or sequences is refused", () => {
    const stratify = (set: ReturnType<typeof dataset>) => errorOf(() => split(set, { stratified: true }));
    expect(stratify(dataset(numbers(10), numbers(10)))).toBe(
      "OptionError: split: stratified needs one class index an example: labels are targets",
    );
    expect(
      stratify(
        dataset(
          numbers(2),
          [
            [0, 1],
            [1, 0],
          ],
          { classes: 2 },
        ),
      ),
    ).toBe("OptionError: split: stratified needs one class index an example: labels are class indices of shape [2]");
  });
});
