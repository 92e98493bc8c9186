import { describe, expect, test } from "vitest";
import { output } from "../../src/graph/define.ts";
import type { Node } from "../../src/graph/node.ts";
import { input } from "../../src/ops/constant.ts";
import { softmaxCrossEntropy } from "../../src/ops/crossEntropy.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { gradientError, numbers, project, run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const N = 5;
const C = 4;
const x = input("logits", [N, C]);
const logits = numbers(N * C).map((v) => 3 * v);
const t = input("target", [N], "i32");
const classes = [2, 0, 3, 3, 1];
const w = input("weights", [C]);
const weights = [0.5, 2, 1, 0.25];
const p = input("probabilities", [N, C]);
const probabilities = numbers(N * C, 2).map((v) => (v + 1.1) / 5);
const values = new Map<Node, ArrayLike<number>>([
  [x, logits],
  [t, classes],
  [w, weights],
  [p, probabilities],
]);

/** −Σ_c q_c ln softmax(x)_c, straight from PyTorch's documentation of CrossEntropyLoss. */
function expectedLoss(row: number, share: (c: number) => number): number {
  const at = Array.from(logits.slice(row * C, row * C + C));
  const total = at.reduce((sum, v) => sum + Math.exp(v), 0);
  return -at.reduce((sum, v, c) => sum + share(c) * Math.log(Math.exp(v) / total), 0);
}

describe("losses of rows", () => {
  test.each([
    [0, false],
    [0, true],
    [0.1, false],
    [0.3, true],
  ])("class indices, smoothing %d, weighted %s", (labelSmoothing, weighted) => {
    const [loss] = run(
      [softmaxCrossEntropy(x, t, { labelSmoothing, ...(weighted ? { classWeights: w } : {}) })],
      values,
    );
    classes.forEach((label, row) => {
      const weight = (c: number) => (weighted ? (weights[c] as number) : 1);
      const share = (c: number) =>
        (1 - labelSmoothing) * (c === label ? weight(c) : 0) + (labelSmoothing / C) * weight(c);
      expect(loss?.[row]).toBeCloseTo(expectedLoss(row, share), 12);
    });
  });

  test("probabilities", () => {
    const [loss] = run([softmaxCrossEntropy(x, p, { labelSmoothing: 0.2, classWeights: w })], values);
    for (let row = 0; row < N; row++) {
      const share = (c: number) => (weights[c] as number) * (0.8 * (probabilities[row * C + c] as number) + 0.2 / C);
      expect(loss?.[row]).toBeCloseTo(expectedLoss(row, share), 12);
    }
  });

  test("ignored rows have no loss, no gradient and are not correct", () => {
    const y = softmaxCrossEntropy(x, t, { ignoreIndex: 3, labelSmoothing: 0.1 });
    const [loss, dlogits, correct] = run([y, output(y, 1), output(y, 2)], values);
    const [all, dall] = run(
      [softmaxCrossEntropy(x, t, { labelSmoothing: 0.1 })].flatMap((z) => [z, output(z, 1)]),
      values,
    );
    for (const row of [0, 1, 4]) {
      expect(loss?.[row]).toBe(all?.[row]);
      expect(dlogits?.slice(row * C, row * C + C)).toEqual(dall?.slice(row * C, row * C + C));
    }
    for (const row of [2, 3]) {
      expect(loss?.[row]).toBe(0);
      expect(correct?.[row]).toBe(0);
      expect(Array.from(dlogits?.slice(row * C, row * C + C) ?? [])).toEqual([0, 0, 0, 0]);
    }
  });

  test("extreme logits stay finite and −∞ costs nothing where the class is not wanted", () => {
    const z = input("z", [3, 3]);
    const label = input("label", [3], "u32");
    const y = softmaxCrossEntropy(z, label);
    const [loss, dlogits] = run(
      [y, output(y, 1)],
      new Map([
        [z, [1000, -1000, 0, 0, 0, 1000, -Infinity, 3, 3]],
        [label, [1, 2, 1]],
      ]),
    );
    expect(Array.from(loss ?? [])).toEqual([2000, 0, Math.log(2)]);
    expect(Array.from(dlogits ?? [])).toEqual([1, -1, 0, 0, 0, 0, 0, -0.5, 0.5]);
  });

  test("a class out of range gives NaN", () => {
    const [loss] = run([softmaxCrossEntropy(x, t)], new Map(values).set(t, [2, 4, -1, 0, 1]));
    expect(Array.from(loss ?? []).map(Number.isNaN)).toEqual([false, true, true, false, false]);
  });
});

