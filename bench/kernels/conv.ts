// Convolutions of the net that peers are measured on: batch 64, 28×28×1 → 24×24×8 → pool → 8×8×16, all three directions; a wider one; and kinds of their own.
import type { Node } from "../../src/graph/node.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { input } from "../../src/ops/constant.ts";
import { type ConvOptions, conv2d } from "../../src/ops/conv.ts";
import { correlateTransposed, filterGradient, type Geometry } from "../../src/ops/convolution.ts";
import { im2col } from "../../src/ops/im2col.ts";
import { linear } from "../../src/ops/matmul.ts";
import { type ConvWork, type KernelCase, kernel } from "./kernel.ts";

type Image = readonly [N: number, H: number, W: number, C: number];
type Filter = readonly [KH: number, KW: number, C: number, F: number];

/** A convolution with stride 1 and `pad` zeros on every side. */
function geometryOf([, H, W]: Image, [KH, KW]: Filter, pad: number): Geometry {
  return {
    input: [H, W],
    output: [H + 2 * pad - KH + 1, W + 2 * pad - KW + 1],
    filter: [KH, KW],
    stride: [1, 1],
    dilation: [1, 1],
    before: [pad, pad],
    groups: 1,
  };
}

function convolution(name: string, x: Image, w: Filter, options: ConvOptions = {}): KernelCase {
  const call = (image?: Node, filter?: Node, bias?: Node) =>
    conv2d(image as Node, filter as Node, { ...options, bias });
  const [, OH, OW] = conv2d(input("x", x), input("w", w), options).shape as Image;
  return kernel(name, [x, w, [w[3]]], call, { flops: 2 * x[0] * OH * OW * w[0] * w[1] * w[2] * w[3] });
}

/** One layer: forward, the gradients of its input and of its filter, and both of them, which is what a step does. FLOPs count padding as if it were pixels. */
function layer(name: string, x: Image, w: Filter, pad = 0): KernelCase[] {
  const geometry = geometryOf(x, w, pad);
  const y = [x[0], ...geometry.output, w[3]];
  const flops = 2 * x[0] * geometry.output[0] * geometry.output[1] * w[0] * w[1] * w[2] * w[3];
  const of = (takes: ConvWork["takes"], gives: ConvWork["gives"]): Pick<KernelCase, "peers"> => ({
    peers: { kind: "conv", takes, gives, image: x, filter: w, pad },
  });
  const inputOf = (dy?: Node, f?: Node) => correlateTransposed(dy as Node, f as Node, undefined, geometry);
  const filterOf = (image?: Node, dy?: Node) => filterGradient(image as Node, dy as Node, geometry);
  return [
    { ...convolution(`${name}-forward`, x, w, { padding: pad }), ...of(["x", "w", "bias"], ["y"]) },
    { ...kernel(`${name}-input`, [y, w], inputOf, { flops }), ...of(["dy", "w"], ["dx"]) },
    { ...kernel(`${name}-filter`, [x, y], filterOf, { flops }), ...of(["x", "dy"], ["dw"]) },
    {
      ...kernel(`${name}-backward`, [x, w, y], (image, f, dy) => [inputOf(dy, f), filterOf(image, dy)], {
        flops: 2 * flops,
      }),
      ...of(["x", "w", "dy"], ["dx", "dw"]),
    },
  ];
}

/** The same as `convolution`, by way of patches in memory. */
function byPatches(name: string, x: Image, [KH, KW, C, F]: Filter): KernelCase {
  const [, OH, OW] = [x[0], x[1] - KH + 1, x[2] - KW + 1];
  const call = (image?: Node, filter?: Node, bias?: Node) =>
    linear(im2col(image as Node, { size: [KH, KW] }), reshape(filter as Node, [KH * KW * C, F]), bias);
  return kernel(name, [x, [KH, KW, C, F], [F]], call, { flops: 2 * x[0] * OH * OW * KH * KW * C * F });
}

export const CONVOLUTIONS: readonly KernelCase[] = [
  ...layer("conv-5x5x1x8", [64, 28, 28, 1], [5, 5, 1, 8]),
  byPatches("conv-5x5x1x8-im2col", [64, 28, 28, 1], [5, 5, 1, 8]),
  ...layer("conv-5x5x8x16", [64, 12, 12, 8], [5, 5, 8, 16]),
  byPatches("conv-5x5x8x16-im2col", [64, 12, 12, 8], [5, 5, 8, 16]),
  ...layer("conv-3x3x32x64", [32, 14, 14, 32], [3, 3, 32, 64], 1),
  convolution("conv-3x3x32x32-same", [16, 16, 16, 32], [3, 3, 32, 32], { padding: "same" }),
  convolution("conv-3x3x3x16-stride2", [16, 64, 64, 3], [3, 3, 3, 16], { stride: 2, padding: "same" }),
  convolution("conv-3x3-depthwise-32", [16, 16, 16, 32], [3, 3, 1, 32], { padding: "same", groups: 32 }),
  convolution("conv-1x1x32x64", [16, 16, 16, 32], [1, 1, 32, 64]),
  convolution("conv-3x3x16x16-one-image", [1, 28, 28, 16], [3, 3, 16, 16], { padding: "same" }),
];
