// References that stand apart from their ops: those of ops in every page that trains, which has no use for them while its kernels are right.
import { internal } from "../core/error.ts";
import type { Op, Reference } from "../graph/node.ts";
import { crossEntropyReference } from "../ops/crossEntropyReference.ts";
import { layoutReferences } from "../ops/layoutReference.ts";
import { matmulReference } from "../ops/matmulReference.ts";
import { reductionReferences } from "../ops/reductionReference.ts";
import { stateReferences } from "../ops/stateReference.ts";

/** By the names of the ops; each takes the attributes of its own. */
const APART: Readonly<Record<string, Reference<never>>> = {
  matmul: matmulReference,
  softmaxCrossEntropy: crossEntropyReference,
  ...layoutReferences,
  ...reductionReferences,
  ...stateReferences,
};

/** What an op computes, in float64. */
export function referenceOf({ name, reference = APART[name] as Reference }: Op): Reference {
  if (!reference) throw internal(`${name} has no reference`);
  return reference;
}
