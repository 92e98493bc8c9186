import { describe, expect, test } from "vitest";
import {
  constant,
  fansOf,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  normal,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
} from "../../src/nn/initializers.ts";
import { errorOf } from "../errorOf.ts";

const shape = [200, 300];
const context = { ...fansOf(shape), seed: 5, stream: 2 };

function moments(values: Float32Array): { mean: number; std: number; least: number; greatest: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, std, least: Math.min(...values), greatest: Math.max(...values) };
}

test("fans count the receptive field: dense [in, out], filters [h, w, in, out]", () => {
  expect(fansOf([784, 128])).toEqual({ fanIn: 784, fanOut: 128 });
  expect(fansOf([5, 3, 8, 16])).toEqual({ fanIn: 120, fanOut: 240 });
  expect(errorOf(() => fansOf([7]))).toBe("ShapeError: fansOf: a weight needs at least two axes, [..., in, out]: [7]");
});

test("zeros and constant fill the shape", () => {
  expect(zeros()([2, 3], context)).toEqual(new Float32Array(6));
  expect(constant(0.5)([2, 2], context)).toEqual(new Float32Array([0.5, 0.5, 0.5, 0.5]));
  expect(constant(7)([], context)).toEqual(new Float32Array([7]));
  expect(heNormal()([0, 4], { fanIn: 0, fanOut: 4, seed: 1, stream: 0 })).toEqual(new Float32Array(0));
});

// [name, initialiser, standard deviation, bound of the uniform ones]: fanIn 200, fanOut 300.
const table: readonly [string, Initializer, number, number | undefined][] = [
  ["uniform(-1, 3)", uniform(-1, 3), 4 / Math.sqrt(12), 2],
  ["normal(1, 0.1)", normal(1, 0.1), 0.1, undefined],
  ["xavierUniform", xavierUniform(), Math.sqrt(2 / 500), Math.sqrt(6 / 500)],
  [
    "xavierUniform, gain 5/3",
    xavierUniform({ gain: 5 / 3 }),
    (5 / 3) * Math.sqrt(2 / 500),
    (5 / 3) * Math.sqrt(6 / 500),
  ],
  ["xavierNormal", xavierNormal(), Math.sqrt(2 / 500), undefined],
  ["heUniform", heUniform(), Math.sqrt(2 / 200), Math.sqrt(6 / 200)],
  ["heUniform, fanOut", heUniform({ mode: "fanOut" }), Math.sqrt(2 / 300), Math.sqrt(6 / 300)],
  ["heNormal", heNormal(), Math.sqrt(2 / 200), undefined],
  ["heNormal, gain 1, fanOut", heNormal({ gain: 1, mode: "fanOut" }), Math.sqrt(1 / 300), undefined],
  ["lecunUniform", lecunUniform(), Math.sqrt(1 / 200), Math.sqrt(3 / 200)],
  ["lecunNormal", lecunNormal(), Math.sqrt(1 / 200), undefined],
];

describe.each(table)("%s", (name, initializer, std, bound) => {
  const values = initializer(shape, context);
  const found = moments(values);
  const centre = name.includes("(") ? 1 : 0;

  test("has the defined mean and standard deviation", () => {
    expect(values.length).toBe(60_000);
    expect(Math.abs(found.mean - centre)).toBeLessThan((5 * std) / Math.sqrt(60_000));
    expect(Math.abs(found.std / std - 1)).toBeLessThan(0.01);
  });

  test("has the defined range", () => {
    if (bound === undefined) {
      expect(found.greatest - centre).toBeGreaterThan(3.5 * std);
    } else {
      expect(found.greatest - centre).toBeLessThanOrEqual(Math.fround(bound));
      expect(found.greatest - centre).toBeGreaterThan(0.999 * bound);
      expect(centre - found.least).toBeLessThanOrEqual(Math.fround(bound));
      expect(centre - found.least).toBeGreaterThan(0.999 * bound);
    }
  });

  test("depends on seed and stream, and on nothing else", () => {
    const small = initializer([4, 5], context);
    expect(small).toEqual(values.slice(0, 20));
    expect(initializer([4, 5], { ...context, seed: 6 })).not.toEqual(small);
    expect(initializer([4, 5], { ...context, stream: 3 })).not.toEqual(small);
  });
});

test.each([
  ["constant: value must be a finite number: NaN", () => constant(Number.NaN)],
  ["uniform: high must be a finite number: Infinity", () => uniform(0, Number.POSITIVE_INFINITY)],
  ["uniform: low is above high: 2 > 1", () => uniform(2, 1)],
  ["normal: std is negative: -1", () => normal(0, -1)],
  ["xavierNormal: gain must be a positive number: 0", () => xavierNormal({ gain: 0 })],
  ["heUniform: gain must be a positive number: NaN", () => heUniform({ gain: Number.NaN })],
  ['heNormal: mode must be "fanIn" or "fanOut": "in"', () => heNormal({ mode: "in" as "fanIn" })],
  [
    "lecunNormal: fans must be positive numbers: fanIn 0, fanOut 2",
    () => lecunNormal()([2], { fanIn: 0, fanOut: 2, seed: 1, stream: 1 }),
  ],
  [
    "keyOf: seed must be an integer in 0 … 2^53 − 1: -1",
    () => normal()([2], { fanIn: 1, fanOut: 2, seed: -1, stream: 1 }),
  ],
])("refuses: %s", (text, call) => {
  expect(errorOf(call)).toBe(`OptionError: ${text}`);
});
