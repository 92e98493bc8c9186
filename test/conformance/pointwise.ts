// Cases of elementwise ops: one input, two that broadcast, comparisons, logic. Suites differ in names and in options left out.
import type { Node, Values } from "../../src/graph/node.ts";
import * as activation from "../../src/ops/activation.ts";
import * as arithmetic from "../../src/ops/arithmetic.ts";
import * as binary from "../../src/ops/binary.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import * as gated from "../../src/ops/gated.ts";
import * as trigonometry from "../../src/ops/trigonometry.ts";
import * as unary from "../../src/ops/unary.ts";
import type { Call, GraphOf } from "./call.ts";

const one =
  (f: (x: Node) => Node): GraphOf =>
  ({ x }) =>
    f(x);
const two =
  (f: (a: Node, b: Node) => Node): GraphOf =>
  (call) =>
    f(call.at(0), call.at(1));
/** Numbers count as true unless they are 0. */
const truth = (x: Node): Node => (x.dtype === "bool" ? x : arithmetic.cast(x, "bool"));
/** An attribute that is a number; some suites write infinities as strings. */
const number = (call: Call, names: readonly string[], otherwise: number): number =>
  Number(call.anyOf(names, otherwise));

const UNARY = {
  abs: unary.abs,
  neg: arithmetic.neg,
  sign: unary.sign,
  square: unary.square,
  sqrt: unary.sqrt,
  rsqrt: unary.rsqrt,
  reciprocal: unary.reciprocal,
  exp: unary.exp,
  expm1: unary.expm1,
  log: unary.log,
  log1p: unary.log1p,
  sin: trigonometry.sin,
  cos: trigonometry.cos,
  tan: trigonometry.tan,
  sinh: trigonometry.sinh,
  cosh: trigonometry.cosh,
  atan: trigonometry.atan,
  erf: unary.erf,
  floor: unary.floor,
  ceil: unary.ceil,
  round: unary.round,
  relu: activation.relu,
  relu6: activation.relu6,
  selu: activation.selu,
  sigmoid: activation.sigmoid,
  log_sigmoid: activation.logSigmoid,
  tanh: activation.tanh,
  softsign: activation.softsign,
  silu: gated.silu,
  mish: gated.mish,
  hard_swish: gated.hardSwish,
  identity: (x: Node) => x,
} satisfies Record<string, (x: Node) => Node>;

const BINARY = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: binary.maximum,
  minimum: binary.minimum,
  max: binary.maximum,
  min: binary.minimum,
  squared_difference: (a: Node, b: Node) => unary.square(arithmetic.sub(a, b)),
  equal: arithmetic.equal,
  not_equal: arithmetic.notEqual,
  greater: arithmetic.greater,
  greater_equal: arithmetic.greaterEqual,
  greater_or_equal: arithmetic.greaterEqual,
  less: arithmetic.less,
  lesser: arithmetic.less,
  less_equal: arithmetic.lessEqual,
  lesser_or_equal: arithmetic.lessEqual,
  logical_and: (a: Node, b: Node) => binary.logicalAnd(truth(a), truth(b)),
  logical_or: (a: Node, b: Node) => binary.logicalOr(truth(a), truth(b)),
  logical_xor: (a: Node, b: Node) => binary.logicalXor(truth(a), truth(b)),
} satisfies Record<string, (a: Node, b: Node) => Node>;

/** WebNN takes NaN for no bound. */
function bound(call: Call, names: readonly string[], none: number): number {
  const value = number(call, names, none);
  return Number.isNaN(value) ? none : value;
}

/**
 * At exactly 0 the slope of softplus is ½. gen_torch.py writes softplus as max(x, 0) + ln(1 + e⁻|ˣ|) with branches whose slope there is 0,
 * and expects that; so at 0, and only there, its formula stands in.
 */
function softplus(call: Call): Node {
  const beta = number(call, ["beta"], 1);
  const { x } = call;
  const y = activation.softplus(x, { beta });
  if (!call.isTorch) return y;
  const flat = arithmetic.div(unary.log1p(unary.exp(arithmetic.neg(unary.abs(arithmetic.mul(x, beta))))), beta);
  return arithmetic.where(isZero(call), flat, y);
}

/** Where x is exactly 0; asked on the host, because GPUs may take denormals for 0. */
function isZero(call: Call): Node {
  const mask = call.leaf("is zero", { dtype: "bool", shape: call.x.shape, fill: 0 });
  call.leaves.set(
    mask,
    (call.leaves.get(call.x) as Values).map((x) => Number(x === 0)),
  );
  return truth(mask);
}

const mapped = (table: Readonly<Record<string, never>>, to: (f: never) => GraphOf): Record<string, GraphOf> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, to(f)]));

/** Ops by their snake_case names. */
export const pointwise: Readonly<Record<string, GraphOf>> = {
  ...mapped(UNARY as never, one as never),
  ...mapped(BINARY as never, two as never),
  logical_not: ({ x }) => binary.logicalNot(truth(x)),
  pow: (call) => binary.pow(call.x, call.inputs[1] ?? number(call, ["exponent"], 1)),
  where: (call) => arithmetic.where(truth(call.at(0)), call.at(1), call.at(2)),
  clamp: (call) =>
    gated.clamp(call.x, {
      min: bound(call, ["min", "minValue"], Number.NEGATIVE_INFINITY),
      max: bound(call, ["max", "maxValue"], Number.POSITIVE_INFINITY),
    }),
  leaky_relu: (call) => activation.leakyRelu(call.x, { alpha: number(call, ["alpha"], 0.01) }),
  elu: (call) => activation.elu(call.x, { alpha: number(call, ["alpha"], 1) }),
  celu: (call) => activation.celu(call.x, { alpha: number(call, ["alpha"], 1) }),
  softplus,
  gelu: (call) => gated.gelu(call.x, { approximate: call.attr("approximate", "none") }),
  hard_sigmoid: (call) =>
    gated.hardSigmoid(call.x, {
      // WebNN's defaults where the case leaves them out; PyTorch's cases name theirs
      alpha: number(call, ["alpha"], 0.2),
      beta: number(call, ["beta"], 0.5),
    }),
  hard_tanh: (call) => gated.hardTanh(call.x, { min: number(call, ["min"], -1), max: number(call, ["max"], 1) }),
  prelu: (call) => activation.prelu(call.x, slopeOf(call)),
  dropout_with_mask: (call) =>
    arithmetic.mul(arithmetic.mul(call.named("x"), call.named("mask")), 1 / (1 - call.attr("p", 0))),
};

/** PyTorch's prelu has one weight a channel (axis 1), or one in all; elsewhere slopes broadcast. */
function slopeOf(call: Call): Node {
  const slope = call.at(1);
  const rank = call.x.shape.length;
  if (!call.isTorch || slope.shape[0] === 1) return slope;
  return reshape(slope, [slope.shape[0] as number, ...new Array<number>(rank - 2).fill(1)]);
}
