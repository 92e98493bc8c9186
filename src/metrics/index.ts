// The namespace `metrics`: what a training step works out as it goes, and scores from a confusion matrix.
export * from "./confusion.ts";
export * from "./perSample.ts";
