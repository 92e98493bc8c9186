// The public functions of ops, and every op by name. Tests and the doctor go through that list; nothing else in the library imports this.
import type { Op } from "../graph/node.ts";
import { activationOps } from "./activation.ts";
import { argOps } from "./arg.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { arrangeOps } from "./arrange.ts";
import { binaryOps } from "./binary.ts";
import { binaryCrossEntropyOps } from "./binaryCrossEntropy.ts";
import { broadcastOps } from "./broadcast.ts";
import { convolutionOps } from "./convolution.ts";
import { crossEntropyOps } from "./crossEntropy.ts";
import { cumulativeOps } from "./cumulative.ts";
import { gatedOps } from "./gated.ts";
import { gatherOps } from "./gather.ts";
import { im2colOps } from "./im2col.ts";
import { joinOps } from "./join.ts";
import { layoutOps } from "./layout.ts";
import { matmulOps } from "./matmul.ts";
import { maxPoolOps } from "./maxPool.ts";
import { momentsOps } from "./moments.ts";
import { normalizeOps } from "./normalize.ts";
import { randomOps } from "./random.ts";
import { reduceOps } from "./reduce.ts";
import { sectionOps } from "./section.ts";
import { softmaxOps } from "./softmax.ts";
import { stateOps } from "./state.ts";
import { sumPairOps } from "./sumPair.ts";
import { sumPartsOps } from "./sumParts.ts";
import { trigonometryOps } from "./trigonometry.ts";
import { unaryOps } from "./unary.ts";
import { windowSumOps } from "./windowSum.ts";

// Files of rows: all they export.
export * from "./activation.ts";
// Files of kernels and of functions made of ops.
export { type ArgOptions, argmax, argmin } from "./arg.ts";
export * from "./arithmetic.ts";
export { permute, squeeze, tile, transpose, unsqueeze } from "./arrange.ts";
export { adaptiveAvgPool2d, avgPool1d, avgPool2d, globalAvgPool2d, l2Pool2d } from "./avgPool.ts";
export * from "./binary.ts";
export { expand, type ReduceOptions, reshape, sum } from "./broadcast.ts";
export { constant, fill, iota } from "./constant.ts";
export { type ConvOptions, type ConvTransposeOptions, conv1d, conv2d, convTranspose2d } from "./conv.ts";
export type { CrossEntropyOptions } from "./crossEntropy.ts";
export { type CumulativeOptions, cumprod, cumsum } from "./cumulative.ts";
export * from "./gated.ts";
export { gather, oneHot, scatterAdd } from "./gather.ts";
export { col2im, im2col, type PatchOptions } from "./im2col.ts";
export { concat, type PadMode, type PadOptions, pad, split, stack } from "./join.ts";
export { flip, slice } from "./layout.ts";
export { linear, type MatmulOptions, matmul } from "./matmul.ts";
export { adaptiveMaxPool2d, globalMaxPool2d, maxPool1d, maxPool2d } from "./maxPool.ts";
export { type Moments, type MomentsOptions, moments } from "./moments.ts";
export {
  type BatchNormOptions,
  type BatchNormTrainingOptions,
  batchNorm,
  batchNormTraining,
  groupNorm,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  type NormalizedBatch,
  type NormOptions,
  type RmsNormOptions,
  rmsNorm,
} from "./normalization.ts";
export { type NormalizeOptions, normalize } from "./normalize.ts";
export type { Binary, NoAttrs, Unary } from "./pointwise.ts";
export type { AvgPoolOptions, PoolOptions } from "./pool.ts";
export { dropout, type RandomSource, randomBernoulli, randomNormal, randomUniform } from "./random.ts";
export {
  type Axes,
  logSum,
  logSumExp,
  max,
  mean,
  min,
  normL1,
  normL2,
  prod,
  std,
  sumSquare,
  type VarianceOptions,
  variance,
} from "./reduce.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { type LocalResponseNormOptions, localResponseNorm, spatialDropout } from "./suppression.ts";
export * from "./trigonometry.ts";
export * from "./unary.ts";
export { type UpsampleOptions, upsample2d } from "./upsample.ts";
export type { Padding, PerAxis } from "./window.ts";

/** The name of an op: each has a row in the sample table. @hidden */
export type OpName =
  | keyof typeof arithmeticOps
  | keyof typeof unaryOps
  | keyof typeof trigonometryOps
  | keyof typeof activationOps
  | keyof typeof gatedOps
  | keyof typeof binaryOps
  | keyof typeof broadcastOps
  | keyof typeof reduceOps
  | keyof typeof argOps
  | keyof typeof cumulativeOps
  | keyof typeof arrangeOps
  | keyof typeof layoutOps
  | keyof typeof joinOps
  | keyof typeof gatherOps
  | keyof typeof matmulOps
  | keyof typeof convolutionOps
  | keyof typeof im2colOps
  | keyof typeof softmaxOps
  | keyof typeof crossEntropyOps
  | keyof typeof binaryCrossEntropyOps
  | keyof typeof maxPoolOps
  | keyof typeof windowSumOps
  | keyof typeof sumPairOps
  | keyof typeof momentsOps
  | keyof typeof normalizeOps
  | keyof typeof randomOps
  | keyof typeof sectionOps
  | keyof typeof stateOps
  | keyof typeof sumPartsOps;

/** Every op by name. */
const functions = {
  ...arithmeticOps,
  ...unaryOps,
  ...trigonometryOps,
  ...activationOps,
  ...gatedOps,
  ...binaryOps,
  ...broadcastOps,
  ...reduceOps,
  ...argOps,
  ...cumulativeOps,
  ...arrangeOps,
  ...layoutOps,
  ...joinOps,
  ...gatherOps,
  ...matmulOps,
  ...convolutionOps,
  ...im2colOps,
  ...softmaxOps,
  ...crossEntropyOps,
  ...binaryCrossEntropyOps,
  ...maxPoolOps,
  ...windowSumOps,
  ...sumPairOps,
  ...momentsOps,
  ...normalizeOps,
  ...randomOps,
  ...sectionOps,
  ...stateOps,
  ...sumPartsOps,
};

/** Every op by name. @hidden */
export const ops = Object.fromEntries(
  Object.entries(functions).map(([name, { op }]) => [name, op as unknown as Op]),
) as Readonly<Record<OpName, Op>>;
