// Average and L2 pooling: sums over windows, divided by what counts, or rooted.
import { ShapeError } from "../core/error.ts";
import type { Node } from "../graph/node.ts";
import { div, mul } from "./arithmetic.ts";
import { constant } from "./constant.ts";
import {
  type AvgPoolOptions,
  adaptiveAxes,
  asImages,
  checkFilled,
  checkImages,
  imageAxes,
  type PoolOptions,
  sequenceAxes,
} from "./pool.ts";
import { isShared, type PoolAxes, type PoolAxis, positionsOf } from "./poolAxis.ts";
import { mean, rootOrZero } from "./reduce.ts";
import { square } from "./unary.ts";
import type { PerAxis } from "./window.ts";
import { windowSum } from "./windowSum.ts";

/** How many elements of each window count along an axis. Beyond the padding behind, where `ceilMode` may reach, nothing ever counts. */
function countsOf(axis: PoolAxis, withPadding: boolean): number[] {
  return Array.from({ length: axis.output }, (_, o) => {
    if (isShared(axis) || !withPadding) return positionsOf(axis, o).length;
    const room = axis.before + axis.input + axis.after - o * axis.stride;
    return Math.min(axis.size, Math.ceil(room / axis.dilation));
  });
}

/** Means over windows: the count is one number unless windows are cut off. */
function meanOver(x: Node, axes: PoolAxes, withPadding: boolean): Node {
  const total = windowSum(x, axes);
  const [down, across] = [countsOf(axes.rows, withPadding), countsOf(axes.columns, withPadding)];
  const [height = 1, width = 1] = [down[0], across[0]];
  if (down.every((count) => count === height) && across.every((count) => count === width)) {
    return height * width === 1 ? total : mul(total, 1 / (height * width)); // cheap enough to be worked out again where it is spread
  }
  const counts = down.flatMap((rows) => across.map((columns) => rows * columns));
  return div(total, constant(counts, [down.length, across.length, 1]));
}

/**
 * The mean of each window of images, [N, H, W, C] → [N, H', W', C]. Padding counts as zeros unless `countIncludePad` is false.
 * @throws ShapeError when `x` is no f32 image or a window does not fit; OptionError when an option is no such number
 * @example
 * avgPool2d(images, { size: 3, stride: 2, padding: 1 });
 */
export function avgPool2d(x: Node, options: AvgPoolOptions): Node {
  const { countIncludePad = true } = options;
  const axes = imageAxes("avgPool2d", x, options, ["countIncludePad"]);
  if (!countIncludePad) checkFilled("avgPool2d", axes);
  return meanOver(x, axes, countIncludePad);
}

/**
 * The mean of each window of sequences, [N, L, C] → [N, L', C]; otherwise as `avgPool2d`.
 * @throws ShapeError and OptionError as `avgPool2d`
 */
export function avgPool1d(x: Node, options: AvgPoolOptions): Node {
  const { countIncludePad = true } = options;
  const axes = sequenceAxes("avgPool1d", x, options, ["countIncludePad"]);
  if (!countIncludePad) checkFilled("avgPool1d", axes);
  return asImages(x, (images) => meanOver(images, axes, countIncludePad));
}

/**
 * √Σx² over each window of images, [N, H, W, C] → [N, H', W', C]; padding adds nothing. The gradient is 0 where all of a window is 0.
 * @throws ShapeError when `x` is no f32 image or a window does not fit; OptionError when an option is no such number
 */
export function l2Pool2d(x: Node, options: PoolOptions): Node {
  const axes = imageAxes("l2Pool2d", x, options);
  return rootOrZero(windowSum(square(x), axes));
}

/**
 * The mean of each of height × width windows that share the image out: [N, H, W, C] → [N, height, width, C]. Window o covers elements
 * ⌊o·H/height⌋ … ⌈(o + 1)·H/height⌉ − 1.
 * @throws ShapeError when `x` is no f32 image; OptionError when a size is no whole number from 1 on
 * @example
 * adaptiveAvgPool2d(images, [7, 7]);
 */
export function adaptiveAvgPool2d(x: Node, size: PerAxis): Node {
  return meanOver(x, adaptiveAxes("adaptiveAvgPool2d", x, size), false);
}

/**
 * The mean of each channel of an image: [N, H, W, C] → [N, C].
 * @throws ShapeError when `x` is no f32 image, or has no pixels
 */
export function globalAvgPool2d(x: Node): Node {
  checkImages("globalAvgPool2d", x);
  if (x.shape[1] === 0 || x.shape[2] === 0)
    throw new ShapeError("globalAvgPool2d: nothing to pool: an axis of the image has no elements");
  return mean(x, [1, 2]);
}
