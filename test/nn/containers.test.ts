import { expect, test } from "vitest";
import { sizeOf } from "../../src/core/shape.ts";
import { relu } from "../../src/nn/activations.ts";
import { branch, residual } from "../../src/nn/containers.ts";
import { conv2d } from "../../src/nn/conv.ts";
import { foldBatchNorm } from "../../src/nn/fold.ts";
import { constant } from "../../src/nn/initializers.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm } from "../../src/nn/normalization.ts";
import { flatten, serial } from "../../src/nn/serial.ts";
import { errorOf } from "../errorOf.ts";
import { applied } from "./applied.ts";

/** x → value·Σx + 1 in each of `units` places. */
const sums = (units: number, value: number) => linear(units, { weight: constant(value), biasInitializer: constant(1) });

const init = (layer: Layer, input: readonly number[]) => layer.init(input, { seed: 0, nextStream: () => 0 });

test("residual adds x to what its layers make of it", () => {
  const { y, output, shape, parameters, noted } = applied(residual(sums(3, 1), relu()), [2, 3], [1, 2, 3, -4, -5, -6]);
  expect(y).toEqual([8, 9, 10, -4, -5, -6]);
  expect(shape).toEqual([2, 3]);
  expect(output).toEqual([3]);
  expect(Object.keys(parameters)).toEqual(["0.weight", "0.bias"]);
  expect(noted).toEqual({ "0 (linear(3))": [2, 3], "1 (relu)": [2, 3] });
});

test("a shortcut takes x to another shape, with parameters of its own", () => {
  const shortcut = linear(2, { bias: false, weight: constant(10) });
  const { y, output, parameters } = applied(residual({ body: sums(2, 1) }, { shortcut }), [1, 3], [1, 2, 3]);
  expect(y).toEqual([67, 67]);
  expect(output).toEqual([2]);
  expect(Object.keys(parameters)).toEqual(["body.weight", "body.bias", "shortcut.weight"]);
});

test("branch gives each layer the same input and joins the results along the last axis", () => {
  const { y, output, parameters } = applied(
    branch(sums(1, 1), serial(sums(2, 2), relu()), relu()),
    [1, 2, 2],
    [1, 2, -3, -4],
  );
  expect(y).toEqual([4, 7, 7, 1, 2, -6, 0, 0, 0, 0]);
  expect(output).toEqual([2, 5]);
  expect(Object.keys(parameters)).toEqual(["0.weight", "0.bias", "1.0.weight", "1.0.bias"]);
});

test("an Inception block looks at an image through filters of several sizes", () => {
  const block = branch(
    conv2d(8, 1),
    conv2d(8, 3, { padding: "same" }),
    serial(conv2d(2, 1), conv2d(4, 5, { padding: "same" })),
  );
  const { shape, output } = applied(block, [1, 6, 6, 3], Array(108).fill(1));
  expect(shape).toEqual([1, 6, 6, 20]);
  expect(output).toEqual([6, 6, 20]);
});

test("a residual block of convolutions takes a 1×1 convolution as its shortcut", () => {
  const block = residual(conv2d(8, 3, { padding: "same", stride: 2 }), relu(), conv2d(8, 3, { padding: "same" }), {
    shortcut: conv2d(8, 1, { stride: 2 }),
  });
  expect(applied(block, [2, 6, 6, 3], Array(216).fill(1)).shape).toEqual([2, 3, 3, 8]);
});

test("init notes each inner layer with its full path and shapes, inner layers first", () => {
  const seen: string[] = [];
  const model = serial({ flat: flatten(), block: residual(linear(6), serial(relu(), linear(6))), head: linear(2) });
  model.init([2, 3], {
    seed: 0,
    nextStream: () => 0,
    note: ({ path, layer, input, output, params }) =>
      seen.push(`${path} ${layer.name} [${input}] [${output}] ${Object.keys(params)}`),
  });
  expect(seen).toEqual([
    "flat flatten [2,3] [6] ",
    "block.0 linear(6) [6] [6] weight,bias",
    "block.1.0 relu [6] [6] ",
    "block.1.1 linear(6) [6] [6] weight,bias",
    "block.1 serial [6] [6] 1",
    "block residual [6] [6] 0,1",
    "head linear(2) [6] [2] weight,bias",
  ]);
});

test("containers show what is inside, in chains that run beside each other", () => {
  const chains = ({ inner }: Layer) =>
    inner?.chains.map((chain) => chain.map(([name, layer]) => `${name} ${layer.name}`));
  expect(chains(serial(relu(), linear(1)))).toEqual([["0 relu", "1 linear(1)"]]);
  expect(chains(branch({ left: relu(), right: linear(1) }))).toEqual([["left relu"], ["right linear(1)"]]);
  expect(chains(residual(linear(1), relu(), { shortcut: linear(1) }))).toEqual([
    ["0 linear(1)", "1 relu"],
    ["shortcut linear(1)"],
  ]);
});

