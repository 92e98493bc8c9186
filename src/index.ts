// gpugrad's public face: re-exports and nothing else.

// Devices, tensors, compiled functions.
export { type Compiled, type CompileOptions, compile, type Value } from "./compile.ts";
export type { DeviceClass, DeviceInfo } from "./core/deviceInfo.ts";
export type { DType, TypedArray } from "./core/dtype.ts";
export {
  DataError,
  DeviceError,
  type ErrorFields,
  GpugradError,
  NonFiniteError,
  OptionError,
  ShaderError,
  ShapeError,
} from "./core/error.ts";
export type { Shape } from "./core/shape.ts";
export type { Dataset } from "./data/dataset.ts";
export * as data from "./data/index.ts";
export { output } from "./graph/define.ts";
export type { Device, ExecutableStats, Progress } from "./graph/device.ts";
export type { Input, Node } from "./graph/node.ts";
// Losses: functions of tensors here, values for trainers under `loss`.
export { binaryCrossEntropy, hinge, sigmoidCrossEntropy } from "./loss/binary.ts";
export { klDivergence, nll, softmaxCrossEntropy } from "./loss/classification.ts";
export * as loss from "./loss/index.ts";
export { huber, mae, mse, smoothL1 } from "./loss/regression.ts";
export * as metrics from "./metrics/index.ts";
export * as nn from "./nn/index.ts";
export { type OpenOptions, openDevice } from "./open.ts";
// Ops.
export {
  celu,
  elu,
  leakyRelu,
  logSigmoid,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  softplus,
  softsign,
  tanh,
} from "./ops/activation.ts";
export { argmax, argmin } from "./ops/arg.ts";
export {
  add,
  cast,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mul,
  neg,
  notEqual,
  remainder,
  sub,
  where,
} from "./ops/arithmetic.ts";
export { permute, squeeze, tile, transpose, unsqueeze } from "./ops/arrange.ts";
export {
  isInfinite,
  isNan,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  pow,
  squaredDifference,
} from "./ops/binary.ts";
export { expand, reshape, sum } from "./ops/broadcast.ts";
export { constant, fill, iota } from "./ops/constant.ts";
export { cumprod, cumsum } from "./ops/cumulative.ts";
export { clamp, gelu, hardSigmoid, hardSwish, hardTanh, mish, silu } from "./ops/gated.ts";
export { gather, oneHot, scatterAdd } from "./ops/gather.ts";
export { concat, pad, split, stack } from "./ops/join.ts";
export { flip, slice } from "./ops/layout.ts";
export { linear, matmul } from "./ops/matmul.ts";
export { dropout, type RandomSource, randomBernoulli, randomNormal, randomUniform } from "./ops/random.ts";
export { logSum, logSumExp, max, mean, min, normL1, normL2, prod, std, sumSquare, variance } from "./ops/reduce.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export {
  abs,
  atan,
  ceil,
  cos,
  cosh,
  detach,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  normalCdf,
  reciprocal,
  round,
  rsqrt,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  tan,
} from "./ops/unary.ts";
export * as optim from "./optim/index.ts";
export { printGraph } from "./passes/print.ts";
export { Tensor, tensor } from "./tensor.ts";
export { grad, type TensorSpec, trace, valueAndGrad } from "./trace.ts";
// Training.
export type { FitOptions } from "./train/fit.ts";
export * as history from "./train/history.ts";
export type { Callback, Evaluation, Report, RunControl, StepLog } from "./train/report.ts";
export type { Weights } from "./train/state.ts";
export type { Clip } from "./train/step.ts";
export { createTrainer, Trainer, type TrainerOptions } from "./train/trainer.ts";
export { packWeights, unpackWeights } from "./train/weightsFile.ts";
