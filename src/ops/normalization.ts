// Normalisations as functions of tensors: which elements share a mean and a variance, and along which axes scale and shift run.
import { OptionError, ShapeError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import { axesOf, axisOf, type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { permute } from "./arrange.ts";
import { reshape } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { moments } from "./moments.ts";
import { checkEpsilon, normalize } from "./normalize.ts";
import { mean as meanOf } from "./reduce.ts";
import { square } from "./unary.ts";

/** What all normalisations take. */
export interface NormOptions {
  /** Multiplies what was normalised. */
  readonly scale?: Node | undefined;
  /** Is added last. */
  readonly shift?: Node | undefined;
  /** Is added to the variance. 1e-5 */
  readonly epsilon?: number;
}

/** Options of `batchNorm`; vectors have an element for each channel. */
export interface BatchNormOptions extends NormOptions {
  readonly mean: Node;
  readonly variance: Node;
  /** The axis of the channels, the last by default. */
  readonly axis?: number;
}

/** Options of `batchNormTraining`; vectors have an element for each channel. */
export interface BatchNormTrainingOptions extends NormOptions {
  /** The axis of the channels, the last by default. */
  readonly axis?: number;
  /** bool [batch]: false for examples that the statistics leave out. */
  readonly mask?: Node | undefined;
}

/** A normalised batch and its statistics, each [channels]. */
export interface NormalizedBatch {
  readonly y: Node;
  readonly mean: Node;
  /** Of these elements: Σ(x − mean)²/n. */
  readonly variance: Node;
  /** The estimate for all: Σ(x − mean)²/(n − 1). */
  readonly unbiased: Node;
  /** Elements that counted, u32. */
  readonly count: Node;
}

const NORM = ["scale", "shift", "epsilon"] as const;

/**
 * Batch normalisation by given statistics: (x − mean)/√(variance + epsilon)·scale + shift for each channel. Ioffe and Szegedy, ICML 2015.
 * @throws ShapeError when a vector does not have an element for each channel
 * @example
 * batchNorm(images, { mean, variance, scale, shift });
 */
export function batchNorm(x: Node, options: BatchNormOptions): Node {
  const call = "batchNorm";
  checkKnown(call, options, [...NORM, "mean", "variance", "axis"]);
  const along = alongAxis(call, x, options.axis ?? -1);
  const statistics = { mean: along("mean", options.mean), variance: along("variance", options.variance) };
  return finish(call, x, statistics, options, along);
}

/**
 * Batch normalisation by the batch's own statistics, which it also gives.
 * @throws ShapeError when a channel has fewer than two elements, or a vector does not have an element for each channel
 * @example
 * const { y, mean, unbiased } = batchNormTraining(images, { scale, shift });
 */
export function batchNormTraining(x: Node, options: BatchNormTrainingOptions = {}): NormalizedBatch {
  const call = "batchNormTraining";
  checkKnown(call, options, [...NORM, "axis", "mask"]);
  const { axis = -1, mask } = options;
  const along = alongAxis(call, x, axis);
  const channels = axisOf(call, axis, x.shape.length);
  const axes = x.shape.map((_, each) => each).filter((each) => each !== channels);
  const values = sizeOf(axes.map((other) => x.shape[other] as number));
  if (values < 2) {
    throw new ShapeError(
      `${call}: a variance needs more than one value for each channel: ${showShape(x.shape)} has ${values}. Use larger batches`,
    );
  }
  const found = moments(x, axes, { mask });
  const y = finish(call, x, found, options, along);
  const flat = (value: Node) => reshape(value, [x.shape[channels] as number]);
  const { mean, variance, unbiased, count } = found;
  return { y, mean: flat(mean), variance: flat(variance), unbiased: flat(unbiased), count: flat(count) };
}

/** Options of `layerNorm`. */
export interface LayerNormOptions extends NormOptions {
  /** The axes that are normalised together; the last one by default. `scale` and `shift` have these axes, in this order. */
  readonly axes?: readonly number[];
}

/**
 * Normalises along `axes`, for each position of the others. Ba, Kiros and Hinton 2016.
 * @throws ShapeError when an axis is outside the rank, or scale or shift do not have those axes
 * @example
 * layerNorm(tokens, { scale, shift }); // [batch, length, width], scale [width]
 */
export function layerNorm(x: Node, options: LayerNormOptions = {}): Node {
  const call = "layerNorm";
  checkKnown(call, options, [...NORM, "axes"]);
  const { axes = [-1] } = options;
  const along = alongAxes(call, x, axes);
  return finish(call, x, moments(x, axesOf(call, axes, x.shape.length)), options, along);
}

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Multiplies what was normalised; has the axes of `axes`, in this order. */
  readonly scale?: Node | undefined;
  /** Is added to the mean square. 1e-6 */
  readonly epsilon?: number;
  /** The axes that are normalised together; the last one by default. */
  readonly axes?: readonly number[];
}

/**
 * x/√(mean x² + epsilon)·scale along `axes`. Zhang and Sennrich, NeurIPS 2019.
 * @throws ShapeError when an axis is outside the rank, or scale does not have those axes
 */
export function rmsNorm(x: Node, options: RmsNormOptions = {}): Node {
  const call = "rmsNorm";
  checkKnown(call, options, ["scale", "epsilon", "axes"]);
  const { axes = [-1], scale, epsilon = 1e-6 } = options;
  const along = alongAxes(call, x, axes);
  const variance = meanOf(square(x), axesOf(call, axes, x.shape.length), { keepDims: true });
  return finish(call, x, { mean: fill(variance.shape, 0), variance }, { scale, epsilon }, along);
}

/**
 * Splits the channels (the last axis) into `groups` and normalises each group of each example. Wu and He, ECCV 2018.
 * @throws ShapeError when the groups do not divide the channels
 * @example
 * groupNorm(images, 4, { scale, shift }); // [batch, height, width, C], scale [C]
 */
export function groupNorm(x: Node, groups: number, options: NormOptions = {}): Node {
  const call = "groupNorm";
  checkKnown(call, options, NORM);
  const vector = alongAxis(call, x, -1);
  if (x.shape.length < 2) throw new ShapeError(`${call}: needs a batch and channels: got ${showShape(x.shape)}`);
  const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number];
  checkGroups(call, groups, channels);
  const positions = sizeOf(x.shape.slice(1, -1));
  const split = reshape(x, [batch, positions, groups, channels / groups]);
  const along = (name: string, value: Node) => reshape(vector(name, value), [groups, channels / groups]);
  return reshape(finish(call, split, moments(split, [1, 3]), options, along), x.shape);
}

