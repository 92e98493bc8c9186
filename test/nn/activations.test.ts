import { expect, test } from "vitest";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node } from "../../src/graph/node.ts";
import * as activations from "../../src/nn/activations.ts";
import type { Layer, NodeTree, Parameter } from "../../src/nn/layer.ts";
import { input } from "../../src/ops/constant.ts";

const X = Float64Array.of(-2, -0.5, 0, 0.5, 1, 7);

/** A layer's output for X as one example of two rows. */
function apply(layer: Layer): number[] {
  const x = input("x", [1, 2, 3]);
  const { params, output } = layer.init([2, 3], { seed: 0, nextStream: () => 0 });
  expect(output).toEqual([2, 3]);
  const given = new Map<Node, Float64Array>([[x, X]]);
  const leaves = Object.entries(params).map(([name, parameter]) => {
    const { shape, data } = parameter as Parameter;
    const leaf = input(name, shape);
    given.set(leaf, Float64Array.from(data));
    return [name, leaf] as const;
  });
  const y = layer.apply(Object.fromEntries(leaves) as NodeTree, x, {
    training: false,
    random: () => ({ seed: 0, stream: 0, counter: input("counter", [], "u32") }),
  });
  return [...(evaluate([y], (leaf) => given.get(leaf) as Float64Array)[0] as Float64Array)];
}

const each = (of: (x: number) => number) => [...X].map(of);

test.each<[string, Layer, number[]]>([
  ["relu", activations.relu(), each((x) => Math.max(x, 0))],
  ["relu6", activations.relu6(), each((x) => Math.min(Math.max(x, 0), 6))],
  ["leakyRelu", activations.leakyRelu(0.1), each((x) => (x > 0 ? x : 0.1 * x))],
  ["elu", activations.elu(2), each((x) => (x > 0 ? x : 2 * Math.expm1(x)))],
  ["celu", activations.celu(2), each((x) => (x > 0 ? x : 2 * Math.expm1(x / 2)))],
  ["sigmoid", activations.sigmoid(), each((x) => 1 / (1 + Math.exp(-x)))],
  ["tanh", activations.tanh(), each(Math.tanh)],
  ["softplus", activations.softplus(), each((x) => Math.log1p(Math.exp(x)))],
  ["softsign", activations.softsign(), each((x) => x / (1 + Math.abs(x)))],
  ["silu", activations.silu(), each((x) => x / (1 + Math.exp(-x)))],
  ["hardTanh", activations.hardTanh(-1, 2), each((x) => Math.min(Math.max(x, -1), 2))],
  ["prelu", activations.prelu(), each((x) => (x > 0 ? x : 0.25 * x))],
  ["prelu per channel", activations.prelu({ perChannel: true, slope: 0.5 }), each((x) => (x > 0 ? x : 0.5 * x))],
])("%s applies its function", (_, layer, expected) => {
  for (const [i, value] of apply(layer).entries()) expect(value).toBeCloseTo(expected[i] as number, 12);
});

test("every activation layer keeps the shape, and only prelu has a parameter", () => {
  for (const [name, make] of Object.entries(activations)) {
    const { params, output } = make().init([2, 3], { seed: 0, nextStream: () => 0 });
    expect([name, Object.keys(params), output]).toEqual([name, name === "prelu" ? ["slope"] : [], [2, 3]]);
  }
});

test("softmax over the last axis makes rows that add up to 1", () => {
  const y = apply(activations.softmax());
  expect((y[0] as number) + (y[1] as number) + (y[2] as number)).toBeCloseTo(1, 12);
});

test("softmax refuses an example that is one number", () => {
  expect(() => activations.softmax().init([], { seed: 0, nextStream: () => 0 })).toThrow(
    "softmax: an example has no axis to work on: []",
  );
});
