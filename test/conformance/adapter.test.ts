// The adapter on small cases of its format, and the random stream it has to repeat.
import { expect, test } from "vitest";
import { tensor } from "../../src/cli/conformance.ts";
import { type Case, judge } from "../../src/cli/judge.ts";
import { run } from "./adapter.ts";
import { crc32, standardNormals } from "./numpy.ts";

const f32 = (shape: number[], ...data: number[]) => ({ dtype: "float32", shape, data });
const make = (suite: string, op: string, rest: Partial<Case>): Case => ({
  id: `${suite}/${op}/1`,
  op,
  name: op,
  kind: "forward",
  attrs: {},
  inputs: {},
  tolerance: { rtol: 1e-6, atol: 1e-6, scale: "max" },
  suite,
  file: op,
  ...rest,
});

async function failures(test: Case): Promise<string[]> {
  const answers = await run(test, { tensor });
  expect(answers).not.toBeNull();
  return judge(test, answers ?? {}).flatMap(({ name, why }) => (why ? [`${name}: ${why}`] : []));
}

test("a forward and backward case", async () => {
  const test = make("torch", "relu", {
    inputs: { x: f32([3], -1, 0.5, 2) },
    expected: { output: f32([3], 0, 0.5, 2) },
    grad: { upstream: { output: f32([3], 5, 6, 7) }, expected: { x: f32([3], 0, 6, 7) } },
  });
  expect(await failures(test)).toEqual([]);
  const wrong = { ...test, expected: { output: f32([3], 0, 0.5, 1) } };
  expect(await failures(wrong)).toEqual(["output: [2] got 2 want 1 (5.00e+5 x tolerance)"]);
});

test("a program, with an input that nothing depends on", async () => {
  const test = make("torch", "graph", {
    attrs: {
      output: "n1",
      program: [
        { id: "n0", op: "mul", args: ["x0", "x0"], attrs: {} },
        { id: "n1", op: "sum", args: ["n0"], attrs: { axis: 0, keepDims: false } },
      ],
    },
    inputs: { x0: f32([2], 3, 4), x1: f32([1], 1) },
    expected: { output: f32([], 25) },
    grad: { upstream: { output: f32([], 1) }, expected: { x0: f32([2], 6, 8), x1: f32([1], 0) } },
  });
  expect(await failures(test)).toEqual([]);
});

test("a trajectory", async () => {
  const test = make("torch", "optimizer_momentum", {
    attrs: { lr: 0.5, momentum: 0.5, steps: 2, problem: "quadratic" },
    inputs: { p0: f32([1], 1), A: f32([1, 1], 1), b: f32([1], 0) },
    // v₁ = 1, p₁ = ½; v₂ = ½ + ½ = 1, p₂ = 0
    expected: { p0_after_step: f32([2, 1], 0.5, 0), losses: f32([2], 0.5, 0.125) },
  });
  expect(await failures(test)).toEqual([]);
});

test("suites and ops that are not known are not supported", async () => {
  expect(await run(make("onnx", "relu", { inputs: { x: f32([1], 1) } }), { tensor })).toBeNull();
  expect(await run(make("torch", "no_such_op", { inputs: { x: f32([1], 1) } }), { tensor })).toBeNull();
});

test("the random stream is NumPy's", () => {
  const normal = standardNormals(0);
  // numpy.random.RandomState(0).randn(4)
  for (const value of [1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458]) {
    expect(normal()).toBeCloseTo(value, 14);
  }
  expect(crc32("123456789")).toBe(0xcbf43926);
});
