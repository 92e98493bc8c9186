// The networks that `npm start` can train on MNIST.

import { relu, sigmoid, tanh } from "../../nn/activations.ts";
import type { Layer } from "../../nn/layer.ts";
import { linear } from "../../nn/linear.ts";
import { flatten, serial } from "../../nn/serial.ts";
import { adam } from "../../optim/adam.ts";
import type { Optimizer } from "../../optim/optimizer.ts";
import { sgd } from "../../optim/sgd.ts";

export interface Recipe {
  /** For people: "784-128-10". */
  readonly shape: string;
  readonly model: () => Layer;
  readonly optimizer: () => Optimizer;
  readonly optimizerText: string;
  readonly batch: number;
  readonly epochs: number;
  /** Steps that are repeated on the CPU reference, and by how much of a loss f32 may be off there. */
  readonly check: { readonly steps: number; readonly bound: number };
  /** The table of layers is shown before training: where `shape` leaves much unsaid. */
  readonly showsLayers?: boolean;
}

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
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
