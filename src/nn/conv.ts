// Convolutions as layers. Images are [H, W, C] an example, sequences [L, C]; filters HWIO, for transposed convolution HWOI.
import { OptionError } from "../core/error.ts";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { input } from "../ops/constant.ts";
import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d as conv1dOp,
  conv2d as conv2dOp,
  convTranspose2d as convTranspose2dOp,
} from "../ops/conv.ts";
import type { PerAxis } from "../ops/window.ts";
import { type Fans, type Initializer, xavierUniform, zeros } from "./initializers.ts";
import { checkCount, draw, type Layer } from "./layer.ts";
import { checkExample, IMAGE, SEQUENCE } from "./spatial.ts";

/** Options of convolution layers: how the filter moves, and what it starts from. */
export interface ConvLayerOptions extends Omit<ConvOptions, "bias" | "flip"> {
  /** Adds a bias to each filter (default true). */
  readonly bias?: boolean;
  /** First filters; Xavier uniform by default. */
  readonly weight?: Initializer;
  /** First bias; zeros by default. */
  readonly biasInitializer?: Initializer;
}

/** Options of transposed convolution layers. */
export interface ConvTransposeLayerOptions extends ConvLayerOptions, Pick<ConvTransposeOptions, "outputPadding"> {}

/** What tells one convolution from another. */
interface Kind {
  readonly call: string;
  /** Spatial axes of an example. */
  readonly axes: 1 | 2;
  readonly convolve: (x: Node, w: Node, options: ConvTransposeOptions) => Node;
  /** The filter's shape for an example of `channels`. */
  readonly filter: (size: readonly number[], channels: number) => Shape;
  readonly fans?: (shape: Shape) => Fans;
  /** The output channel that element i of the filter goes into; the filter's last axis when left out. */
  readonly channelOf?: (shape: Shape, i: number) => number;
  /** For the layer's name; left out where the number depends on the example. */
  readonly filters?: number;
}

function convolution(kind: Kind, size: PerAxis, options: ConvTransposeLayerOptions): Layer {
  const { call, axes, convolve, filter, fans, filters } = kind;
  const { bias = true, weight = xavierUniform(), biasInitializer = zeros(), ...geometry } = options;
  const sizes = typeof size === "number" ? new Array<number>(axes).fill(size) : size;
  if (sizes.length !== axes)
    throw new OptionError(
      `${call}: the filter's size must be a number or a list of ${axes}: got [${sizes.join(", ")}]`,
    );
  for (const extent of sizes) checkCount(call, "the filter's size", extent);
  const shapeOf = (example: Shape): Shape => {
    checkExample(call, example, axes === 1 ? SEQUENCE : IMAGE);
    const x = input("x", [1, ...example]);
    return convolve(x, input("w", filter(sizes, example.at(-1) as number)), geometry).shape.slice(1);
  };
  return {
    name: `${call}(${filters === undefined ? "" : `${filters}, `}${sizes.join("×")})`,
    init(example, context) {
      const output = shapeOf(example); // checks everything before anything is drawn
      const shape = filter(sizes, example.at(-1) as number);
      const drawn = draw(weight, shape, context, fans?.(shape));
      const params = bias
        ? { weight: drawn, bias: draw(biasInitializer, [output.at(-1) as number], context) }
        : { weight: drawn };
      return { params, output };
    },
    apply: (params, x) =>
      convolve(x, params["weight"] as Node, { ...geometry, bias: params["bias"] as Node | undefined }),
    channels: {
      channelOf: kind.channelOf ?? ((weight, i) => i % (weight.at(-1) as number)),
      withBias: () => convolution(kind, size, { ...options, bias: true }),
    },
    // every weight meets every pixel of the smaller image, the groups' share of channels is in the filter's shape already
    multiplyAdds: (example, output) => {
      const shape = filter(sizes, example.at(-1) as number);
      const pixels = kind.fans ? example : output;
      return sizeOf(shape) * sizeOf(pixels.slice(0, -1));
    },
  };
}

