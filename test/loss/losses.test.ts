// Losses against PyTorch's documented formulas in plain numbers, their gradients against central differences, and the two forms against each other.
import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import { binaryCrossEntropy, hinge, sigmoidCrossEntropy } from "../../src/loss/binary.ts";
import { klDivergence, nll, softmaxCrossEntropy } from "../../src/loss/classification.ts";
import type { Loss } from "../../src/loss/loss.ts";
import * as values from "../../src/loss/losses.ts";
import { l1Penalty, l2Penalty } from "../../src/loss/penalty.ts";
import { type ReductionOptions, reduceLosses } from "../../src/loss/reduction.ts";
import { huber, mae, mse, smoothL1 } from "../../src/loss/regression.ts";
import { constant, input } from "../../src/ops/constant.ts";
import { gradientError, numbers, run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const [B, C] = [4, 5];
const x = input("x", [B, C]);
const t = input("t", [B, C]);
const labels = input("labels", [B], "i32");
const classWeights = input("w", [C]);
const logits = numbers(B * C).map((v) => 3 * v);
const targets = numbers(B * C, 2).map((v) => 3 * v);
const shares = numbers(B * C, 3).map((v) => (v + 1.01) / 2.02); // in 0 … 1
const classes = [3, 0, 4, 3];
const weights = [0.5, 1, 2, 3, 0.25];
const given = (a: ArrayLike<number> = logits, b: ArrayLike<number> = targets) =>
  new Map<Node, ArrayLike<number>>([
    [x, a],
    [t, b],
    [labels, classes],
    [classWeights, weights],
  ]);
const total = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0);
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const signs = targets.map(Math.sign);
const logShares = shares.map(Math.log);

/** Name, function, prediction, target, and the loss of one element. */
const ELEMENTWISE: [
  string,
  (p: Node, q: Node, o?: ReductionOptions) => Node,
  Float64Array,
  Float64Array,
  (p: number, q: number) => number,
][] = [
  ["mse", mse, logits, targets, (p, q) => (p - q) ** 2],
  ["mae", mae, logits, targets, (p, q) => Math.abs(p - q)],
  [
    "huber",
    (p, q, o) => huber(p, q, { ...o, delta: 0.7 }),
    logits,
    targets,
    (p, q) => (Math.abs(p - q) <= 0.7 ? (p - q) ** 2 / 2 : 0.7 * (Math.abs(p - q) - 0.35)),
  ],
  [
    "smoothL1",
    (p, q, o) => smoothL1(p, q, { ...o, beta: 0.7 }),
    logits,
    targets,
    (p, q) => (Math.abs(p - q) < 0.7 ? (p - q) ** 2 / 1.4 : Math.abs(p - q) - 0.35),
  ],
  ["smoothL1 with beta 0", (p, q, o) => smoothL1(p, q, { ...o, beta: 0 }), logits, targets, (p, q) => Math.abs(p - q)],
  ["hinge", hinge, logits, signs, (p, q) => Math.max(0, 1 - p * q)],
  [
    "binaryCrossEntropy",
    binaryCrossEntropy,
    shares,
    shares.toReversed(),
    (p, q) => -q * Math.log(p) - (1 - q) * Math.log(1 - p),
  ],
  [
    "sigmoidCrossEntropy",
    sigmoidCrossEntropy,
    logits,
    shares,
    (p, q) => -q * Math.log(sigmoid(p)) - (1 - q) * Math.log(1 - sigmoid(p)),
  ],
  [
    "sigmoidCrossEntropy with a positive weight",
    (p, q, o) => sigmoidCrossEntropy(p, q, { ...o, positiveWeight: 2.5 }),
    logits,
    shares,
    (p, q) => -2.5 * q * Math.log(sigmoid(p)) - (1 - q) * Math.log(1 - sigmoid(p)),
  ],
  ["klDivergence", klDivergence, logShares, shares.toReversed(), (p, q) => q * (Math.log(q) - p)],
  [
    "klDivergence of logarithms",
    (p, q, o) => klDivergence(p, q, { ...o, logTarget: true }),
    logShares,
    logShares.toReversed(),
    (p, q) => Math.exp(q) * (q - p),
  ],
];

