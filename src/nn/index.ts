/**
 * Layers, containers and initialisers. Layers are plain values: shapes follow from the input of the trainer.
 * @example
 * const model = nn.serial(nn.conv2d(8, 5), nn.relu(), nn.maxPool2d(2), nn.flatten(), nn.linear(10));
 * console.log(nn.summary(model, [28, 28, 1]).print());
 * @module
 */
export * from "./activations.ts";
export { branch, type ResidualOptions, residual } from "./containers.ts";
export {
  type ConvLayerOptions,
  type ConvTransposeLayerOptions,
  conv1d,
  conv2d,
  convTranspose2d,
  depthwiseConv2d,
} from "./conv.ts";
export { foldBatchNorm } from "./fold.ts";
export { freeze } from "./freeze.ts";
export * as init from "./initializers.ts";
export type {
  ApplyContext,
  ChannelAffine,
  InitContext,
  InnerLayers,
  Layer,
  LayerEntry,
  NamedLayer,
  NodeTree,
  OutputChannels,
  Parameter,
  ParameterTree,
} from "./layer.ts";
export { stateless } from "./layer.ts";
export { embedding, type LinearOptions, linear } from "./linear.ts";
export {
  type BatchNormLayerOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  type LayerNormLayerOptions,
  layerNorm,
  localResponseNorm,
  type NormLayerOptions,
  rmsNorm,
  spatialDropout,
} from "./normalization.ts";
export {
  type AvgPoolLayerOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  l2Pool2d,
  maxPool1d,
  maxPool2d,
  type PoolLayerOptions,
} from "./pool.ts";
export { pad2d, upsample2d } from "./resize.ts";
export { dropout, flatten, reshape, serial } from "./serial.ts";
export { countParameters, type LayerCounts, type Summary, type SummaryRow, summary } from "./summary.ts";
