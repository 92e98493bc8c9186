// The namespace `nn`.
export * from "./activations.ts";
export { foldBatchNorm } from "./fold.ts";
export { freeze } from "./freeze.ts";
export * as init from "./initializers.ts";
export type {
  ApplyContext,
  ChannelAffine,
  InitContext,
  InnerLayers,
  Layer,
  NodeTree,
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
export { dropout, flatten, reshape, serial } from "./serial.ts";
