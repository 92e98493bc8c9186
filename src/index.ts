/**
 * Devices, tensors, compiled functions, training, and every op: gpugrad's public face.
 * @module gpugrad
 */
/// <reference lib="dom" preserve="true" />

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
export type { MapTree } from "./core/mapTree.ts";
export type { Shape } from "./core/shape.ts";
export { type Dataset, dataset } from "./data/dataset.ts";
export * as data from "./data/index.ts";
export { grad, valueAndGrad } from "./grad.ts";
export { output } from "./graph/define.ts";
export type {
  Device,
  DispatchTime,
  Executable,
  ExecutableStats,
  Memory,
  MemorySpec,
  Progress,
  Task,
} from "./graph/device.ts";
export type { Input, Node, Spec, Tolerance, Values } from "./graph/node.ts";
export { gpuBufferOf, gpuDeviceOf } from "./interop.ts";
// Losses: functions of tensors here, values for trainers under `loss`.
export { binaryCrossEntropy, hinge, type SigmoidCrossEntropyOptions, sigmoidCrossEntropy } from "./loss/binary.ts";
export {
  type KlDivergenceOptions,
  klDivergence,
  type NllOptions,
  nll,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from "./loss/classification.ts";
export * as loss from "./loss/index.ts";
export type { Reduction, ReductionOptions } from "./loss/reduction.ts";
export { type HuberOptions, huber, mae, mse, type SmoothL1Options, smoothL1 } from "./loss/regression.ts";
export * as metrics from "./metrics/index.ts";
export * as nn from "./nn/index.ts";
export { type KernelFamily, type OpenOptions, openDevice } from "./open.ts";
// Ops.
export * from "./ops/index.ts";
export * as optim from "./optim/index.ts";
export { printGraph } from "./passes/printGraph.ts";
export { Tensor, tensor } from "./tensor.ts";
export { type TensorSpec, trace } from "./trace.ts";
// Training.
export {
  type EarlyStoppingOptions,
  earlyStopping,
  type ReduceOnPlateauOptions,
  reduceOnPlateau,
} from "./train/callbacks.ts";
export type { OpenedInfo, RemoteState } from "./train/channel.ts";
export type { Checkpoint } from "./train/checkpoint.ts";
export type { ModelInGraph } from "./train/compileModel.ts";
export type { EvaluateOptions } from "./train/evaluate.ts";
export type { FitOptions } from "./train/fitOptions.ts";
export * as history from "./train/history.ts";
export type { Prediction } from "./train/predict.ts";
export { connectTrainer, type RemoteOptions, type RemoteTrainer } from "./train/remote.ts";
export type { Callback, Evaluation, Report, RunControl, StepLog } from "./train/report.ts";
export { type Open, type ServeContext, type Served, serveTrainer } from "./train/serve.ts";
export type { ParameterSlot, Role } from "./train/slots.ts";
export type { Weights } from "./train/state.ts";
export type { Clip } from "./train/step.ts";
export { createTrainer, Trainer, type TrainerOptions } from "./train/trainer.ts";
export { packWeights, unpackWeights } from "./train/weightsFile.ts";
