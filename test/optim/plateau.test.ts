import { expect, test } from "vitest";
import { reduceOnPlateau } from "../../src/optim/plateau.ts";
import { errorOf } from "../errorOf.ts";

function rates(lr: number, metrics: readonly number[], options: Parameters<typeof reduceOnPlateau>[1]): number[] {
  const { initial, next } = reduceOnPlateau(lr, options);
  let state = initial;
  return metrics.map((metric) => {
    state = next(state, metric);
    return state.lr;
  });
}

test("the rate falls after more than `patience` epochs that are not better by the threshold", () => {
  expect(rates(1, [5, 4, 4, 4, 4, 4, 4], { factor: 0.5, patience: 1 })).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25]);
  expect(rates(1, [100, 99.995, 99.99, 99.98], { factor: 0.5, patience: 1 })).toEqual([1, 1, 0.5, 0.5]);
});

test("epochs of a cooldown are not counted", () => {
  expect(rates(1, [4, 4, 4, 4, 4, 4], { factor: 0.5, patience: 0, cooldown: 2 })).toEqual([
    1, 0.5, 0.5, 0.5, 0.25, 0.25,
  ]);
});

test("max mode and absolute thresholds", () => {
  const options = { mode: "max", thresholdMode: "abs", threshold: 0.5, factor: 0.1, patience: 0 } as const;
  expect(rates(1, [1, 1.4, 2, 2.6, 2.6], options)).toEqual([1, 0.1, 0.1, 0.1, expect.closeTo(0.01)]);
});

test("the rate stops at minLr, and changes below eps are not made", () => {
  expect(rates(1, [1, 1, 1, 1], { factor: 0.1, patience: 0, minLr: 0.05 })).toEqual([1, 0.1, 0.05, 0.05]);
  expect(rates(1e-8, [1, 1, 1], { factor: 0.1, patience: 0 })).toEqual([1e-8, 1e-8, 1e-8]);
});

test("NaN is no improvement, and a state survives JSON", () => {
  expect(rates(1, [Number.NaN, Number.NaN], { factor: 0.5, patience: 1 })).toEqual([1, 0.5]);
  const { initial, next } = reduceOnPlateau(1);
  const revived = JSON.parse(JSON.stringify(initial)) as typeof initial;
  expect(next(revived, 3)).toEqual(next(initial, 3));
});

test.each([
  ["factor must be a number in 0 … 1, 1 excluded: got 1", { factor: 1 }],
  ["patience must be a whole number, 0 or more: got -1", { patience: -1 }],
  ['mode must be "min" or "max": got best', { mode: "best" as "min" }],
  [
    'unknown option "wait". Options: mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps',
    { wait: 1 },
  ],
])("%s", (message, options) => {
  expect(errorOf(() => reduceOnPlateau(1, options as object))).toBe(`OptionError: reduceOnPlateau: ${message}`);
});
