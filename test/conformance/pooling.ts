// Cases of pooling and resizing. PyTorch's and, unless told otherwise, WebNN's images are [N, C, H, W]; ours are [N, H, W, C].
import type { Node } from "../../src/graph/node.ts";
import { neg, sub } from "../../src/ops/arithmetic.ts";
import { permute } from "../../src/ops/arrange.ts";
import { adaptiveAvgPool2d, avgPool1d, avgPool2d, l2Pool2d } from "../../src/ops/avgPool.ts";
import { constant } from "../../src/ops/constant.ts";
import { gather } from "../../src/ops/gather.ts";
import { adaptiveMaxPool2d, maxPool1d, maxPool2d } from "../../src/ops/maxPool.ts";
import type { AvgPoolOptions } from "../../src/ops/pool.ts";
import { abs } from "../../src/ops/unary.ts";
import { upsample2d } from "../../src/ops/upsample.ts";
import type { PerAxis } from "../../src/ops/window.ts";
import type { Call, GraphOf } from "./call.ts";

type Pool = (x: Node, options: AvgPoolOptions) => Node;
type Pair = readonly [number, number];

/** Applies `f` to [N, H, W, C], or [N, L, C], given and giving channels in front. */
function channelsLast(x: Node, f: (x: Node) => Node): Node {
  const rank = x.shape.length;
  const spatial = Array.from({ length: rank - 2 }, (_, k) => k + 2);
  const back = Array.from({ length: rank - 2 }, (_, k) => k + 1);
  return permute(f(permute(x, [0, ...spatial, 1])), [0, rank - 1, ...back]);
}

/** PyTorch's options; `pool` is told of countIncludePad only where the case is. */
function torchPool(pool: Pool): GraphOf {
  return (call) => {
    const size = call.attr<PerAxis>("kernel", 1);
    const padding = call.attr<number | readonly number[]>("padding", 0);
    const countIncludePad = call.attr<boolean | undefined>("countIncludePad", undefined);
    const options = {
      size,
      stride: call.attr("stride", size),
      padding,
      dilation: call.attr<PerAxis>("dilation", 1),
      ceilMode: call.attr("ceilMode", false),
      ...(countIncludePad === undefined ? {} : { countIncludePad }),
    };
    const x = call.text("pre") === "x := -1-|x|" ? sub(neg(1), abs(call.x)) : call.x;
    return channelsLast(x, (images) => pool(images, options));
  };
}

/** WebNN's options, `same` padding and roundings turned into padding of each side. */
function webnnPool(pool: Pool): GraphOf {
  return (call) => {
    const isLast = call.text("layout") === "nhwc";
    const extents = (isLast ? call.x.shape.slice(1, 3) : call.x.shape.slice(2, 4)) as unknown as Pair;
    const size = call.attr<Pair>("windowDimensions", extents);
    const stride = call.attr<Pair>("strides", [1, 1]);
    const dilation = call.attr<Pair>("dilations", [1, 1]);
    const given = call.attr<readonly number[]>("padding", [0, 0, 0, 0]);
    const sizes = call.attr<Pair | undefined>("outputSizes", undefined);
    const autoPad = call.attr("autoPad", "explicit");
    const padding = extents.map((input, axis): Pair => {
      const [step, reach] = [stride[axis] as number, ((size[axis] as number) - 1) * (dilation[axis] as number) + 1];
      if (autoPad !== "explicit") {
        const total = Math.max(0, (Math.ceil(input / step) - 1) * step + reach - input);
        const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
        return autoPad === "same-upper" ? [less, more] : [more, less];
      }
      const [before, after] = given.slice(2 * axis, 2 * axis + 2) as unknown as Pair;
      const round = call.text("roundingType") === "ceil" ? Math.ceil : Math.floor;
      const output = sizes?.[axis] ?? round((input + before + after - reach) / step) + 1;
      return [before, Math.max(0, (output - 1) * step + reach - input - before)];
    });
    const run = (x: Node) => pool(x, { size, stride, dilation, padding });
    return isLast ? run(call.x) : channelsLast(call.x, run);
  };
}

/** PyTorch's and WebNN's cases of one op. */
const image = (torch: Pool, webnn: Pool = torch): GraphOf => {
  const [one, other] = [torchPool(torch), webnnPool(webnn)];
  return (call) => (call.isTorch ? one(call) : other(call));
};

const average = image(avgPool2d, (x, options) => avgPool2d(x, { ...options, countIncludePad: false }));
const without =
  (pool: Pool): Pool =>
  (x, { countIncludePad: _, ...options }) =>
    pool(x, options);

const adaptive =
  (pool: (x: Node, size: PerAxis) => Node): GraphOf =>
  (call) =>
    channelsLast(call.x, (x) => pool(x, call.attr<PerAxis>("output", 1)));

function upsampled(call: Call): Node {
  const mode = call.attr<"nearest" | "bilinear">("mode", "nearest");
  const size = call.attr<PerAxis | undefined>("size", undefined);
  const scale = call.anyOf<PerAxis | undefined>(["scale", "scaleFactor"], undefined);
  const alignCorners = call.attr("alignCorners", false);
  return channelsLast(call.x, (x) => upsample2d(x, { ...(size ? { size } : { scale }), mode, alignCorners }));
}

/** WebNN's resampling along any two axes: the sizes win over the scales. */
function resampled(call: Call): Node {
  const axes = call.attr<Pair>("axes", [2, 3]);
  const sizes = call.attr<Pair | undefined>("sizes", undefined);
  const scales = call.attr<Pair>("scales", [1, 1]);
  if (call.text("mode") === "linear") {
    const others = [0, 1, 2, 3].filter((axis) => !axes.includes(axis));
    const order = [others[0] as number, ...axes, others[1] as number];
    const y = upsample2d(permute(call.x, order), {
      ...(sizes ? { size: sizes } : { scale: scales }),
      mode: "bilinear",
    });
    return permute(
      y,
      [0, 1, 2, 3].map((axis) => order.indexOf(axis)),
    );
  }
  return axes.reduce((x, axis, k) => {
    const input = call.x.shape[axis] as number;
    const output = sizes?.[k] ?? Math.floor(input * (scales[k] as number));
    return gather(
      x,
      constant(nearestTo(input, output, sizes ? output / input : (scales[k] as number)), [output], "u32"),
      axis,
    );
  }, call.x);
}

/** WebNN takes the pixel whose centre is nearest, of two the first; PyTorch's rule differs where images shrink. */
function nearestTo(input: number, output: number, scale: number): number[] {
  return Array.from({ length: output }, (_, o) => Math.min(input - 1, Math.max(0, Math.ceil((o + 0.5) / scale - 1))));
}

export const pooling: Readonly<Record<string, GraphOf>> = {
  max_pool1d: torchPool(maxPool1d),
  max_pool2d: image(without(maxPool2d)),
  avg_pool1d: torchPool(avgPool1d),
  avg_pool2d: average,
  average_pool2d: average,
  l2_pool2d: image(without(l2Pool2d)),
  adaptive_avg_pool2d: adaptive(adaptiveAvgPool2d),
  adaptive_max_pool2d: adaptive(adaptiveMaxPool2d),
  upsample2d: upsampled,
  resample2d: resampled,
};
