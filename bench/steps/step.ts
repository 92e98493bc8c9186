// What a training step to be timed is: a network with its optimiser, on a data set that lies on the device; a fresh batch every step.
import { type Dataset, dataset } from "../../src/data/dataset.ts";
import type { Loss } from "../../src/loss/loss.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import type { Net } from "./net.ts";

export interface StepCase extends Net {
  readonly name: string;
  readonly batchSize: number;
  readonly input: readonly number[];
  readonly optimizer: () => Optimizer;
  /** Softmax cross-entropy when left out. */
  readonly loss?: () => Loss;
  readonly data: () => Dataset;
  /** Steps of gpugrad in one turn at least: an epoch where its end belongs to what is timed. */
  readonly fewest?: number;
  /** False where the reference would take too long: then losses must be finite, no more. */
  readonly isChecked?: boolean;
}

/** `count` examples of `size` bytes, the same every time: each class has a pattern of its own, with noise. */
export function patterns(count: number, size: number, classes: number): Dataset {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % classes);
  const features = Uint8Array.from({ length: count * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    const noise = Math.imul(k, 0x9e3779b1) >>> 27;
    return ((labels[i] as number) * 37 + j * 11 + noise) & 255;
  });
  return dataset(features, labels, { shape: [size], classes });
}