/**
 * Normalises each channel (the last axis) of each example over its positions. Ulyanov, Vedaldi and Lempitsky 2016.
 * @throws ShapeError when there are no positions: a batch, at least one axis, channels
 */
export function instanceNorm(x: Node, options: NormOptions = {}): Node {
  const call = "instanceNorm";
  checkKnown(call, options, NORM);
  if (x.shape.length < 3) {
    throw new ShapeError(`${call}: needs a batch, positions and channels: got ${showShape(x.shape)}`);
  }
  const along = alongAxis(call, x, -1);
  const positions = x.shape.map((_, axis) => axis).slice(1, -1);
  return finish(call, x, moments(x, positions), options, along);
}

/** Checks that `groups` is a whole number from 1 on that divides the channels. */
export function checkGroups(call: string, groups: number, channels: number): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new OptionError(`${call}: groups must be a whole number from 1 on: got ${groups}`, { groups });
  if (channels % groups !== 0)
    throw new ShapeError(
      `${call}: groups do not divide the channels: ${groups} groups, ${channels} channels. Use a divisor of ${channels}`,
    );
}

/** Gives a vector or block of parameters the rank of x. */
type Along = (name: string, value: Node) => Node;

/** Vectors along one axis of `x`. */
function alongAxis(call: string, x: Node, axis: number): Along {
  return alongAxes(call, x, [axis]);
}

/** Blocks along some axes of `x`, in the order in which these are named. */
function alongAxes(call: string, x: Node, axes: readonly number[]): Along {
  if (x.dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${x.dtype}. Use cast`);
  const sorted = axesOf(call, axes, x.shape.length);
  const named = axes.map((axis) => axisOf(call, axis, x.shape.length));
  const wanted = named.map((axis) => x.shape[axis] as number);
  return (name, value) => {
    if (!sameShape(value.shape, wanted)) {
      throw new ShapeError(
        `${call}: ${name} must be ${showShape(wanted)} for ${showShape(x.shape)}: got ${showShape(value.shape)}`,
      );
    }
    const ordered = permute(
      value,
      sorted.map((axis) => named.indexOf(axis)),
    );
    return reshape(ordered, x.shape.map((size, axis): number => (sorted.includes(axis) ? size : 1)) as Shape);
  };
}

/** Normalises by statistics of x's rank, then scales and shifts. */
function finish(
  call: string,
  x: Node,
  { mean, variance }: { readonly mean: Node; readonly variance: Node },
  { scale, shift, epsilon = 1e-5 }: NormOptions,
  along: Along,
): Node {
  checkEpsilon(call, epsilon);
  return normalize(x, mean, variance, {
    scale: scale && along("scale", scale),
    shift: shift && along("shift", shift),
    epsilon,
  });
}
