import { expect, test } from "vitest";
import { RECIPES } from "../../src/cli/start/models.ts";
import { relu } from "../../src/nn/activations.ts";
import { branch, residual } from "../../src/nn/containers.ts";
import { conv2d } from "../../src/nn/conv.ts";
import { freeze } from "../../src/nn/freeze.ts";
import type { Initializer } from "../../src/nn/initializers.ts";
import type { Layer, Parameter } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm } from "../../src/nn/normalization.ts";
import { dropout, flatten, serial } from "../../src/nn/serial.ts";
import { countParameters, summary } from "../../src/nn/summary.ts";
import { errorOf } from "../errorOf.ts";

const mlp = () => serial(flatten(), linear(128), relu(), dropout(0.5), linear(10));

test("a summary counts parameters and multiply-adds of each layer and of all", () => {
  const { rows, parameters, trainable, multiplyAdds, output } = summary(mlp(), [28, 28, 1]);
  expect(rows.map((row) => [row.path, row.name, row.output, row.parameters, row.multiplyAdds])).toEqual([
    ["0", "flatten", [784], 0, 0],
    ["1", "linear(128)", [128], 100_480, 100_352],
    ["2", "relu", [128], 0, 0],
    ["3", "dropout(0.5)", [128], 0, 0],
    ["4", "linear(10)", [10], 1290, 1280],
  ]);
  expect({ parameters, trainable, multiplyAdds, output }).toEqual({
    parameters: 101_770,
    trainable: 101_770,
    multiplyAdds: 101_632,
    output: [10],
  });
  expect(countParameters(mlp(), [28, 28, 1])).toBe(101_770);
});

test("the convolutional network of npm start has the parameters and multiply-adds that one works out by hand", () => {
  const { rows, parameters, multiplyAdds } = summary(RECIPES.cnn.model(), [28, 28, 1]);
  const counted = rows.filter((row) => row.parameters > 0);
  expect(counted.map((row) => [row.name, row.output, row.parameters, row.multiplyAdds])).toEqual([
    ["conv2d(8, 5×5)", [24, 24, 8], 208, 115_200],
    ["conv2d(16, 5×5)", [8, 8, 16], 3216, 204_800],
    ["linear(128)", [128], 32_896, 32_768],
    ["linear(10)", [10], 1290, 1280],
  ]);
  expect({ parameters, multiplyAdds }).toEqual({ parameters: 37_610, multiplyAdds: 354_048 });
});

test("running statistics and frozen layers are not trainable", () => {
  const model = serial(conv2d(4, 3), batchNorm(), freeze(serial(flatten(), linear(2))));
  const { rows, parameters, trainable } = summary(model, [4, 4, 1]);
  expect(rows.map((row) => [row.path, row.name, row.parameters, row.trainable])).toEqual([
    ["0", "conv2d(4, 3×3)", 40, 40],
    ["1", "batchNorm", 16, 8],
    ["2.0", "flatten", 0, 0],
    ["2.1", "linear(2)", 34, 0],
  ]);
  expect({ parameters, trainable }).toEqual({ parameters: 90, trainable: 48 });
});

test("print gives a table", () => {
  expect(summary(mlp(), [28, 28, 1]).print()).toBe(
    [
      "   layer         output       parameters  multiply-adds",
      "   input         [28, 28, 1]",
      "0  flatten       [784]                 0              0",
      "1  linear(128)   [128]           100,480        100,352",
      "2  relu          [128]                 0              0",
      "3  dropout(0.5)  [128]                 0              0",
      "4  linear(10)    [10]              1,290          1,280",
      "───────────────────────────────────────────────────────",
      "   total                         101,770        101,632",
    ].join("\n"),
  );
});

test("of containers the layers inside are shown, by their paths", () => {
  const model = serial({
    block: residual(linear(6), { shortcut: linear(6, { bias: false }) }),
    views: branch(linear(2), serial(linear(3), relu())),
  });
  const { rows, output } = summary(model, [5, 4]);
  expect(rows.map(({ path, name, output: to, parameters }) => [path, name, to, parameters])).toEqual([
    ["block.0", "linear(6)", [5, 6], 30],
    ["block.shortcut", "linear(6)", [5, 6], 24],
    ["views.0", "linear(2)", [5, 2], 14],
    ["views.1.0", "linear(3)", [5, 3], 21],
    ["views.1.1", "relu", [5, 3], 0],
  ]);
  expect(output).toEqual([5, 5]);
});

test("a model may be a single layer", () => {
  const { rows, parameters } = summary(linear(3), [4]);
  expect(rows).toEqual([{ path: "", name: "linear(3)", output: [3], parameters: 15, trainable: 15, multiplyAdds: 12 }]);
  expect(parameters).toBe(15);
});

test("parameters that no gradient moves have a column of their own", () => {
  const mean: Parameter = { shape: [4], data: new Float32Array(4), isTrainable: false };
  const keeper: Layer = { name: "keeper", init: (input) => ({ params: { mean }, output: input }), apply: (_, x) => x };
  const { trainable, print } = summary(serial(keeper, linear(2)), [4]);
  expect(trainable).toBe(10);
  expect(print()).toContain("0  keeper     [4]              4          0              0");
});

test("nothing is drawn", () => {
  const never: Initializer = () => {
    throw new Error("drawn");
  };
  expect(countParameters(linear(1000, { weight: never }), [1_000_000])).toBe(1_000_001_000);
});

test("a model that does not fit is refused with the layer's path", () => {
  expect(errorOf(() => summary(serial(relu(), serial(linear(2))), []))).toBe(
    "ShapeError: linear (layer 1.0): an example has no axis to work on: []",
  );
});