describe.each(ELEMENTWISE)("%s", (_, loss, a, b, formula) => {
  const each = Array.from(a, (p, i) => formula(p, b[i] as number));

  test("none, sum and mean", () => {
    const [none, sum, mean] = run(
      [loss(x, t, { reduction: "none" }), loss(x, t, { reduction: "sum" }), loss(x, t)],
      given(a, b),
    );
    expect(Array.from(none ?? [])).toEqual(each.map((value) => expect.closeTo(value, 12)));
    expect(sum?.[0]).toBeCloseTo(total(each), 11);
    expect(mean?.[0]).toBeCloseTo(total(each) / (B * C), 12);
  });

  test("gradients agree with central differences", () => {
    expect(gradientError(loss(x, t), [x, t], given(a, b), 1e-6)).toBeLessThan(1e-7);
  });
});

describe("binary cross-entropy at the ends", () => {
  test("logarithms stop at −100 and gradients stay finite", () => {
    const p = input("p", [4]);
    const q = constant([1, 0, 1, 0]);
    const bound = new Map<Node, ArrayLike<number>>([
      [p, [0, 1, 1, 0]],
      [q, [1, 0, 1, 0]],
    ]);
    const [loss] = run([binaryCrossEntropy(p, q, { reduction: "none" })], bound);
    expect(Array.from(loss ?? [], (v) => v + 0)).toEqual([100, 100, 0, 0]);
  });

  test("logits of any size stay finite", () => {
    const [loss] = run(
      [sigmoidCrossEntropy(x, t, { reduction: "none", positiveWeight: 3 })],
      given([1000, -1000, 1000, -1000, ...new Array(16).fill(0)], [1, 0, 0, 1, ...new Array(16).fill(0)]),
    );
    expect(Array.from(loss?.subarray(0, 4) ?? [])).toEqual([0, 0, 1000, 3000]);
  });
});

describe("losses over classes", () => {
  const logSoftmaxAt = (row: number, c: number) => {
    const own = Array.from(logits.subarray(row * C, row * C + C));
    return (own[c] as number) - Math.log(total(own.map(Math.exp)));
  };
  const entropy = classes.map((c, row) => -logSoftmaxAt(row, c));
  const ofLabels = classes.map((c) => weights[c] as number);
  const weighted = entropy.map((value, row) => value * (ofLabels[row] as number));

  test("a weighted mean divides by the weights of the targets", () => {
    const [mean, sum] = run(
      [
        softmaxCrossEntropy(x, labels, { classWeights }),
        softmaxCrossEntropy(x, labels, { classWeights, reduction: "sum" }),
      ],
      given(),
    );
    expect(sum?.[0]).toBeCloseTo(total(weighted), 12);
    expect(mean?.[0]).toBeCloseTo(total(weighted) / total(ofLabels), 12);
  });

  test("with probabilities it divides by the rows", () => {
    const [mean] = run([softmaxCrossEntropy(x, t, { classWeights })], given(logits, shares));
    const rows = classes.map((_, row) =>
      total(weights.map((w, c) => -w * (shares[row * C + c] as number) * logSoftmaxAt(row, c))),
    );
    expect(mean?.[0]).toBeCloseTo(total(rows) / B, 12);
  });

  test("ignored rows leave the mean", () => {
    const [plain, heavy, nothing] = run(
      [
        softmaxCrossEntropy(x, labels, { ignoreIndex: 3 }),
        nll(x, labels, { ignoreIndex: 3, classWeights }),
        softmaxCrossEntropy(x, labels, { ignoreIndex: 3, reduction: "none" }),
      ],
      given(),
    );
    expect(plain?.[0]).toBeCloseTo(((entropy[1] as number) + (entropy[2] as number)) / 2, 12);
    const scores = -(logits[5] as number) * 0.5 - (logits[14] as number) * 0.25;
    expect(heavy?.[0]).toBeCloseTo(scores / 0.75, 12);
    expect([nothing?.[0], nothing?.[3]]).toEqual([0, 0]);
  });

  test("rows may have several axes", () => {
    const wide = input("wide", [2, 2, C]);
    const wideLabels = input("wideLabels", [2, 2], "i32");
    const all = new Map<Node, ArrayLike<number>>([
      [wide, logits],
      [wideLabels, classes],
    ]);
    const none = softmaxCrossEntropy(wide, wideLabels, { reduction: "none" });
    const [loss] = run([none], all);
    expect(none.shape).toEqual([2, 2]);
    expect(Array.from(loss ?? [])).toEqual(entropy.map((value) => expect.closeTo(value, 12)));
  });

  test("gradients agree with central differences", () => {
    for (const loss of [
      softmaxCrossEntropy(x, labels, { classWeights, labelSmoothing: 0.1 }),
      nll(x, labels, { classWeights, ignoreIndex: 3 }),
    ]) {
      expect(gradientError(loss, [x, classWeights], given())).toBeLessThan(1e-8);
    }
  });

  test("batchMean divides a divergence by the rows", () => {
    const [mean, batchMean] = run(
      [klDivergence(x, t), klDivergence(x, t, { reduction: "batchMean" })],
      given(logShares, shares.toReversed()),
    );
    expect(batchMean?.[0]).toBeCloseTo((mean?.[0] as number) * C, 12);
  });

  test("a target of 0 adds nothing to a divergence, nor a NaN to its gradient", () => {
    const values = given(logShares, [0, ...shares.slice(1)]);
    expect(Number.isFinite(run([klDivergence(x, t)], values)[0]?.[0])).toBe(true);
    expect(gradientError(klDivergence(x, t), [x], values)).toBeLessThan(1e-7);
  });
});

