// What a pixel of MNIST is to a network: its grey in 0 … 1, or how far from the mean it is.
import type { Dataset } from "../../data/dataset.ts";

/** Mean and standard deviation of all pixels of the training set, in 0 … 1. */
const MEAN = 0.1307;
const DEVIATION = 0.3081;

/** The same images with mean 0 and deviation 1. Bytes stay bytes: only what one stands for changes. */
export function standardized(set: Dataset): Dataset {
  return { ...set, scale: set.scale / DEVIATION, offset: (set.offset - MEAN) / DEVIATION };
}

/** For people who use the weights elsewhere. */
export function pixelText(isStandardized: boolean): string {
  const grey = "28×28 grey, byte / 255";
  return isStandardized ? `${grey}, minus ${MEAN}, over ${DEVIATION}` : grey;
}
