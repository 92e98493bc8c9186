import { expect, test } from "vitest";
import { input } from "../../src/ops/constant.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { gradientError, numbers, project, run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const close = (got: ArrayLike<number> | undefined, expected: readonly number[]) => {
  expect(Array.from(got ?? [])).toHaveLength(expected.length);
  for (const [i, e] of expected.entries()) expect(got?.[i]).toBeCloseTo(e, 12);
};

test("rows along the last axis add up to 1 and follow exp", () => {
  const x = input("x", [2, 3]);
  const [y, log] = run([softmax(x), logSoftmax(x)], new Map([[x, [0, Math.log(2), Math.log(5), 7, 7, 7]]]));
  close(y, [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3]);
  close(log, [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3].map(Math.log));
});

test.each([0, 1, 2, -1, -2])("axis %d of [2, 3, 4] is normalised where it lies", (axis) => {
  const shape = [2, 3, 4];
  const x = input("x", shape);
  const values = numbers(24);
  const [y] = run([softmax(x, axis)], new Map([[x, values]]));
  const strides = [12, 4, 1];
  const at = axis < 0 ? axis + 3 : axis;
  for (let i = 0; i < 24; i++) {
    const stride = strides[at] as number;
    const first = i - (Math.floor(i / stride) % (shape[at] as number)) * stride;
    let total = 0;
    for (let c = 0; c < (shape[at] as number); c++) total += Math.exp(values[first + c * stride] as number);
    expect(y?.[i]).toBeCloseTo(Math.exp(values[i] as number) / total, 12);
  }
});

test("huge logits do not overflow, −∞ gives 0, a row of nothing but −∞ gives NaN", () => {
  const x = input("x", [3, 3]);
  const [y, log] = run(
    [softmax(x), logSoftmax(x)],
    new Map([[x, [1e4, 1e4, -1e30, -Infinity, 0, 0, -Infinity, -Infinity, -Infinity]]]),
  );
  close(y?.subarray(0, 6), [0.5, 0.5, 0, 0, 0.5, 0.5]);
  expect(log?.[3]).toBe(-Infinity);
  expect(Array.from(y?.subarray(6) ?? [])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("gradients agree with central differences, twice", () => {
  const x = input("x", [2, 3, 4]);
  const values = new Map([[x, numbers(24)]]);
  for (const f of [softmax, logSoftmax]) {
    for (const axis of [1, 2]) {
      expect(gradientError(f(x, axis), [x], values)).toBeLessThan(1e-8);
      const all = new Map<typeof x, ArrayLike<number>>(values);
      const scalar = project(f(x, axis), all);
      const one = input("one", []);
      all.set(one, [1]);
      const [first] = autodiff(scalar, one, [x]);
      expect(gradientError(first ?? scalar, [x], all)).toBeLessThan(1e-8);
    }
  }
});

test("empty tensors stay empty", () => {
  const x = input("x", [0, 3]);
  const z = input("z", [2, 0]);
  expect(
    run(
      [softmax(x), softmax(z)],
      new Map([
        [x, []],
        [z, []],
      ]),
    ).map((y) => y.length),
  ).toEqual([0, 0]);
});

test("wrong input is refused", () => {
  expect(errorOf(() => softmax(input("x", [2, 3]), 2))).toBe(
    "ShapeError: softmax: axis is outside the rank: axis 2, rank 2",
  );
  expect(errorOf(() => logSoftmax(input("x", [])))).toBe(
    "ShapeError: logSoftmax: a scalar has no axis to normalise over: shape []",
  );
  expect(errorOf(() => softmax(input("x", [2], "i32")))).toBe("ShapeError: softmax: takes f32: got i32. Use cast");
});
