// Normalisations as layers, and spatial dropout. Channels are the last axis.
import { DataError, OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { add, mul } from "../ops/arithmetic.ts";
import * as norm from "../ops/normalization.ts";
import { checkEpsilon } from "../ops/normalize.ts";
import * as suppression from "../ops/suppression.ts";
import { constant, zeros } from "./initializers.ts";
import {
  type ApplyContext,
  checkCount,
  draw,
  type InitContext,
  type Layer,
  type NodeTree,
  type Parameter,
  type ParameterTree,
  stateless,
} from "./layer.ts";

/** What the layers that normalise take. */
export interface NormLayerOptions {
  /** Is added to the variance. 1e-5 */
  readonly epsilon?: number;
  /** Learns a scale (`weight`) and a shift (`bias`) for each channel. */
  readonly affine?: boolean;
}

/** How a batch norm keeps its running statistics, besides. */
export interface BatchNormLayerOptions extends NormLayerOptions {
  /** The share of a new batch in the running statistics. 0.1 */
  readonly momentum?: number;
}

/** Scale and shift of a shape: ones and zeros at first. */
function affineParameters(shape: Shape, context: InitContext): { weight: Parameter; bias: Parameter } {
  return { weight: draw(constant(1), shape, context), bias: draw(zeros(), shape, context) };
}

/** Scale and shift inside a graph, where the layer has them. */
function affineOf(params: NodeTree): { scale: Node | undefined; shift: Node | undefined } {
  return { scale: params["weight"] as Node | undefined, shift: params["bias"] as Node | undefined };
}

function channelsOf(call: string, input: Shape): number {
  const channels = input.at(-1);
  if (channels === undefined) throw new ShapeError(`${call}: an example has no channels: ${showShape(input)}`);
  return channels;
}

/** A layer with a scale and a shift of shape `over(input)`, or without. */
function affineLayer(
  name: string,
  affine: boolean,
  over: (input: Shape) => Shape,
  apply: (x: Node, affine: ReturnType<typeof affineOf>) => Node,
): Layer {
  return {
    name,
    init(input, context) {
      const shape = over(input);
      return { params: affine ? affineParameters(shape, context) : {}, output: input };
    },
    apply: (params, x) => apply(x, affineOf(params)),
  };
}

/**
 * Normalises each channel: by the statistics of the batch while training, by running ones (`runningMean`, `runningVariance`, which training
 * keeps up: new = (1 − momentum)·old + momentum·batch, the variance unbiased) otherwise. Ioffe and Szegedy, ICML 2015; PyTorch's defaults.
 * @throws OptionError for a momentum outside 0 … 1; in training ShapeError where a batch has but one value for each channel
 * @example
 * nn.serial(nn.linear(32), nn.batchNorm(), nn.relu()); // 1.weight, 1.bias, 1.runningMean, 1.runningVariance
 */
export function batchNorm(options: BatchNormLayerOptions = {}): Layer {
  const call = "batchNorm";
  checkKnown(call, options, ["momentum", "epsilon", "affine"]);
  const { momentum = 0.1, epsilon = 1e-5, affine = true } = options;
  checkEpsilon(call, epsilon);
  if (!(momentum >= 0 && momentum <= 1))
    throw new OptionError(`${call}: momentum must be in 0 … 1: got ${momentum}`, { momentum });
  return {
    name: call,
    init(input, context) {
      const shape = [channelsOf(call, input)];
      const statistic = (first: number) => ({ ...draw(constant(first), shape, context), isTrainable: false });
      const scale = affine ? affineParameters(shape, context) : {};
      return { params: { ...scale, runningMean: statistic(0), runningVariance: statistic(1) }, output: input };
    },
    apply(params, x, { training, isFrozen, mask, fewest, replace }) {
      const [oldMean, oldVariance] = [params["runningMean"] as Node, params["runningVariance"] as Node];
      const options = { ...affineOf(params), epsilon };
      if (!training || isFrozen) return norm.batchNorm(x, { ...options, mean: oldMean, variance: oldVariance });
      checkBatch(call, x, fewest);
      const { y, mean, unbiased } = norm.batchNormTraining(x, { ...options, mask });
      const mixed = (old: Node, now: Node) => add(mul(old, 1 - momentum), mul(now, momentum));
      replace?.(oldMean, mixed(oldMean, mean));
      replace?.(oldVariance, mixed(oldVariance, unbiased));
      return y;
    },
    asAffine(params) {
      const [mean, variance] = [valuesOf(params, "runningMean"), valuesOf(params, "runningVariance")];
      const scale = Float64Array.from(
        variance,
        (value, i) => (affine ? (valuesOf(params, "weight")[i] as number) : 1) / Math.sqrt(value + epsilon),
      );
      const shift = scale.map(
        (factor, i) => (affine ? (valuesOf(params, "bias")[i] as number) : 0) - (mean[i] as number) * factor,
      );
      return { scale, shift };
    },
  };
}

/** A batch must have more than one value for each channel, also the last one of an epoch. */
function checkBatch(call: string, x: Node, fewest = x.shape[0] as number): void {
  const [batch, ...example] = x.shape as [number, ...number[]];
  const smallest = [Math.min(batch, fewest), ...example];
  if (sizeOf(smallest.slice(0, -1)) > 1) return;
  throw new ShapeError(
    `${call}: training takes more than one value for each channel: the smallest batch is ${showShape(smallest)}, of batches ${showShape(x.shape)}. Use another batch size`,
  );
}

function valuesOf(params: ParameterTree, name: string): Float32Array {
  const parameter = params[name] as Parameter | undefined;
  if (!parameter) throw new DataError(`foldBatchNorm: parameter "${name}" of a batch norm is missing`);
  return parameter.data;
}

/** Options of `layerNorm`. */
export interface LayerNormLayerOptions extends NormLayerOptions {
  /** How many of the last axes are normalised together. 1 */
  readonly axes?: number;
}

/** The last `count` axes of an example. */
function lastAxes(call: string, count: number): (input: Shape) => Shape {
  return (input) => {
    if (input.length < count)
      throw new ShapeError(`${call}: normalises the last ${count} axes: an example is ${showShape(input)}`);
    return input.slice(input.length - count);
  };
}

const counted = (count: number) => Array.from({ length: count }, (_, k) => k - count);

/**
 * Normalises the last axis, or the last `axes` of them, of each position. Ba, Kiros and Hinton 2016.
 * @throws OptionError when `axes` is not a whole number from 1 on
 */
export function layerNorm(options: LayerNormLayerOptions = {}): Layer {
  const call = "layerNorm";
  checkKnown(call, options, ["axes", "epsilon", "affine"]);
  const { axes = 1, epsilon = 1e-5, affine = true } = options;
  checkCount(call, "axes", axes);
  checkEpsilon(call, epsilon);
  return affineLayer(call, affine, lastAxes(call, axes), (x, scaling) =>
    norm.layerNorm(x, { ...scaling, epsilon, axes: counted(axes) }),
  );
}

/**
 * Splits the channels into `groups` and normalises each group of each example. Wu and He, ECCV 2018.
 * @throws OptionError when `groups` is not a whole number from 1 on
 */
export function groupNorm(groups: number, options: NormLayerOptions = {}): Layer {
  const call = "groupNorm";
  checkKnown(call, options, ["epsilon", "affine"]);
  const { epsilon = 1e-5, affine = true } = options;
  checkCount(call, "groups", groups);
  checkEpsilon(call, epsilon);
  const over = (input: Shape) => {
    const channels = channelsOf(call, input);
    norm.checkGroups(call, groups, channels);
    return [channels];
  };
  return affineLayer(`${call}(${groups})`, affine, over, (x, scaling) =>
    norm.groupNorm(x, groups, { ...scaling, epsilon }),
  );
}

/** Normalises each channel of each example over its positions; learns scale and shift if `affine` (false by default, as PyTorch's). Ulyanov et al. 2016. */
export function instanceNorm(options: NormLayerOptions = {}): Layer {
  const call = "instanceNorm";
  checkKnown(call, options, ["epsilon", "affine"]);
  const { epsilon = 1e-5, affine = false } = options;
  checkEpsilon(call, epsilon);
  const over = (input: Shape) => {
    if (input.length < 2)
      throw new ShapeError(`${call}: an example needs positions and channels: got ${showShape(input)}`);
    return [channelsOf(call, input)];
  };
  return affineLayer(call, affine, over, (x, scaling) => norm.instanceNorm(x, { ...scaling, epsilon }));
}

/** Divides by the root of the mean square along the last axis, or the last `axes` of them, and learns a scale. Zhang and Sennrich, NeurIPS 2019. */
export function rmsNorm(options: LayerNormLayerOptions = {}): Layer {
  const call = "rmsNorm";
  checkKnown(call, options, ["axes", "epsilon", "affine"]);
  const { axes = 1, epsilon = 1e-6, affine = true } = options;
  checkCount(call, "axes", axes);
  checkEpsilon(call, epsilon);
  const over = lastAxes(call, axes);
  return {
    name: call,
    init(input, context) {
      const shape = over(input);
      return { params: affine ? { weight: draw(constant(1), shape, context) } : {}, output: input };
    },
    apply: (params, x) => norm.rmsNorm(x, { scale: affineOf(params).scale, epsilon, axes: counted(axes) }),
  };
}

/**
 * x/(k + alpha·m)^beta with the mean square m of the `size` channels around each one. Krizhevsky et al., NeurIPS 2012; PyTorch's defaults.
 * @throws OptionError when size is not a whole number from 1 on
 */
export function localResponseNorm(
  size: number,
  options: Omit<suppression.LocalResponseNormOptions, "size"> = {},
): Layer {
  const call = "localResponseNorm";
  checkKnown(call, options, ["alpha", "beta", "k"]);
  checkCount(call, "size", size);
  return stateless(`${call}(${size})`, (x) => suppression.localResponseNorm(x, { ...options, size }));
}

/**
 * Zeroes whole channels of an example with probability `rate` while training and scales the others by 1 / (1 − rate). Tompson et al., CVPR 2015.
 * @throws OptionError unless the rate is in 0 … 1
 */
export function spatialDropout(rate: number): Layer {
  const call = "spatialDropout";
  if (!(rate >= 0 && rate <= 1)) throw new OptionError(`${call}: rate must be in 0 … 1: got ${rate}`);
  return stateless(`${call}(${rate})`, (x: Node, { training, random }: ApplyContext) =>
    training ? suppression.spatialDropout(x, rate, random()) : x,
  );
}
