// Numbers as the pages show them.
import { expect, test } from "vitest";
import { bytes, count, number, percent } from "../../demo/ui/format.ts";

test.each([
  [12345.6, "12,346"],
  [1000, "1,000"],
  [0, "0"],
])("%d is counted as %s", (value, written) => expect(count(value)).toBe(written));

test.each([
  [12345, "12,300"],
  [-999_999, "−1,000,000"],
  [2e6, "2.00e6"],
  [-0.0123, "−0.0123"],
  [0.1, "0.1"],
  [0.00012345, "0.000123"],
  [3e-9, "3.00e-9"],
  [-0, "0"],
  [Number.NaN, "not a number"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("%d is written as %s", (value, written) => expect(number(value)).toBe(written));

test("shares and bytes", () => {
  expect([percent(0.9731), percent(1, 0), bytes(5 * 2 ** 20)]).toEqual(["97.3 %", "100 %", "5 MiB"]);
});
