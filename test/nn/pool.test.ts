import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import * as pools from "../../src/nn/pool.ts";
import { pad2d, upsample2d } from "../../src/nn/resize.ts";
import { serial } from "../../src/nn/serial.ts";
import { input } from "../../src/ops/constant.ts";
import { errorOf } from "../errorOf.ts";

const context = () => {
  let next = 0;
  return { seed: 0, nextStream: () => next++ };
};
const outputOf = (layer: Layer, shape: readonly number[]) => layer.init(shape, context()).output;

test.each<[Layer, string, number[], number[]]>([
  [pools.maxPool2d(2), "maxPool2d(2)", [24, 24, 8], [12, 12, 8]],
  [pools.maxPool2d([3, 2], { stride: 2, padding: 1 }), "maxPool2d(3×2)", [7, 6, 3], [4, 4, 3]],
  [pools.maxPool1d(3), "maxPool1d(3)", [10, 4], [3, 4]],
  [pools.avgPool2d(2, { padding: "same", countIncludePad: false }), "avgPool2d(2)", [5, 4, 1], [3, 2, 1]],
  [pools.avgPool1d(2, { stride: 1 }), "avgPool1d(2)", [5, 2], [4, 2]],
  [pools.l2Pool2d(2, { ceilMode: true }), "l2Pool2d(2)", [5, 5, 2], [3, 3, 2]],
  [pools.globalAvgPool2d(), "globalAvgPool2d", [7, 5, 16], [16]],
  [pools.globalMaxPool2d(), "globalMaxPool2d", [7, 5, 16], [16]],
  [pools.adaptiveAvgPool2d([3, 2]), "adaptiveAvgPool2d(3×2)", [7, 5, 2], [3, 2, 2]],
  [pools.adaptiveMaxPool2d(2), "adaptiveMaxPool2d(2)", [7, 5, 2], [2, 2, 2]],
  [upsample2d({ scale: 2 }), "upsample2d", [7, 5, 2], [14, 10, 2]],
  [pad2d([1, [0, 3]]), "pad2d", [7, 5, 2], [9, 8, 2]],
])("%# %o has its name, shape and no parameters", (layer, name, from, to) => {
  const { params, output } = layer.init(from, context());
  expect([layer.name, params, output]).toEqual([name, {}, to]);
  const y = layer.apply({}, input("x", [3, ...from]), {
    training: false,
    random: () => ({ seed: 0, stream: 0, counter: input("counter", [], "u32") }),
  });
  expect(y.shape).toEqual([3, ...to]);
});

describe("errors name the layer", () => {
  const inModel = (layer: Layer, shape: readonly number[]) => errorOf(() => outputOf(serial(linear(3), layer), shape));

  test("an example that is no image says what to do", () => {
    expect(inModel(pools.maxPool2d(2), [28, 28])).toBe(
      "ShapeError: maxPool2d (layer 1): an example must be [height, width, channels]: got [28, 3]. Use nn.reshape([28, 3, 1]) before it",
    );
    expect(inModel(pools.maxPool1d(2), [4, 4, 4, 1])).toBe(
      "ShapeError: maxPool1d (layer 1): an example must be [length, channels]: got [4, 4, 4, 3]",
    );
  });

  test("a window that does not fit names both sizes", () => {
    expect(inModel(pools.avgPool2d(5), [4, 4, 1])).toBe(
      'ShapeError: avgPool2d (layer 1): window 5×5 is larger than its padded input 4×4. Use padding "same" or a smaller window',
    );
  });

  test("padding is checked when the layer is made, mirrored padding when its input is known", () => {
    expect(errorOf(() => pad2d(-1))).toBe("OptionError: pad2d: padding must be whole numbers from 0 on: got -1");
    expect(inModel(pad2d(4, { mode: "reflect" }), [4, 4, 1])).toBe(
      'ShapeError: pad (layer 1): "reflect" adds at most 3 elements on a side of axis 1: [4, 4], shape [1, 4, 4, 3]',
    );
  });
});
