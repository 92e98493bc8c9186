import { describe, expect, test } from "vitest";
import { type CaseTolerance, compare, judge } from "../../src/cli/judge.ts";

const row = (...data: number[]) => ({ shape: [data.length], data });
const why = (got: number[], expected: number[], tolerance: CaseTolerance) =>
  compare("y", row(...got), row(...expected), tolerance).why;

describe("tolerances", () => {
  test("rtol counts from the largest element, or from each one's own size", () => {
    expect(why([100, 1.005], [100, 1], { rtol: 1e-4, scale: "max" })).toBeUndefined();
    expect(why([100, 1.005], [100, 1], { rtol: 1e-4, scale: "elementwise" })).toBe(
      "[1] got 1.005 want 1 (50.0 x tolerance)",
    );
    expect(why([1.005], [1], { rtol: 1e-4, atol: 1e-2, scale: "elementwise" })).toBeUndefined();
  });

  test("ulp counts f32 numbers, across 0 too", () => {
    const next = 1 + 2 ** -23;
    expect(why([next], [1], { ulp: 1 })).toBeUndefined();
    expect(why([1 + 2 ** -22], [1], { ulp: 1 })).toBe("[0] got 1.000000238418579 want 1 (2.00 x tolerance)");
    expect(why([2 ** -149], [-(2 ** -149)], { ulp: 2 })).toBeUndefined();
    expect(why([-0], [0], { ulp: 1 })).toBeUndefined();
  });

  test("no tolerance at all asks for the same f32", () => {
    expect(why([Math.fround(0.1)], [0.1], { ulp: 0 })).toBeUndefined();
    expect(why([Math.fround(0.1)], [0.1], { rtol: 0, atol: 0 })).toBeUndefined();
    expect(why([0.1], [0.2], { ulp: 0 })).toBe("[0] got 0.1 want 0.2 (Infinity x tolerance)");
  });

  test("a denormal may come out as 0 where the case says so", () => {
    expect(why([0], [1e-40], { rtol: 1e-4, scale: "elementwise", ftz_ok: true })).toBeUndefined();
    expect(why([0], [1e-40], { rtol: 1e-4, scale: "elementwise" })).toBe("[0] got 0 want 1e-40 (1.00e+4 x tolerance)");
  });
});

test("infinities and NaN must be themselves, but what f32 cannot hold may overflow", () => {
  const loose = { rtol: 1, atol: 1e9, scale: "max" } as const;
  expect(why([Number.NaN, Infinity, Infinity], [Number.NaN, Infinity, 1e39], loose)).toBeUndefined();
  expect(why([0], [Number.NaN], loose)).toBe("[0] 0 want NaN");
  expect(why([Number.NaN], [0], loose)).toBe("[0] NaN want 0");
  expect(why([-Infinity], [Infinity], loose)).toBe("[0] -Infinity want Infinity");
  expect(why([Infinity], [1], loose)).toBe("[0] Infinity want 1");
});

test("shapes must be the same, and nothing may be missing", () => {
  expect(compare("y", { shape: [1, 2], data: [1, 2] }, row(1, 2), {}).why).toBe("shape [1,2] != [2]");
  expect(compare("y", { shape: [2], data: [1] }, row(1, 2), {}).why).toBe("length");
  expect(compare("y", undefined, row(1), {}).why).toBe("missing");
});

test("outputs, gradients, steps and summaries are all judged", () => {
  const f32 = (...data: number[]) => ({ dtype: "float32", ...row(...data) });
  const verdicts = judge(
    {
      id: "t/op/1",
      op: "op",
      name: "all of it",
      kind: "forward+grad",
      attrs: {},
      inputs: {},
      suite: "t",
      file: "op",
      expected: { y: f32(1) },
      grad: { expected: { x: f32(2) } },
      expected_steps: [{ after_steps: 2, p0: f32(3) }],
      expected_summary: { big: { samples: { index: [1, 3], value: [5, "NaN"] }, sum: 11, abs_sum: 11 } },
      tolerance: { ulp: 0 },
    },
    {
      outputs: { y: row(1), big: row(1, 5, 5, Number.NaN) },
      grads: { x: row(4) },
      steps: [{ p0: row(0) }, { p0: row(3) }],
    },
  );
  expect(verdicts.map(({ name, why: reason }) => [name, reason])).toEqual([
    ["y", undefined],
    ["dx", "[0] got 4 want 2 (Infinity x tolerance)"],
    ["step2.p0", undefined],
    ["big samples", undefined],
    ["big sum", "sum NaN want 11"],
  ]);
});
