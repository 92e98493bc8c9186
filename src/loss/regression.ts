// Losses of numbers against numbers, as functions of nodes. Definitions and defaults follow torch.nn.functional.
import { OptionError, ShapeError } from "../core/error.ts";
import { sameShape, showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { mul, sub } from "../ops/arithmetic.ts";
import { minimum } from "../ops/binary.ts";
import { abs, square } from "../ops/unary.ts";
import { type ReductionOptions, reduceLosses } from "./reduction.ts";

/** Throws ShapeError unless both have the same shape: broadcasting a loss is nearly always a mistake. */
export function sameShapes(call: string, prediction: Node, target: Node): void {
  if (!sameShape(prediction.shape, target.shape)) {
    throw new ShapeError(
      `${call}: prediction and target have different shapes: ${showShape(prediction.shape)} and ${showShape(target.shape)}`,
    );
  }
}

function difference(call: string, prediction: Node, target: Node): Node {
  sameShapes(call, prediction, target);
  return sub(prediction, target);
}

/** Losses of the elements, before any reduction. */
export const elementwise = {
  mse: (prediction: Node, target: Node) => square(difference("mse", prediction, target)),
  mae: (prediction: Node, target: Node) => abs(difference("mae", prediction, target)),
  /** With a = |d| and c = min(a, δ): c·(a − c/2). */
  huber: (prediction: Node, target: Node, delta: number) => {
    if (!(delta > 0)) throw new OptionError(`huber: delta must be a positive number: got ${delta}`);
    return bend(abs(difference("huber", prediction, target)), delta);
  },
  smoothL1: (prediction: Node, target: Node, beta: number) => {
    if (!(beta >= 0)) throw new OptionError(`smoothL1: beta must be a number, 0 or more: got ${beta}`);
    const distance = abs(difference("smoothL1", prediction, target));
    return beta === 0 ? distance : mul(bend(distance, beta), 1 / beta);
  },
};

/** a²/2 up to `knee`, straight from there on. */
function bend(a: Node, knee: number): Node {
  const c = minimum(a, knee);
  return mul(c, sub(a, mul(c, 0.5)));
}

/** Mean squared error: (p − t)². */
export function mse(prediction: Node, target: Node, options: ReductionOptions = {}): Node {
  return reduceLosses("mse", elementwise.mse(prediction, target), options);
}

/** Mean absolute error: |p − t|. */
export function mae(prediction: Node, target: Node, options: ReductionOptions = {}): Node {
  return reduceLosses("mae", elementwise.mae(prediction, target), options);
}

/** Options of `huber`. */
export interface HuberOptions extends ReductionOptions {
  /** Where the parabola ends. 1 */
  readonly delta?: number;
}

/** Huber's loss: d²/2 where |d| ≤ δ, else δ·(|d| − δ/2), d = p − t. */
export function huber(prediction: Node, target: Node, options: HuberOptions = {}): Node {
  return reduceLosses("huber", elementwise.huber(prediction, target, options.delta ?? 1), options);
}

/** Options of `smoothL1`. */
export interface SmoothL1Options extends ReductionOptions {
  /** Where the parabola ends. 1; 0 makes it the absolute error */
  readonly beta?: number;
}

/** Smooth L1: d²/(2β) where |d| < β, else |d| − β/2, d = p − t. */
export function smoothL1(prediction: Node, target: Node, options: SmoothL1Options = {}): Node {
  return reduceLosses("smoothL1", elementwise.smoothL1(prediction, target, options.beta ?? 1), options);
}
