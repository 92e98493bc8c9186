// The sample table: for every op and every function made of ops, calls that work and calls that are refused. From it come the tests of
// gradients, of messages, of kernels on every device, and the doctor. A missing row is a compile error.
import type { OpName } from "../ops/index.ts";
import type { Row } from "./sample.ts";
import { binaryRows } from "./samples/binary.ts";
import { convolutionRows } from "./samples/convolution.ts";
import { elementwiseRows } from "./samples/elementwise.ts";
import { gatherRows } from "./samples/gather.ts";
import { layoutRows } from "./samples/layout.ts";
import { networkRows } from "./samples/network.ts";
import { normalizationRows } from "./samples/normalization.ts";
import { poolRows } from "./samples/pool.ts";
import { reduceRows } from "./samples/reduce.ts";
import { stepRows } from "./samples/step.ts";

/** Ops that functions of other names are made of, and state, which has tests of its own. */
type Inner =
  | "embed"
  | "argReduce"
  | "scan"
  | "chain"
  | "finiteCheck"
  | "record"
  | "recordSome"
  | "section"
  | "place"
  | "conv"
  | "convPool"
  | "convInput"
  | "convFilter"
  | "maxPool"
  | "maxUnpool"
  | "pickMax"
  | "windowSum"
  | "windowSpread";

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
  | "conv1d"
  | "conv2d"
  | "convTranspose2d"
  | "fill"
  | "iota"
  | "randomBernoulli"
  | "maxPool1d"
  | "maxPool2d"
  | "adaptiveMaxPool2d"
  | "globalMaxPool2d"
  | "avgPool1d"
  | "avgPool2d"
  | "l2Pool2d"
  | "adaptiveAvgPool2d"
  | "globalAvgPool2d"
  | "upsample2d"
  | "batchNorm"
  | "batchNormTraining"
  | "layerNorm"
  | "groupNorm"
  | "instanceNorm"
  | "rmsNorm"
  | "localResponseNorm"
  | "spatialDropout";

/** What the table has a row for: an op, or a function made of ops. */
export type SampleName = Exclude<OpName, Inner> | FunctionName;

/** Shapes and options to try for each op, and calls that it must refuse: from these come its tests. */
export const samples: Readonly<Record<SampleName, Row>> = {
  ...elementwiseRows,
  ...binaryRows,
  ...reduceRows,
  ...layoutRows,
  ...gatherRows,
  ...networkRows,
  ...convolutionRows,
  ...poolRows,
  ...normalizationRows,
  ...stepRows,
};