describe("masks and sample weights", () => {
  const mask = input("mask", [B]);
  const sampleWeight = input("sampleWeight", [B]);
  const all = () => given().set(mask, [1, 1, 0, 1]).set(sampleWeight, [2, 1, 5, 0.5]);
  const each = Array.from(logits, (p, i) => (p - (targets[i] as number)) ** 2);
  const rowSum = (row: number) => total(each.slice(row * C, row * C + C));

  test("a masked mean leaves padding out of sum and count", () => {
    const [mean] = run([mse(x, t, { mask })], all());
    expect(mean?.[0]).toBeCloseTo((rowSum(0) + rowSum(1) + rowSum(3)) / (3 * C), 12);
  });

  test("sample weights scale losses, the count stays", () => {
    const [mean] = run([mse(x, t, { mask, sampleWeight })], all());
    expect(mean?.[0]).toBeCloseTo((2 * rowSum(0) + rowSum(1) + 0.5 * rowSum(3)) / (3 * C), 12);
  });

  test("class weights and a mask divide by the weights of the rows that count", () => {
    const [masked, none] = run(
      [
        softmaxCrossEntropy(x, labels, { classWeights, mask }),
        softmaxCrossEntropy(x, labels, { classWeights, reduction: "none" }),
      ],
      all(),
    );
    const kept = [0, 1, 3].map((row) => none?.[row] as number);
    expect(masked?.[0]).toBeCloseTo(total(kept) / (3 + 0.5 + 3), 12);
  });
});

