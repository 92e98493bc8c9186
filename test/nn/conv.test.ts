// Layers of convolutions: shapes and parameters as they follow from the example, and what is refused before anything is drawn or compiled.
import { expect, test } from "vitest";
import { leavesOf } from "../../src/core/tree.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { relu } from "../../src/nn/activations.ts";
import { conv1d, conv2d, convTranspose2d, depthwiseConv2d } from "../../src/nn/conv.ts";
import { isParameter, type Layer, type Parameter } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { avgPool2d, maxPool2d } from "../../src/nn/pool.ts";
import { flatten, serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { errorOf, rejectionOf } from "../errorOf.ts";

let stream = 0;
const init = (layer: Layer, input: readonly number[]) => layer.init(input, { seed: 1, nextStream: () => stream++ });
const shapesOf = (layer: Layer, input: readonly number[]) =>
  leavesOf<Parameter>(init(layer, input).params, isParameter).map(
    ({ path, leaf }) => `${path} ${leaf.shape.join("×")}`,
  );

test.each<[string, Layer, readonly number[], readonly number[], string[]]>([
  ["valid", conv2d(8, 5), [28, 28, 1], [24, 24, 8], ["weight 5×5×1×8", "bias 8"]],
  [
    "same, stride 2",
    conv2d(4, [3, 2], { padding: "same", stride: 2 }),
    [7, 6, 3],
    [4, 3, 4],
    ["weight 3×2×3×4", "bias 4"],
  ],
  ["grouped, no bias", conv2d(6, 3, { groups: 2, bias: false }), [5, 5, 4], [3, 3, 6], ["weight 3×3×2×6"]],
  ["depthwise", depthwiseConv2d(3, { multiplier: 2 }), [5, 5, 4], [3, 3, 8], ["weight 3×3×1×8", "bias 8"]],
  ["sequence", conv1d(6, 3, { padding: [[2, 0]] }), [10, 4], [10, 6], ["weight 3×4×6", "bias 6"]],
  [
    "transposed",
    convTranspose2d(8, 3, { stride: 2, padding: "same" }),
    [7, 7, 16],
    [14, 14, 8],
    ["weight 3×3×8×16", "bias 8"],
  ],
])("%s", (_, layer, input, output, parameters) => {
  expect(init(layer, input).output).toEqual(output);
  expect(shapesOf(layer, input)).toEqual(parameters);
});

test("filters start with the variance that their fans ask for", () => {
  const variance = (layer: Layer, input: readonly number[]) => {
    const { data } = init(layer, input).params["weight"] as Parameter;
    return data.reduce((sum, x) => sum + x * x, 0) / data.length;
  };
  expect(variance(conv2d(64, 3), [9, 9, 32])).toBeCloseTo(2 / (9 * (32 + 64)), 3);
  expect(variance(convTranspose2d(64, 3), [9, 9, 32])).toBeCloseTo(2 / (9 * (32 + 64)), 3);
});

test("a layer says how many multiplications an example takes", () => {
  const count = (layer: Layer, input: readonly number[]) => layer.multiplyAdds?.(input, init(layer, input).output);
  expect(count(conv2d(8, 5), [28, 28, 1])).toBe(24 * 24 * 8 * 25);
  expect(count(conv2d(16, 5), [12, 12, 8])).toBe(8 * 8 * 16 * 200);
  expect(count(depthwiseConv2d(3), [5, 5, 4])).toBe(3 * 3 * 4 * 9);
  expect(count(conv1d(6, 3), [10, 4])).toBe(8 * 6 * 12);
  expect(count(convTranspose2d(8, 3, { stride: 2 }), [7, 7, 16])).toBe(7 * 7 * 16 * 9 * 8);
});

test.each<[string, () => Layer, readonly number[], string]>([
  [
    "a filter larger than its image",
    () => serial(conv2d(8, 3), relu(), conv2d(8, 5)),
    [6, 6, 1],
    'ShapeError: conv2d (layer 2): filter 5×5 is larger than its padded input 4×4. Use padding "same" or a smaller filter',
  ],
  [
    "groups that do not divide the channels",
    () => serial(conv2d(6, 3), conv2d(8, 3, { groups: 4 })),
    [9, 9, 3],
    "ShapeError: conv2d (layer 1): 4 groups do not divide 6 channels into 8: [1, 7, 7, 6] with filter [3, 3, 1, 8]. Use a divisor of both",
  ],
  [
    "no channels",
    () => serial(relu(), conv2d(8, 5)),
    [28, 28],
    "ShapeError: conv2d (layer 1): an example must be [height, width, channels]: got [28, 28]. Use nn.reshape([28, 28, 1]) before it",
  ],
  [
    "numbers in a row",
    () => serial({ first: conv2d(8, 5) }),
    [784],
    "ShapeError: conv2d (layer first): an example must be [height, width, channels]: got [784]. Use nn.reshape([28, 28, 1]) before it",
  ],
  [
    "a pool larger than its image",
    () => serial(conv2d(8, 5), maxPool2d(2), serial(avgPool2d(9))),
    [20, 20, 1],
    'ShapeError: avgPool2d (layer 2.0): window 9×9 is larger than its padded input 8×8. Use padding "same" or a smaller window',
  ],
])("%s is refused by name before anything is compiled", async (_, model, input, message) => {
  const given = { input, loss: softmaxCrossEntropy(), optimizer: adam(1e-3) };
  expect(await rejectionOf(createTrainer(new CpuDevice(), serial(model(), flatten(), linear(10)), given))).toBe(
    message.replace("(layer ", "(layer 0."),
  );
});

test("options that cannot be meant are refused", () => {
  expect(errorOf(() => conv2d(0, 3))).toBe("OptionError: conv2d: filters must be a whole number from 1 on: got 0");
  expect(errorOf(() => conv2d(8, [3, 3, 3]))).toBe(
    "OptionError: conv2d: the filter's size must be a number or a list of 2: got [3, 3, 3]",
  );
  expect(errorOf(() => init(conv2d(8, 3, { stride: 0 }), [9, 9, 1]))).toBe(
    "OptionError: conv2d: stride must be a whole number from 1 on: got 0",
  );
  expect(errorOf(() => init(conv2d(8, 3, { dilation: -1 }), [9, 9, 1]))).toBe(
    "OptionError: conv2d: dilation must be a whole number from 1 on: got -1",
  );
  expect(errorOf(() => init(conv2d(8, 3, { padding: -1 }), [9, 9, 1]))).toBe(
    "OptionError: conv2d: padding must be whole numbers from 0 on: got -1",
  );
});
