// The networks that `npm start` can train on MNIST.

import { relu, sigmoid, tanh } from "../../nn/activations.ts";
import { conv2d } from "../../nn/conv.ts";
import type { Layer } from "../../nn/layer.ts";
import { linear } from "../../nn/linear.ts";
import { batchNorm } from "../../nn/normalization.ts";
import { maxPool2d } from "../../nn/pool.ts";
import { dropout, flatten, serial } from "../../nn/serial.ts";
import { adam } from "../../optim/adam.ts";
import type { Optimizer } from "../../optim/optimizer.ts";
import * as schedule from "../../optim/schedules.ts";
import { sgd } from "../../optim/sgd.ts";

export interface Recipe {
  /** For people: "784-128-10". */
  readonly shape: string;
  readonly model: () => Layer;
  /** For a run of so many steps. */
  readonly optimizer: (steps: number) => Optimizer;
  readonly optimizerText: string;
  readonly batch: number;
  readonly epochs: number;
  /** Steps that are repeated on the CPU reference, and by how much of a loss f32 may be off there. */
  readonly check: { readonly steps: number; readonly bound: number };
  /** The table of layers is shown before training: where `shape` leaves much unsaid. */
  readonly showsLayers?: boolean;
  /** Takes pixels with mean 0 and deviation 1 instead of 0 … 1. */
  readonly standardizes?: boolean;
}

/** The rate is the same for two thirds of the steps, then falls to 0: without the fall the last steps leave the accuracy to chance. */
function adamToRest(steps: number): Optimizer {
  const rate = 1e-3;
  const falls = Math.max(1, Math.round(steps / 3));
  const fall = schedule.linear(rate, { startFactor: 1, endFactor: 0, totalIters: falls });
  return adam(schedule.join([schedule.constant(rate), fall], [Math.max(1, steps - falls)]));
}

/** How the convolutional networks are trained. */
const CONVOLUTIONAL = {
  optimizer: adamToRest,
  optimizerText: "Adam 0.001, at the end towards 0",
  batch: 64,
  epochs: 5,
  showsLayers: true,
  standardizes: true,
} as const;

export const RECIPES = {
  mlp: {
    shape: "784 → 128 relu → 10",
    model: () => serial(flatten(), linear(128), relu(), linear(10)),
    optimizer: () => adam(1e-3),
    optimizerText: "Adam 0.001",
    batch: 64,
    epochs: 3,
    check: { steps: 100, bound: 1e-4 },
  },
  course: {
    shape: "784 → 64 sigmoid → 16 tanh → 10",
    model: () => serial(flatten(), linear(64), sigmoid(), linear(16), tanh(), linear(10)),
    optimizer: () => sgd(0.2),
    optimizerText: "SGD 0.2",
    batch: 128,
    epochs: 40,
    check: { steps: 100, bound: 1e-4 },
  },
  cnn: {
    shape: "8 filters 5×5 → pool → 16 filters 5×5 → pool → 128 relu → 10",
    model: () =>
      serial(
        ...[conv2d(8, 5), relu(), maxPool2d(2)],
        ...[conv2d(16, 5), relu(), maxPool2d(2)],
        ...[flatten(), linear(128), relu(), linear(10)],
      ),
    ...CONVOLUTIONAL,
    check: { steps: 50, bound: 2e-4 },
  },
  "cnn-bn": {
    shape: "as cnn, with batch norms and dropout",
    model: () =>
      serial(
        ...[conv2d(8, 5, { bias: false }), batchNorm(), relu(), maxPool2d(2)],
        ...[conv2d(16, 5, { bias: false }), batchNorm(), relu(), maxPool2d(2)],
        ...[flatten(), linear(128), relu(), dropout(0.25), linear(10)],
      ),
    ...CONVOLUTIONAL,
    standardizes: false, // its first batch norm does that
    check: { steps: 50, bound: 1e-3 },
  },
  "cnn-course": {
    shape: "4 filters 3×3 → pool → 6 filters 3×3 → pool → 64 relu → 32 relu → 10",
    model: () =>
      serial(
        ...[conv2d(4, 3), relu(), maxPool2d(2)],
        ...[conv2d(6, 3), relu(), maxPool2d(2)],
        ...[flatten(), linear(64), relu(), linear(32), relu(), linear(10)],
      ),
    ...CONVOLUTIONAL,
    check: { steps: 50, bound: 2e-4 },
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
