// The sample table: for every op and every function made of ops, calls that work and calls that are refused. From it come the tests of
// gradients, of messages, of kernels on every device, and the doctor. A missing row is a compile error.
import type { OpName } from "../ops/index.ts";
import type { Row } from "./sample.ts";
import { binaryRows } from "./samples/binary.ts";
import { elementwiseRows } from "./samples/elementwise.ts";
import { gatherRows } from "./samples/gather.ts";
import { layoutRows } from "./samples/layout.ts";
import { networkRows } from "./samples/network.ts";
import { normalizationRows } from "./samples/normalization.ts";
import { reduceRows } from "./samples/reduce.ts";
import { stepRows } from "./samples/step.ts";

/** Ops that functions of other names are made of, and state, which has tests of its own. */
type Inner = "embed" | "argReduce" | "scan" | "chain" | "finiteCheck" | "record";

/** Functions made of ops. */
type FunctionName =
  | "mean"
  | "variance"
  | "std"
  | "sumSquare"
  | "normL1"
  | "normL2"
  | "logSum"
  | "logSumExp"
  | "argmax"
  | "argmin"
  | "cumsum"
  | "cumprod"
  | "transpose"
  | "squeeze"
  | "unsqueeze"
  | "flip"
  | "tile"
  | "pad"
  | "stack"
  | "split"
  | "oneHot"
  | "linear"
  | "fill"
  | "iota"
  | "randomBernoulli"
  | "batchNorm"
  | "batchNormTraining"
  | "layerNorm"
  | "groupNorm"
  | "instanceNorm"
  | "rmsNorm"
  | "localResponseNorm"
  | "spatialDropout";

export type SampleName = Exclude<OpName, Inner> | FunctionName;

export const samples: Readonly<Record<SampleName, Row>> = {
  ...elementwiseRows,
  ...binaryRows,
  ...reduceRows,
  ...layoutRows,
  ...gatherRows,
  ...networkRows,
  ...normalizationRows,
  ...stepRows,
};
