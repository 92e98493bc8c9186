/**
 * What a training step works out beside its loss, and scores from a confusion matrix.
 * @module
 */
export * from "./confusion.ts";
export * from "./perSample.ts";
