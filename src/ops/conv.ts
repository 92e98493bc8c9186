// Convolution as users call it: images [N, H, W, C], filters [KH, KW, C / groups, F] (HWIO), results [N, OH, OW, F]; sequences alike.
// Everything is checked here, once; what remains is one of the three ops of convolution.ts, or a matrix product where the filter is 1 × 1.
import { OptionError, ShapeError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { expand, reshape } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { checkImages, correlate, correlateTransposed, type Geometry, type Pair } from "./convolution.ts";
import { flip } from "./layout.ts";
import { linear } from "./matmul.ts";
import { type Padding, type PerAxis, reachOf, type WindowAxis, windowAxes } from "./window.ts";

/** Options of convolutions. */
export interface ConvOptions {
  /** Added to every pixel, [F]. */
  readonly bias?: Node | undefined;
  /** Pixels from one result to the next, default 1. */
  readonly stride?: PerAxis | undefined;
  /** Zeros around the image, default "valid": none. */
  readonly padding?: Padding | undefined;
  /** Pixels from one tap of the filter to the next, default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Parts of the channels that are convolved apart; as many as channels make it depthwise. Default 1. */
  readonly groups?: number | undefined;
  /** True convolution, as in signal processing: the filter reversed. Default false: cross-correlation, as in all neural networks. */
  readonly flip?: boolean | undefined;
}

/** Options of transposed convolution. `padding` is what the convolution that it undoes would add: it takes as much away. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Pixels added behind the result, where several sizes shrink to the same: below stride or dilation. Default 0. */
  readonly outputPadding?: PerAxis | undefined;
}

/** Refuses what is no filter for these channels. */
function checkFilter(call: string, x: Node, w: Node, channels: number, filters: number, groups: number): void {
  const shapes = `${showShape(x.shape)} with filter ${showShape(w.shape)}`;
  if (!Number.isInteger(groups) || groups < 1)
    throw new OptionError(`${call}: groups must be a whole number from 1 on: got ${groups}`, { groups });
  const inputs = x.shape.at(-1) as number;
  if (inputs % groups !== 0 || filters % groups !== 0) {
    throw new ShapeError(
      `${call}: ${groups} groups do not divide ${inputs} channels into ${filters}: ${shapes}. Use a divisor of both`,
      { groups },
    );
  }
  if (channels !== inputs) {
    const taken = groups > 1 ? `${channels} (${channels / groups} in each of ${groups} groups)` : `${channels}`;
    throw new ShapeError(`${call}: the image has ${inputs} channels, the filter takes ${taken}: ${shapes}`);
  }
}

function checkBias(call: string, bias: Node | undefined, filters: number): void {
  if (bias && (bias.dtype !== "f32" || bias.shape.length !== 1 || bias.shape[0] !== filters))
    throw new ShapeError(`${call}: the bias must be f32[${filters}]: got ${bias.dtype}${showShape(bias.shape)}`);
}

const pair = (axes: readonly WindowAxis[], of: (axis: WindowAxis) => number): Pair => axes.map(of) as unknown as Pair;

function geometryOf(axes: readonly WindowAxis[], groups: number): Geometry {
  return {
    input: pair(axes, ({ input }) => input),
    output: pair(axes, ({ output }) => output),
    filter: pair(axes, ({ size }) => size),
    stride: pair(axes, ({ stride }) => stride),
    dilation: pair(axes, ({ dilation }) => dilation),
    before: pair(axes, ({ before }) => before),
    groups,
  };
}

/**
 * Slides a filter [KH, KW, C / groups, F] over images [N, H, W, C]: y[n, i, j, f] = bias[f] + Σ x[n, i·s + a·d − p, j·s + b·d − p, c] · w[a, b, c, f].
 * Cross-correlation, as every framework's convolution; `flip` makes it the true one.
 * @throws ShapeError when ranks, channels or groups do not fit, or the filter is larger than the padded image; OptionError for impossible options
 * @example
 * conv2d(images, w, { bias: b, stride: 2, padding: "same" }); // [64, 28, 28, 1] with w [3, 3, 1, 16] → [64, 14, 14, 16]
 */
export function conv2d(x: Node, w: Node, options: ConvOptions = {}): Node {
  checkImages("conv2d", "the image", x, 4, "[N, H, W, C]");
  checkImages("conv2d", "the filter", w, 4, "[KH, KW, C / groups, F]");
  return convolve("conv2d", x, w, options);
}

function convolve(call: string, x: Node, w: Node, options: ConvOptions): Node {
  const { bias, groups = 1, stride, padding, dilation } = options;
  const [images, height, width, channels] = x.shape as readonly [number, number, number, number];
  const [KH, KW, perGroup, filters] = w.shape as readonly [number, number, number, number];
  checkFilter(call, x, w, perGroup * groups, filters, groups);
  checkBias(call, bias, filters);
  const axes = windowAxes(call, [height, width], { size: [KH, KW], stride, padding, dilation, name: "filter" });
  const geometry = geometryOf(axes, groups);
  const shape = [images, ...geometry.output, filters];
  if (sizeOf(shape) === 0) return fill(shape, 0);
  if (channels === 0) return bias ? expand(bias, shape) : fill(shape, 0);
  if (groups === 1 && axes.every(isPoint)) return linear(x, reshape(w, [channels, filters]), bias);
  return correlate(x, options.flip ? flip(w, [0, 1]) : w, bias, geometry);
}

