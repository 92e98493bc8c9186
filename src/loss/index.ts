// The namespace `loss`: losses as values for trainers, and penalties.
export type { Loss, SampleLosses } from "./loss.ts";
export * from "./losses.ts";
export { l1Penalty, l2Penalty } from "./penalty.ts";
