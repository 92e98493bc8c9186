// Folding on the reference: every layer that absorbs, in every container.
import { expect, test } from "vitest";
import { leavesOf, treeOf } from "../../src/core/tree.ts";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { relu } from "../../src/nn/activations.ts";
import { branch, residual } from "../../src/nn/containers.ts";
import { conv1d, conv2d, convTranspose2d, depthwiseConv2d } from "../../src/nn/conv.ts";
import { foldBatchNorm } from "../../src/nn/fold.ts";
import { freeze } from "../../src/nn/freeze.ts";
import { isParameter, type Layer, type NodeTree, type Parameter } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm } from "../../src/nn/normalization.ts";
import { reshape, serial } from "../../src/nn/serial.ts";
import { fill, input } from "../../src/ops/constant.ts";

const CASES: readonly [name: string, input: readonly number[], model: Layer, paths: string][] = [
  ["dense", [5], serial(linear(4), batchNorm()), "0.weight 0.bias"],
  ["two in a row", [5], serial(linear(4), batchNorm(), batchNorm({ affine: false })), "0.weight 0.bias"],
  ["no bias before", [7, 3], serial(conv1d(4, 3, { bias: false }), batchNorm()), "0.weight 0.bias"],
  ["groups", [6, 6, 4], serial(conv2d(6, 3, { groups: 2 }), batchNorm(), relu()), "0.weight 0.bias"],
  ["depthwise", [6, 6, 3], serial(depthwiseConv2d(3, { multiplier: 2 }), batchNorm()), "0.weight 0.bias"],
  ["transposed", [3, 3, 4], serial(convTranspose2d(6, 3, { groups: 2, stride: 2 }), batchNorm()), "0.weight 0.bias"],
  ["frozen", [5], serial(freeze(linear(4)), freeze(batchNorm())), "0.weight 0.bias"],
  [
    "residual",
    [4, 4, 2],
    residual(conv2d(3, 1), batchNorm(), relu(), { shortcut: serial(conv2d(3, 1), batchNorm()) }),
    "0.weight 0.bias shortcut.0.weight shortcut.0.bias",
  ],
  [
    "branch",
    [4, 4, 2],
    branch(serial(conv2d(3, 1), batchNorm()), batchNorm()),
    "0.0.weight 0.0.bias 1.weight 1.bias 1.runningMean 1.runningVariance",
  ],
  [
    "nothing to fold into",
    [6],
    serial(batchNorm(), reshape([2, 3]), batchNorm()),
    "0.weight 0.bias 0.runningMean 0.runningVariance 2.weight 2.bias 2.runningMean 2.runningVariance",
  ],
];

type Weights = Record<string, { shape: readonly number[]; data: Float32Array }>;

/** First parameters, shaken so that no statistic or scale is plain. */
function weightsOf(model: Layer, shape: readonly number[]): Weights {
  let stream = 0;
  const { params } = model.init(shape, { seed: 1, nextStream: () => stream++ });
  const leaves = leavesOf<Parameter>(params, isParameter);
  return Object.fromEntries(
    leaves.map(({ path, leaf }) => [
      path,
      { shape: leaf.shape, data: leaf.data.map((value, i) => value + 0.3 * Math.sin(i * 7 + path.length) + 0.1) },
    ]),
  );
}

function predict(model: Layer, weights: Weights, shape: readonly number[]): Values {
  const x = input("x", [3, ...shape]);
  const leaves = Object.entries(weights).map(([path, weight]) => [path, input(path, weight.shape)] as const);
  const y = model.apply(treeOf(leaves) as NodeTree, x, {
    training: false,
    random: () => ({ seed: 0, stream: 0, counter: fill([], 0, "u32") }),
  });
  const given = new Map<Node, Values>(
    leaves.map(([path, leaf]) => [leaf, Float64Array.from(weights[path]?.data as Float32Array)]),
  );
  const size = x.shape.reduce((product, extent) => product * extent, 1);
  given.set(
    x,
    Float64Array.from({ length: size }, (_, i) => Math.sin(i * 1.7)),
  );
  return evaluate([y], (leaf) => given.get(leaf) as Values)[0] as Values;
}

test.each(CASES)("%s", (_, shape, model, paths) => {
  const weights = weightsOf(model, shape);
  const folded = foldBatchNorm(model, weights);
  expect(Object.keys(folded.weights).join(" ")).toBe(paths);
  expect(Object.keys(weightsOf(folded.model, shape)).join(" ")).toBe(paths);
  const [before, after] = [predict(model, weights, shape), predict(folded.model, folded.weights as Weights, shape)];
  const size = Math.max(...before.map(Math.abs));
  expect(Math.max(...before.map((value, i) => Math.abs(value - (after[i] as number))))).toBeLessThan(1e-6 * size);
});

test("missing weights are named", () => {
  const model = serial(linear(4), batchNorm());
  const { ["1.runningMean"]: _, ...weights } = weightsOf(model, [5]);
  expect(() => foldBatchNorm(model, weights)).toThrow(
    /^foldBatchNorm: parameter "runningMean" of a batch norm is missing/,
  );
});