describe("losses as values", () => {
  const FORMS: [Loss, Node, Node][] = [
    [values.mse(), t, mse(x, t)],
    [values.mae(), t, mae(x, t)],
    [values.huber({ delta: 0.7 }), t, huber(x, t, { delta: 0.7 })],
    [values.smoothL1({ beta: 0.7 }), t, smoothL1(x, t, { beta: 0.7 })],
    [values.hinge(), t, hinge(x, t)],
    [values.sigmoidCrossEntropy({ positiveWeight: 2 }), t, sigmoidCrossEntropy(x, t, { positiveWeight: 2 })],
    [values.softmaxCrossEntropy(), labels, softmaxCrossEntropy(x, labels)],
    [values.softmaxCrossEntropy({ classWeights }), labels, softmaxCrossEntropy(x, labels, { classWeights })],
    [values.softmaxCrossEntropy({ ignoreIndex: 3 }), labels, softmaxCrossEntropy(x, labels, { ignoreIndex: 3 })],
    [values.nll({ classWeights }), labels, nll(x, labels, { classWeights })],
    [values.klDivergence({ logTarget: true }), t, klDivergence(x, t, { logTarget: true })],
    [
      values.klDivergence({ logTarget: true, reduction: "batchMean" }),
      t,
      klDivergence(x, t, { logTarget: true, reduction: "batchMean" }),
    ],
  ];
  test.each(FORMS.map(([loss, target, mean]) => [loss.name, loss, target, mean] as const))(
    "%s: Σ loss / Σ weight of the samples is the mean",
    (_, loss, target, mean) => {
      const { loss: each, weight } = loss.perSample(x, target);
      expect(each.shape).toEqual([B]);
      const [losses, counts, expected] = run([each, weight ?? each, mean], given());
      const by = weight ? total(Array.from(counts ?? [])) : B;
      expect(total(Array.from(losses ?? [])) / by).toBeCloseTo(expected?.[0] as number, 12);
    },
  );

  test("binary cross-entropy of probabilities too", () => {
    const { loss } = values.binaryCrossEntropy().perSample(x, t);
    const [losses, mean] = run([loss, binaryCrossEntropy(x, t)], given(shares, shares.toReversed()));
    expect(total(Array.from(losses ?? [])) / B).toBeCloseTo(mean?.[0] as number, 12);
  });

  test("softmax cross-entropy knows which samples are right", () => {
    const accuracy = values.softmaxCrossEntropy().perSample(x, labels).metrics?.accuracy;
    const [right] = run([accuracy as Node], given());
    const best = classes.map((_, row) => {
      const own = Array.from(logits.subarray(row * C, row * C + C));
      return own.indexOf(Math.max(...own));
    });
    expect(Array.from(right ?? [])).toEqual(best.map((c, row) => Number(c === classes[row])));
  });
});

test("penalties add up over parameters", () => {
  const [l1, l2, none] = run([l1Penalty([x, t], 0.1), l2Penalty([x, t], 0.1), l2Penalty([], 1)], given());
  const every = [...logits, ...targets];
  expect(l1?.[0]).toBeCloseTo(0.1 * total(every.map(Math.abs)), 12);
  expect(l2?.[0]).toBeCloseTo(0.1 * total(every.map((v) => v * v)), 12);
  expect(none?.[0]).toBe(0);
});

test.each([
  ["ShapeError: mse: prediction and target have different shapes: [4, 5] and [4]", () => mse(x, input("v", [4]))],
  [
    'OptionError: mae: reduction must be "mean", "sum" or "none": got "avg"',
    () => mae(x, t, { reduction: "avg" as "sum" }),
  ],
  [
    "ShapeError: mse: mask must be f32 with a leading part of the losses' shape [4, 5]: got f32 [5]",
    () => mse(x, t, { mask: input("m", [5]) }),
  ],
  ["OptionError: huber: delta must be a positive number: got 0", () => huber(x, t, { delta: 0 })],
  [
    "ShapeError: softmaxCrossEntropy: logits [… , classes] need class indices […] or probabilities [… , classes]: logits [4, 5], target i32 [5]",
    () => softmaxCrossEntropy(x, input("l", [5], "i32")),
  ],
  [
    "ShapeError: nll: log-probabilities [… , classes] need class indices […]: [4, 5], target f32 [4, 5]",
    () => nll(x, t),
  ],
  ["OptionError: l1Penalty: the factor must be a number, 0 or more: got -1", () => l1Penalty([x], -1)],
])("%s", (message, call) => {
  expect(errorOf(call)).toBe(message);
});

test("a mean over no elements is NaN, as in PyTorch", () => {
  const empty = input("empty", [0, 3]);
  expect(run([reduceLosses("mse", empty, {})], new Map([[empty, []]]))[0]?.[0]).toBeNaN();
});
