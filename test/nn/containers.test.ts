import { expect, test } from "vitest";
import { relu } from "../../src/nn/activations.ts";
import { branch, residual } from "../../src/nn/containers.ts";
import { conv2d } from "../../src/nn/conv.ts";
import { constant } from "../../src/nn/initializers.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
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

test("containers show what is inside", () => {
  const names = ({ layers = [] }: Layer) => layers.map(([name, layer]) => `${name} ${layer.name}`);
  expect(names(serial(relu(), linear(1)))).toEqual(["0 relu", "1 linear(1)"]);
  expect(names(branch({ left: relu(), right: linear(1) }))).toEqual(["left relu", "right linear(1)"]);
  expect(names(residual(linear(1), { shortcut: relu() }))).toEqual(["0 linear(1)", "shortcut relu"]);
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
