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

export interface KernelCase extends Sample, Work {
  /** Given where peers can compute the case too: a product of its two inputs, stored as they are or transposed. */
  readonly product?: { readonly transposeA: boolean; readonly transposeB: boolean };
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
