/**
 * Losses as values for trainers, and penalties. As functions of tensors they are exports of gpugrad itself.
 * @module
 */
export type { Loss, SampleLosses } from "./loss.ts";
export * from "./losses.ts";
export { l1Penalty, l2Penalty } from "./penalty.ts";
