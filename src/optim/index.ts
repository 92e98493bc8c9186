/**
 * Optimisers, clipping, and schedules under `optim.schedule`. Definitions and defaults are PyTorch's.
 * @example
 * const optimizer = optim.adam(optim.schedule.cosine(1e-3, { tMax: 1000 }));
 * @module
 */
export { type AdamaxOptions, type AdamOptions, adam, adamax, adamW } from "./adam.ts";
export { type NadamOptions, nadam, type RadamOptions, radam } from "./adamSchedules.ts";
export {
  type AdadeltaOptions,
  type AdagradOptions,
  adadelta,
  adagrad,
  type RmspropOptions,
  rmsprop,
} from "./adaptive.ts";
export { type ClipOptions, clip, clipByGlobalNorm, clipByValue, globalNorm } from "./clip.ts";
export type { LearningRate, NamedNodes, Optimizer, UpdateInput, UpdateResult } from "./optimizer.ts";
export { type Plateau, type PlateauOptions, type PlateauState, reduceOnPlateau } from "./plateau.ts";
export * as schedule from "./schedules.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
