import { describe, expect, test } from "vitest";
import type { Shape } from "../../src/core/shape.ts";
import { type WindowOptions, windowAxes } from "../../src/ops/window.ts";
import { errorOf } from "../errorOf.ts";

const outputs = (input: Shape, options: WindowOptions) =>
  windowAxes("pool", input, options).map(({ output }) => output);
const sides = (input: Shape, options: WindowOptions) =>
  windowAxes("pool", input, options).map(({ before, after }) => [before, after]);
const refusal = (input: Shape, options: object) => errorOf(() => windowAxes("conv2d", input, options as WindowOptions));

describe("windowAxes", () => {
  test("counts whole windows", () => {
    expect(outputs([28, 28], { size: 5 })).toEqual([24, 24]);
    expect(outputs([7, 5], { size: 3, stride: 2, padding: 1 })).toEqual([4, 3]);
    expect(outputs([9], { size: 2, dilation: 3 })).toEqual([6]);
    expect(outputs([5, 9], { size: [2, 3], stride: [1, 4], padding: [0, [2, 1]] })).toEqual([4, 3]);
  });

  test("ceilMode counts the last window that starts in the input or in the padding before it", () => {
    expect(outputs([6], { size: 3, stride: 2 })).toEqual([2]);
    expect(outputs([6], { size: 3, stride: 2, ceilMode: true })).toEqual([3]);
    expect(outputs([11, 10], { size: [4, 3], stride: [3, 2], padding: [2, 1], ceilMode: true })).toEqual([5, 6]);
    expect(outputs([4], { size: 1, stride: 3, padding: 1, ceilMode: true })).toEqual([2]); // the third would start behind the input
    expect(outputs([2], { size: 3, stride: 2, ceilMode: true })).toEqual([1]);
  });

  test('"same" makes ⌈input/stride⌉ windows; the odd one goes behind', () => {
    expect(outputs([7, 8], { size: 3, stride: 2, padding: "same" })).toEqual([4, 4]);
    expect(sides([7, 8], { size: 3, stride: 2, padding: "same" })).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(sides([5, 5], { size: [1, 4], stride: 3, padding: "same" })).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(outputs([0, 3], { size: 3, padding: "same" })).toEqual([0, 3]);
  });

  test("a window that does not fit is refused with both sizes", () => {
    expect(refusal([4, 4], { size: 5, name: "filter" })).toBe(
      'ShapeError: conv2d: filter 5×5 is larger than its padded input 4×4. Use padding "same" or a smaller filter',
    );
    expect(refusal([4, 6], { size: [3, 2], dilation: [4, 1], padding: 1 })).toBe(
      'ShapeError: conv2d: window 3×2, 9×2 with its dilation, is larger than its padded input 6×8 (4×6 without padding). Use padding "same" or a smaller window',
    );
    expect(refusal([0], { size: 1 })).toContain("window 1 is larger than its padded input 0");
  });

  test.each<[object, string]>([
    [{ size: 0 }, "window size must be a whole number from 1 on: got 0"],
    [{ size: 2, stride: 0 }, "stride must be a whole number from 1 on: got 0"],
    [{ size: 2, stride: [1, -2] }, "stride must be a whole number from 1 on: got -2"],
    [{ size: 2, dilation: 1.5 }, "dilation must be a whole number from 1 on: got 1.5"],
    [{ size: 2, dilation: Number.NaN }, "dilation must be a whole number from 1 on: got NaN"],
    [{ size: [2] }, "window size must be a number, or a list of one for each of 2 spatial axes: got [2]"],
    [{ size: 2, stride: "2" }, "stride must be a number, or a list of one for each of 2 spatial axes: got 2"],
    [{ size: 2, padding: -1 }, "padding must be whole numbers from 0 on: got -1"],
    [{ size: 2, padding: [0, [1, -3]] }, "padding must be whole numbers from 0 on: got -3"],
    [{ size: 2, padding: [0, [1, 2, 3]] }, "padding of an axis is [before, after]: got [1, 2, 3]"],
    [{ size: 2, padding: [1] }, "padding must be a number, or a list of one for each of 2 spatial axes: got [1]"],
    [{ size: 2, padding: "full" }, 'padding must be "valid", "same", a number or a list: got "full"'],
  ])("%j is refused", (options, message) => {
    expect(refusal([4, 4], options)).toBe(`OptionError: conv2d: ${message}`);
  });
});
