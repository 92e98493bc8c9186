import { expect, test } from "vitest";
import { input } from "../../src/ops/constant.ts";
import { clipByGlobalNorm, clipByValue, globalNorm } from "../../src/optim/clip.ts";
import { run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const g = input("g", [4]);
const values = new Map([[g, [3, -4, 0, 12]]]);

test("clipping by value keeps what is within the limit", () => {
  expect(Array.from(run([clipByValue(g, 3.5)], values)[0] ?? [])).toEqual([3, -3.5, 0, 3.5]);
});

test("norms", () => {
  const norms = run(
    [globalNorm(g), globalNorm(g, 1), globalNorm(g, 3), globalNorm(g, Number.POSITIVE_INFINITY)],
    values,
  );
  expect(norms.map((norm) => norm[0])).toEqual([13, 19, expect.closeTo((27 + 64 + 1728) ** (1 / 3), 10), 12]);
});

test("gradients longer than the limit are scaled by limit / (norm + 1e-6), others are left alone", () => {
  const [long, short] = run([clipByGlobalNorm(g, 6.5), clipByGlobalNorm(g, 20)], values);
  expect(Array.from(long ?? [])).toEqual([3, -4, 0, 12].map((x) => expect.closeTo((x * 6.5) / (13 + 1e-6), 12)));
  expect(Array.from(short ?? [])).toEqual([3, -4, 0, 12]);
});

test("a limit that is no positive number is refused", () => {
  expect(errorOf(() => clipByGlobalNorm(g, 0))).toBe(
    "OptionError: clipByGlobalNorm: the limit must be a positive number: got 0",
  );
  expect(errorOf(() => clipByValue(g, Number.NaN))).toBe(
    "OptionError: clipByValue: the limit must be a positive number: got NaN",
  );
});
