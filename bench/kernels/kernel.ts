// What a kernel case is: a sample of the kind that tests use, and how much work it is.
import { type Sample, type SampleInput, sample } from "../../src/check/sample.ts";
import type { Shape } from "../../src/core/shape.ts";

/** How much a case is. */
export interface Work {
  /** Multiplications and additions of one run; none where memory is what takes the time. */
  readonly flops?: number;
  /** Bytes read and written at least; all inputs and results by default. */
  readonly bytes?: number;
}

/** What a peer must know to compute a case from the same inputs. */
export type PeerWork = ProductWork | ConvWork | { readonly kind: "softmax" | "crossEntropy" };

/** A product of two inputs, stored as they are or transposed. */
export interface ProductWork {
  readonly kind: "product";
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A convolution with stride 1 and equal padding on all sides, or gradients of one. */
export interface ConvWork {
  readonly kind: "conv";
  /** What the inputs are, in order. */
  readonly takes: readonly ("x" | "w" | "bias" | "dy")[];
  /** The result with its bias, or the gradients that are wanted, in order. */
  readonly gives: readonly ("y" | "dx" | "dw")[];
  readonly image: Shape;
  readonly filter: Shape;
  readonly pad: number;
}

export interface KernelCase extends Sample, Work {
  /** Given where peers can compute the case too. */
  readonly peers?: PeerWork;
}

/** A case named `name`: the inputs, what is called on them, and how much work that is. */
export function kernel(
  name: string,
  inputs: readonly (SampleInput | Shape)[],
  call: Sample["call"],
  work: Work = {},
): KernelCase {
  return { ...sample(inputs, call, { name }), ...work };
}
