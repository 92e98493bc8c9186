// Every op by name. Tests and the doctor go through this list; nothing else in the library imports it.
import type { Op } from "../graph/node.ts";
import { activationOps } from "./activation.ts";
import { argOps } from "./arg.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { arrangeOps } from "./arrange.ts";
import { binaryOps } from "./binary.ts";
import { binaryCrossEntropyOps } from "./binaryCrossEntropy.ts";
import { broadcastOps } from "./broadcast.ts";
import { crossEntropyOps } from "./crossEntropy.ts";
import { cumulativeOps } from "./cumulative.ts";
import { gatedOps } from "./gated.ts";
import { gatherOps } from "./gather.ts";
import { joinOps } from "./join.ts";
import { layoutOps } from "./layout.ts";
import { matmulOps } from "./matmul.ts";
import { randomOps } from "./random.ts";
import { reduceOps } from "./reduce.ts";
import { softmaxOps } from "./softmax.ts";
import { stateOps } from "./state.ts";
import { unaryOps } from "./unary.ts";

/** The name of an op: each has a row in the sample table. */
export type OpName =
  | keyof typeof arithmeticOps
  | keyof typeof unaryOps
  | keyof typeof activationOps
  | keyof typeof gatedOps
  | keyof typeof binaryOps
  | keyof typeof broadcastOps
  | keyof typeof reduceOps
  | keyof typeof argOps
  | keyof typeof cumulativeOps
  | keyof typeof arrangeOps
  | keyof typeof layoutOps
  | keyof typeof joinOps
  | keyof typeof gatherOps
  | keyof typeof matmulOps
  | keyof typeof softmaxOps
  | keyof typeof crossEntropyOps
  | keyof typeof binaryCrossEntropyOps
  | keyof typeof randomOps
  | keyof typeof stateOps;

export const ops = {
  ...arithmeticOps,
  ...unaryOps,
  ...activationOps,
  ...gatedOps,
  ...binaryOps,
  ...broadcastOps,
  ...reduceOps,
  ...argOps,
  ...cumulativeOps,
  ...arrangeOps,
  ...layoutOps,
  ...joinOps,
  ...gatherOps,
  ...matmulOps,
  ...softmaxOps,
  ...crossEntropyOps,
  ...binaryCrossEntropyOps,
  ...randomOps,
  ...stateOps,
} as unknown as Readonly<Record<OpName, Op>>;