test("batch norms fold into the convolutions before them, inside containers too, and the result stays", () => {
  const model = serial(
    residual(conv2d(2, 3, { padding: "same" }), batchNorm(), { shortcut: serial(conv2d(2, 1), batchNorm()) }),
    branch({ one: serial(conv2d(3, 1, { bias: false }), batchNorm()), norm: batchNorm() }),
  );
  const x = Array.from({ length: 2 * 4 * 4 * 2 }, (_, i) => Math.sin(i));
  const before = applied(model, [2, 4, 4, 2], x);
  const given = Object.fromEntries(
    before.leaves.map(({ path, leaf: { shape } }, k) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 1 + 0.5 * Math.sin(i + 3 * k));
      return [path, { shape, data }];
    }),
  );
  const folded = foldBatchNorm(model, given);
  expect(Object.keys(folded.weights)).toEqual([
    "0.0.weight",
    "0.0.bias",
    "0.shortcut.0.weight",
    "0.shortcut.0.bias",
    "1.one.0.weight",
    "1.one.0.bias",
    "1.norm.weight",
    "1.norm.bias",
    "1.norm.runningMean",
    "1.norm.runningVariance",
  ]);
  const [expected, got] = [
    applied(model, [2, 4, 4, 2], x, given).y,
    applied(folded.model, [2, 4, 4, 2], x, folded.weights).y,
  ];
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 4);
  });
});

test.each<[() => unknown, string]>([
  [() => serial(), "OptionError: serial: there is no layer"],
  [() => branch(), "OptionError: branch: there is no layer"],
  [() => residual(), "OptionError: residual: there is no layer"],
  [() => residual(3 as unknown as Layer), "OptionError: residual: layer 0 is not a layer: number"],
  [() => branch({ "a.b": relu() }), `OptionError: branch: a layer's name must not contain a dot: "a.b"`],
  [
    () => residual(relu(), { short: relu() } as object),
    `OptionError: residual: unknown option "short". Options: shortcut`,
  ],
  [
    () => residual({ shortcut: relu() }, { shortcut: relu() }),
    'OptionError: residual: two layers have the name "shortcut": it belongs to the option',
  ],
  [
    () => init(serial(relu(), residual(relu(), linear(4))), [3]),
    "ShapeError: residual (layer 1): shapes to add differ: x is [3], layer 1 linear(4) gives [4]. Pass { shortcut: nn.linear(4) }",
  ],
  [
    () => init(serial({ block: residual(flatten()) }), [8, 8, 3]),
    'ShapeError: residual (layer block): shapes to add differ: x is [8, 8, 3], layer 0 flatten gives [192]. Use padding "same", or a shortcut that gives [192]',
  ],
  [
    () => init(residual(linear(4), { shortcut: linear(5) }), [8, 8, 3]),
    "ShapeError: residual: shapes to add differ: the shortcut gives [8, 8, 5], layer 0 linear(4) gives [8, 8, 4]. Pass { shortcut: nn.conv2d(4, 1) }",
  ],
  [
    () => init(serial(relu(), residual(conv2d(8, 3))), [28, 28, 8]),
    'ShapeError: residual (layer 1): shapes to add differ: x is [28, 28, 8], layer 0 conv2d(8, 3×3) gives [26, 26, 8]. Use padding "same", or a shortcut that gives [26, 26, 8]',
  ],
  [
    () => init(serial(relu(), branch(conv2d(8, 1), conv2d(8, 3))), [28, 28, 8]),
    'ShapeError: branch (layer 1): results do not join along the last axis: layer 0 conv2d(8, 1×1) gives [28, 28, 8], layer 1 conv2d(8, 3×3) gives [26, 26, 8]. Use padding "same" and equal strides',
  ],
  [
    () => init(serial(branch({ wide: linear(4), flat: flatten() })), [8, 8, 3]),
    'ShapeError: branch (layer 0): results do not join along the last axis: layer wide linear(4) gives [8, 8, 4], layer flat flatten gives [192]. Use padding "same" and equal strides',
  ],
  [
    () => init(serial(branch(relu(), serial(relu(), linear(4)))), []),
    "ShapeError: linear (layer 0.1.1): an example has no axis to work on: []",
  ],
])("%s throws", (call, message) => {
  expect(errorOf(call)).toBe(message);
});