test("correct compares the largest logit with the class, or with the most probable class", () => {
  const z = input("z", [4, 3]);
  const label = input("label", [4], "i32");
  const q = input("q", [4, 3]);
  const rows = new Map<Node, ArrayLike<number>>([
    [z, [1, 2, 0, 5, 5, 1, 0, 0, 3, 1, 2, 3]],
    [label, [1, 0, 0, 2]],
    [q, [0.1, 0.8, 0.1, 0.2, 0.5, 0.3, 0, 0, 1, 0.6, 0.2, 0.2]],
  ]);
  const [indices, soft] = run([output(softmaxCrossEntropy(z, label), 2), output(softmaxCrossEntropy(z, q), 2)], rows);
  expect(Array.from(indices ?? [])).toEqual([1, 1, 0, 1]);
  expect(Array.from(soft ?? [])).toEqual([1, 0, 1, 0]);
});

describe("gradients agree with central differences", () => {
  const cases: [string, Node, readonly Node[]][] = [
    ["class indices", softmaxCrossEntropy(x, t), [x]],
    ["smoothing and weights", softmaxCrossEntropy(x, t, { labelSmoothing: 0.2, classWeights: w }), [x, w]],
    ["ignored rows", softmaxCrossEntropy(x, t, { labelSmoothing: 0.2, classWeights: w, ignoreIndex: 3 }), [x, w]],
    ["probabilities", softmaxCrossEntropy(x, p, { labelSmoothing: 0.2, classWeights: w }), [x, p, w]],
  ];
  test.each(cases)("%s: of the loss", (_, y, wrt) => {
    expect(gradientError(y, wrt, values)).toBeLessThan(1e-8);
  });

  test.each(cases)("%s: of the gradient itself", (_, y, wrt) => {
    expect(gradientError(output(y, 1), wrt, values)).toBeLessThan(1e-8);
    const all = new Map(values);
    const scalar = project(y, all);
    const one = input("one", []);
    all.set(one, [1]);
    const [first] = autodiff(scalar, one, [x]);
    expect(gradientError(first ?? scalar, wrt, all)).toBeLessThan(1e-8);
  });

  test("the gradient of the logits is the kernel's own second result", () => {
    const y = softmaxCrossEntropy(x, t);
    const dy = input("dy", [N]);
    const [dx] = autodiff(y, dy, [x]);
    expect(dx?.op.name).toBe("mul");
    expect(dx?.inputs[0]).toBe(output(y, 1));
  });
});

test("wrong input is refused", () => {
  const refused = (call: () => unknown) => errorOf(call);
  expect(refused(() => softmaxCrossEntropy(input("x", [3]), t))).toBe(
    "ShapeError: softmaxCrossEntropy: logits must be f32 of shape [rows, classes]: f32 [3]",
  );
  expect(refused(() => softmaxCrossEntropy(x, input("t", [4], "i32")))).toBe(
    "ShapeError: softmaxCrossEntropy: the target must be i32 or u32 class indices [5] or f32 probabilities [5, 4]: got i32 [4]",
  );
  expect(refused(() => softmaxCrossEntropy(x, t, { classWeights: input("w", [3]) }))).toBe(
    "ShapeError: softmaxCrossEntropy: class weights must be f32 [4]: got f32 [3]",
  );
  expect(refused(() => softmaxCrossEntropy(x, t, { labelSmoothing: 1.5 }))).toBe(
    "OptionError: softmaxCrossEntropy: labelSmoothing must be in 0 … 1: got 1.5",
  );
  expect(refused(() => softmaxCrossEntropy(x, t, { ignoreIndex: Number.NaN }))).toBe(
    "OptionError: softmaxCrossEntropy: ignoreIndex must be an integer: got NaN",
  );
});
