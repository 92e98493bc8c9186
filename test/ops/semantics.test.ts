// What the ops mean, on numbers that can be checked by hand. Where conventions differ, PyTorch's hold.
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node } from "../../src/graph/node.ts";
import { celu, elu, leakyRelu, relu, relu6 } from "../../src/ops/activation.ts";
import { argmax, argmin } from "../../src/ops/arg.ts";
import { cast } from "../../src/ops/arithmetic.ts";
import { tile, transpose } from "../../src/ops/arrange.ts";
import { maximum, minimum, pow } from "../../src/ops/binary.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { constant, fill } from "../../src/ops/constant.ts";
import { cumprod, cumsum } from "../../src/ops/cumulative.ts";
import { clamp, gelu, hardSwish, hardTanh } from "../../src/ops/gated.ts";
import { gather, oneHot, scatterAdd } from "../../src/ops/gather.ts";
import { concat, pad, stack } from "../../src/ops/join.ts";
import { flip, slice } from "../../src/ops/layout.ts";
import { logSumExp, max, mean, min, normL2, prod, std, variance } from "../../src/ops/reduce.ts";
import { abs, round, sign } from "../../src/ops/unary.ts";
import { autodiff } from "../../src/passes/autodiff.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const given = new WeakMap<Node, readonly number[]>();

/** A tensor of these numbers; nested arrays have as many axes. */
function tensor(values: readonly (number | readonly number[])[], dtype: "f32" | "i32" = "f32"): Node {
  const flat = values.flat();
  const nested = values.map((row) => (typeof row === "number" ? [] : [row.length]))[0] ?? [];
  const node = constant(flat, [values.length, ...nested], dtype);
  given.set(node, flat);
  return node;
}

const read = (node: Node): number[] => [
  ...(evaluate([node], (leaf) => Float64Array.from(given.get(leaf) ?? []))[0] ?? []),
];

/** dy/dx for dy = 1 everywhere. */
function slopes(call: (x: Node) => Node, values: readonly number[]): number[] {
  const x = tensor(values);
  const y = call(x);
  const [gradient] = autodiff(y, fill(y.shape, 1), [x]);
  return gradient ? read(gradient) : values.map(() => 0);
}

describe("at kinks, gradients are PyTorch's", () => {
  const cases: Record<string, [(x: Node) => Node, readonly number[], readonly number[]]> = {
    abs: [abs, [-2, 0, 3], [-1, 0, 1]],
    relu: [relu, [-1, 0, 2], [0, 0, 1]],
    relu6: [relu6, [0, 3, 6, 7], [0, 1, 0, 0]],
    leakyRelu: [(x) => leakyRelu(x, { alpha: 0.1 }), [-1, 0, 1], [0.1, 0.1, 1]],
    elu: [(x) => elu(x, { alpha: 2 }), [0, 1], [2, 1]],
    celu: [(x) => celu(x, { alpha: 2 }), [0, 1], [1, 1]],
    hardTanh: [hardTanh, [-1, 0, 1], [0, 1, 0]],
    hardSwish: [hardSwish, [-4, -3, 0, 3, 4], [0, -0.5, 0.5, 1.5, 1]],
    clamp: [(x) => clamp(x, { min: -1, max: 1 }), [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]],
    sign: [sign, [-1, 0, 1], [0, 0, 0]],
    round: [round, [0.5, 1], [0, 0]],
    "pow by 0": [(x) => pow(x, fill([2], 0)), [0, 2], [0, 0]],
    "maximum of equals": [(x) => maximum(x, tensor([1, 1, 1])), [0, 1, 2], [0, 0.5, 1]],
    "minimum of equals": [(x) => minimum(x, tensor([1, 1, 1])), [0, 1, 2], [1, 0.5, 0]],
    "max of equals": [(x) => max(x), [1, 3, 3, 2], [0, 0.5, 0.5, 0]],
    "min of equals": [(x) => min(x), [5, 5, 5, 5], [0.25, 0.25, 0.25, 0.25]],
    "prod with a zero": [(x) => prod(x), [2, 0, 3, 4], [0, 24, 0, 0]],
    "prod with two zeros": [(x) => prod(x), [2, 0, 0], [0, 0, 0]],
    "std of equals": [(x) => std(x), [3, 3, 3], [0, 0, 0]],
    "the norm of nothing but zeros": [(x) => normL2(x), [0, 0], [0, 0]],
    "logSumExp with −∞": [(x) => logSumExp(x), [-infinity, 0, 0], [0, 0.5, 0.5]],
    "logSumExp of −∞ alone": [(x) => logSumExp(x), [-infinity, -infinity], [0, 0]],
    "an index used twice": [(x) => gather(x, tensor([2, 0, 2, -1], "i32")), [1, 2, 3], [1, 0, 3]],
    "a padding that mirrors": [(x) => pad(x, [[2, 1]], { mode: "reflect" }), [1, 2, 3], [1, 3, 2]],
  };
  for (const [name, [call, values, expected]] of Object.entries(cases)) {
    test(name, () => expect(slopes(call, values)).toEqual(expected));
  }
});

