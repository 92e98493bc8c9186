// Cases of convolution. PyTorch has images NCHW and filters OIHW, WebNN says which; ours are NHWC and HWIO (transposed convolution: HWOI).
import type { Node } from "../../src/graph/node.ts";
import { permute } from "../../src/ops/arrange.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { conv1d, conv2d, convTranspose2d } from "../../src/ops/conv.ts";
import { im2col } from "../../src/ops/im2col.ts";
import { reachOf } from "../../src/ops/window.ts";
import type { Call, GraphOf } from "./call.ts";

type Pairs = readonly [readonly [number, number], readonly [number, number]];

/** `x` with its axes, named by the letters of `has`, in the order of `wants`. */
export function arranged(x: Node, has: string, wants: string): Node {
  return permute(
    x,
    [...wants].map((axis) => has.indexOf(axis)),
  );
}

/** Computes on images [N, H, W, C], whatever the case has, and gives back what it has. */
export function onImages(call: Call, x: Node, compute: (x: Node) => Node, names = ["inputLayout", "layout"]): Node {
  const layout = call.anyOf<string>(names, "nchw");
  return arranged(compute(arranged(x, layout, "nhwc")), "nhwc", layout);
}

/** [top, bottom, left, right] of both suites, or [height, width]. */
function paddingOf(call: Call): Pairs {
  const [a = 0, b = 0, c, d] = call.attr<readonly number[]>("padding", []);
  return c === undefined || d === undefined
    ? [
        [a, a],
        [b, b],
      ]
    : [
        [a, b],
        [c, d],
      ];
}

const pairOf = (call: Call, names: readonly string[]) => call.anyOf<readonly number[]>(names, [1, 1]);

/** What both suites say of a convolution. */
function optionsOf(call: Call) {
  return {
    bias: call.maybe("bias"),
    stride: pairOf(call, ["stride", "strides"]),
    dilation: pairOf(call, ["dilation", "dilations"]),
    padding: paddingOf(call),
    groups: call.attr("groups", 1),
  };
}

/** The filter, "weight" or "filter"; PyTorch's layout is WebNN's default. */
function filterOf(call: Call, usual: string, wants: string): Node {
  return arranged(call.maybe("weight") ?? call.named("filter"), call.attr("filterLayout", usual), wants);
}

function convolved(call: Call): Node {
  const filter = filterOf(call, "oihw", "hwio");
  return onImages(call, call.x, (x) => conv2d(x, filter, optionsOf(call)));
}

function transposed(call: Call): Node {
  const filter = filterOf(call, "iohw", "hwoi");
  const { padding, stride, dilation, ...rest } = optionsOf(call);
  const sizes = call.attr<readonly number[] | undefined>("outputSizes", undefined);
  return onImages(call, call.x, (x) => {
    // WebNN may name the size of the result instead of what is added behind it
    const outputPadding = sizes?.map((size, axis) => {
      const reach = reachOf({ size: filter.shape[axis] as number, dilation: dilation[axis] as number });
      const [before, after] = padding[axis as 0 | 1];
      return size - (((x.shape[axis + 1] as number) - 1) * (stride[axis] as number) + reach - before - after);
    });
    const more = outputPadding ?? call.attr<readonly number[]>("outputPadding", [0, 0]);
    return convTranspose2d(x, filter, { ...rest, stride, dilation, padding, outputPadding: more });
  });
}

function sequence(call: Call): Node {
  const y = conv1d(arranged(call.x, "ncl", "nlc"), arranged(call.named("weight"), "oil", "lio"), {
    bias: call.maybe("bias"),
    stride: call.attr("stride", 1),
    dilation: call.attr("dilation", 1),
    padding: call.attr("padding", 0),
    groups: call.attr("groups", 1),
  });
  return arranged(y, "nlc", "ncl");
}

/** PyTorch's unfold has patches as [N, C · taps, places]. */
function patches(call: Call): Node {
  const size = call.attr<number>("kernel", 1);
  const y = im2col(arranged(call.x, "nchw", "nhwc"), {
    size,
    stride: call.attr("stride", 1),
    dilation: call.attr("dilation", 1),
    padding: call.attr("padding", 0),
  });
  const [N, OH, OW, row] = y.shape as readonly [number, number, number, number];
  const split = permute(reshape(y, [N, OH * OW, size * size, row / (size * size)]), [0, 3, 2, 1]);
  return reshape(split, [N, row, OH * OW]);
}

export const convolutions: Readonly<Record<string, GraphOf>> = {
  conv1d: sequence,
  conv2d: convolved,
  conv_transpose2d: transposed,
  im2col: patches,
};