/** One tap for each pixel and one pixel for each tap. */
function isPoint({ size, stride, before, after }: WindowAxis): boolean {
  return size === 1 && stride === 1 && before === 0 && after === 0;
}

/** The options of a sequence as those of an image of one line. */
function asLine(call: string, { stride = 1, dilation = 1, padding = "valid", ...rest }: ConvOptions): ConvOptions {
  const along = (what: string, value: PerAxis): PerAxis => {
    const list = typeof value === "number" ? [value] : value;
    if (list.length !== 1)
      throw new OptionError(`${call}: ${what} must be a number or a list of one: got [${list.join(", ")}]`);
    return [1, ...list];
  };
  const sides = typeof padding === "number" ? [padding] : padding;
  if (typeof sides !== "string" && sides.length !== 1)
    throw new OptionError(`${call}: padding must be a number or a list of one: got ${JSON.stringify(padding)}`);
  return {
    ...rest,
    stride: along("stride", stride),
    dilation: along("dilation", dilation),
    padding: typeof sides === "string" ? sides : [0, ...sides],
  };
}

/**
 * Slides a filter [K, C / groups, F] over sequences [N, L, C].
 * @throws ShapeError and OptionError as `conv2d`
 * @example
 * conv1d(signals, w, { padding: [[2, 0]] }); // causal: [8, 100, 4] with w [3, 4, 16] → [8, 100, 16]
 */
export function conv1d(x: Node, w: Node, options: ConvOptions = {}): Node {
  checkImages("conv1d", "the sequence", x, 3, "[N, L, C]");
  checkImages("conv1d", "the filter", w, 3, "[K, C / groups, F]");
  const [count, length, channels] = x.shape as readonly [number, number, number];
  const y = convolve(
    "conv1d",
    reshape(x, [count, 1, length, channels]),
    reshape(w, [1, ...w.shape]),
    asLine("conv1d", options),
  );
  return reshape(y, [count, ...y.shape.slice(2)]);
}

/**
 * The convolution's adjoint, which spreads every pixel over a window: images [N, H, W, C] with a filter [KH, KW, F / groups, C] (HWOI) give
 * [N, OH, OW, F], OH = (H − 1)·stride − padding + (KH − 1)·dilation + 1 + outputPadding; with padding "same" OH = H·stride.
 * @throws ShapeError when ranks, channels or groups do not fit or nothing is left; OptionError for impossible options
 * @example
 * convTranspose2d(codes, w, { stride: 2, padding: "same" }); // [64, 7, 7, 16] with w [3, 3, 8, 16] → [64, 14, 14, 8]
 */
export function convTranspose2d(x: Node, w: Node, options: ConvTransposeOptions = {}): Node {
  const call = "convTranspose2d";
  checkImages(call, "the image", x, 4, "[N, H, W, C]");
  checkImages(call, "the filter", w, 4, "[KH, KW, F / groups, C]");
  const { bias, groups = 1 } = options;
  const [images, height, width] = x.shape as readonly [number, number, number];
  const [KH, KW, perGroup, channels] = w.shape as readonly [number, number, number, number];
  checkFilter(call, x, w, channels, perGroup * groups, groups);
  checkBias(call, bias, perGroup * groups);
  const geometry = geometryOf(spreadAxes(call, [height, width], [KH, KW], options), groups);
  const shape = [images, ...geometry.input, perGroup * groups];
  if (sizeOf(shape) === 0) return fill(shape, 0);
  if (channels === 0 || height * width === 0) return bias ? expand(bias, shape) : fill(shape, 0);
  return correlateTransposed(x, options.flip ? flip(w, [0, 1]) : w, bias, geometry);
}

/** The windows of the convolution that a transposed one undoes: its output is given, its input is worked out. */
function spreadAxes(call: string, output: Pair, size: Pair, options: ConvTransposeOptions): WindowAxis[] {
  const { stride, padding = "valid", dilation, outputPadding = 0 } = options;
  const more = typeof outputPadding === "number" ? [outputPadding, outputPadding] : outputPadding;
  // an input large enough for any filter: only the options are read here
  const huge = [2 ** 30, 2 ** 30];
  const isSame = padding === "same";
  const axes = windowAxes(call, huge, { size, stride, dilation, padding: isSame ? "valid" : padding, name: "filter" });
  return axes.map((axis, i): WindowAxis => {
    const extra = more[i] as number;
    if (more.length !== 2 || !Number.isInteger(extra) || extra < 0 || extra >= Math.max(axis.stride, axis.dilation)) {
      throw new OptionError(
        `${call}: outputPadding must be whole numbers from 0 to below stride or dilation: got ${JSON.stringify(outputPadding)}`,
        { outputPadding },
      );
    }
    const count = output[i] as number;
    const spread = (count - 1) * axis.stride + reachOf(axis);
    const cut = isSame ? Math.max(0, reachOf(axis) - axis.stride) : 0;
    const input = isSame ? count * axis.stride : spread - axis.before - axis.after + extra;
    if (input < 1 && count > 0) {
      throw new ShapeError(
        `${call}: padding [${axis.before}, ${axis.after}] takes away all of ${spread} pixels: image ${output.join("×")}, filter ${size.join("×")}. Use less padding`,
      );
    }
    return { ...axis, input: Math.max(0, input), output: count, before: isSame ? Math.floor(cut / 2) : axis.before };
  });
}