describe("NaN and infinities", () => {
  test("NaN stays NaN in what picks or limits", () => {
    const x = tensor([nan, 1]);
    expect(read(relu(x))).toEqual([nan, 1]);
    expect(read(clamp(x, { min: 2, max: 3 }))).toEqual([nan, 2]);
    expect(read(maximum(x, tensor([1, nan])))).toEqual([nan, nan]);
    expect(read(max(x))).toEqual([nan]);
    expect(read(min(x))).toEqual([nan]);
    expect(read(argmax(tensor([1, nan, 3])))).toEqual([1]);
    expect(read(cast(x, "i32"))).toEqual([0, 1]);
  });
  test("exact gelu of −∞ is NaN, as x · Φ(x) says", () =>
    expect(read(gelu(tensor([-infinity, infinity])))).toEqual([nan, infinity]));
  test("logSumExp of −∞ alone is −∞", () =>
    expect(read(logSumExp(tensor([-infinity, -infinity])))).toEqual([-infinity]));
});

test("a reduction over nothing gives its neutral element", () => {
  const nothing = tensor([]);
  const all = [sum, prod, max, min, mean, variance, logSumExp].map((reduce) => read(reduce(nothing))[0]);
  expect(all).toEqual([0, 1, -infinity, infinity, nan, nan, -infinity]);
  expect(max(fill([2, 0, 3], 0), 1, { keepDims: true }).shape).toEqual([2, 1, 3]);
});

test("variance divides by n − 1 unless told otherwise", () => {
  const x = tensor([1, 2, 3, 4]);
  expect(read(variance(x))).toEqual([5 / 3]);
  expect(read(variance(x, 0, { correction: 0 }))).toEqual([1.25]);
  expect(read(variance(tensor([1])))).toEqual([nan]);
});

test("positions of extremes count along all reduced axes, and the first of equals wins unless the last is asked for", () => {
  const x = tensor([
    [1, 3, 3],
    [3, 0, 0],
  ]);
  expect(read(argmax(x))).toEqual([1]);
  expect(read(argmax(x, undefined, { selectLastIndex: true }))).toEqual([3]);
  expect(read(argmax(x, 1))).toEqual([1, 0]);
  expect(read(argmin(x, 0))).toEqual([0, 1, 1]);
  expect(argmax(x, 1, { keepDims: true }).shape).toEqual([2, 1]);
  expect(argmax(x).dtype).toBe("i32");
});

test("halves round to the even neighbour", () => {
  expect(read(round(tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])))).toEqual([-2, -2, 0, 0, 2, 2]);
});

test("slices are NumPy's", () => {
  const x = tensor([0, 1, 2, 3, 4, 5]);
  expect(read(slice(x, [1], [-1], [2]))).toEqual([1, 3]);
  expect(read(slice(x, [-2]))).toEqual([4, 5]);
  expect(read(slice(x, [], [], [-2]))).toEqual([5, 3, 1]);
  expect(read(slice(x, [4], [1], [-1]))).toEqual([4, 3, 2]);
  expect(slice(x, [3], [3]).shape).toEqual([0]);
  expect(read(flip(x))).toEqual([5, 4, 3, 2, 1, 0]);
});

test("a slice that is one contiguous run says where it starts", () => {
  const startOf = (node: Node) => node.op.pointwise?.startsAt?.(node.inputs, node.attrs);
  const x = constant(new Array(60).fill(0), [4, 3, 5]);
  expect(startOf(slice(x, [1], [3]))).toBe(15);
  expect(startOf(slice(x, [2, 1], [3, 3]))).toBe(35);
  expect(startOf(slice(x, [2, 1, 4], [3, 2, 5]))).toBe(39);
  expect(startOf(slice(x, [0, 1], [4, 2]))).toBeUndefined();
  expect(startOf(slice(x, [3], [1], [-1]))).toBeUndefined();
});

test("paddings mirror with and without the border", () => {
  const x = tensor([1, 2, 3]);
  expect(read(pad(x, [[2, 1]], { value: 9 }))).toEqual([9, 9, 1, 2, 3, 9]);
  expect(read(pad(x, [[2, 1]], { mode: "edge" }))).toEqual([1, 1, 1, 2, 3, 3]);
  expect(read(pad(x, [[2, 1]], { mode: "reflect" }))).toEqual([3, 2, 1, 2, 3, 2]);
  expect(read(pad(x, [[2, 1]], { mode: "symmetric" }))).toEqual([2, 1, 1, 2, 3, 3]);
});

test("joins, transposes and repeats", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(read(concat([x, x], 1))).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  expect(read(stack([tensor([1, 2]), tensor([3, 4])], 1))).toEqual([1, 3, 2, 4]);
  expect(read(transpose(x))).toEqual([1, 3, 2, 4]);
  expect(read(tile(x, [2, 1]))).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
});

test("indices count from the end when negative, stop at the ends, and add up when repeated", () => {
  const x = tensor([10, 20, 30]);
  expect(read(gather(x, tensor([0, -1, 7, -7], "i32")))).toEqual([10, 30, 30, 10]);
  expect(read(scatterAdd(x, tensor([1, 1, -1], "i32"), tensor([1, 2, 3])))).toEqual([10, 23, 33]);
  expect(read(oneHot(tensor([2, 0, 3], "i32"), 3))).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0]);
});

test("sums and products so far", () => {
  const x = tensor([1, 2, 3, 4]);
  expect(read(cumsum(x, 0))).toEqual([1, 3, 6, 10]);
  expect(read(cumsum(x, 0, { exclusive: true }))).toEqual([0, 1, 3, 6]);
  expect(read(cumsum(x, 0, { reverse: true }))).toEqual([10, 9, 7, 4]);
  expect(read(cumprod(x, 0, { exclusive: true, reverse: true }))).toEqual([24, 12, 4, 1]);
});