function checked(call: string, filters: number, groups = 1): void {
  checkCount(call, "filters", filters);
  checkCount(call, "groups", groups);
}

/**
 * A convolution over images [H, W, C]: `filters` filters of `size` pixels (one number, or height and width), parameters weight
 * [KH, KW, C / groups, filters] and bias [filters].
 * @throws OptionError for impossible options; ShapeError, naming the layer, when the filter is larger than the padded image or groups do not divide the channels
 * @example
 * nn.serial(nn.conv2d(8, 5), nn.relu(), nn.maxPool2d(2), nn.conv2d(16, 3, { padding: "same" }), nn.flatten(), nn.linear(10));
 */
export function conv2d(filters: number, size: PerAxis, options: ConvLayerOptions = {}): Layer {
  checked("conv2d", filters, options.groups);
  return convolution(
    {
      call: "conv2d",
      axes: 2,
      convolve: conv2dOp,
      filter: (sizes, channels) => [...sizes, perGroup(channels, options.groups), filters],
      filters,
    },
    size,
    options,
  );
}

/**
 * A convolution over sequences [L, C], parameters weight [K, C / groups, filters] and bias [filters].
 * @throws OptionError and ShapeError as `conv2d`
 * @example
 * nn.conv1d(16, 3, { padding: [[2, 0]] }); // causal
 */
export function conv1d(filters: number, size: PerAxis, options: ConvLayerOptions = {}): Layer {
  checked("conv1d", filters, options.groups);
  return convolution(
    {
      call: "conv1d",
      axes: 1,
      convolve: conv1dOp,
      filter: (sizes, channels) => [...sizes, perGroup(channels, options.groups), filters],
      filters,
    },
    size,
    options,
  );
}

/**
 * A convolution of each channel by itself, with `multiplier` filters for each: parameters weight [KH, KW, 1, C · multiplier] and bias.
 * @throws OptionError and ShapeError as `conv2d`
 * @example
 * nn.serial(nn.depthwiseConv2d(3, { padding: "same" }), nn.conv2d(32, 1)); // a separable convolution
 */
export function depthwiseConv2d(
  size: PerAxis,
  options: Omit<ConvLayerOptions, "groups"> & { readonly multiplier?: number } = {},
): Layer {
  const { multiplier = 1, ...rest } = options;
  checkCount("depthwiseConv2d", "multiplier", multiplier);
  return convolution(
    {
      call: "depthwiseConv2d",
      axes: 2,
      convolve: (x, w, given) => conv2dOp(x, w, { ...given, groups: x.shape.at(-1) as number }),
      filter: (sizes, channels) => [...sizes, 1, channels * multiplier],
    },
    size,
    rest,
  );
}

/**
 * A transposed convolution over images [H, W, C], which makes them larger: parameters weight [KH, KW, filters / groups, C] and bias [filters].
 * @throws OptionError for impossible options; ShapeError, naming the layer, when nothing is left
 * @example
 * nn.convTranspose2d(8, 3, { stride: 2, padding: "same" }); // [7, 7, 16] → [14, 14, 8]
 */
export function convTranspose2d(filters: number, size: PerAxis, options: ConvTransposeLayerOptions = {}): Layer {
  checked("convTranspose2d", filters, options.groups);
  return convolution(
    {
      call: "convTranspose2d",
      axes: 2,
      convolve: convTranspose2dOp,
      filter: (sizes, channels) => [...sizes, perGroup(filters, options.groups), channels],
      fans: ([KH = 1, KW = 1, outputs = 1, inputs = 1]) => ({ fanIn: KH * KW * inputs, fanOut: KH * KW * outputs }),
      channelOf: ([, , outputs = 1, inputs = 1], i) => {
        const group = Math.floor((i % inputs) / (inputs / (options.groups ?? 1)));
        return group * outputs + (Math.floor(i / inputs) % outputs);
      },
      filters,
    },
    size,
    options,
  );
}

/** Channels of a group; where they do not divide, the op says so. */
function perGroup(channels: number, groups = 1): number {
  return Math.max(1, Math.floor(channels / groups));
}
