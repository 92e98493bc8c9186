// Elementwise functions of one number. f32 unless a row says otherwise.

import { erf as erfOf, normalCdf as normalCdfOf, normalDensityOf, roundHalfEven } from "../core/special.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { add, div, mul, neg } from "./arithmetic.ts";
import { boundsLibrary, floatLibrary, saturatingLibrary, specialLibrary } from "./libraries.ts";
import { NUMBERS, TINY, type Unary, unary } from "./pointwise.ts";

const BOUNDS = [floatLibrary, boundsLibrary];

// named one by one below, not spread: bundlers keep objects that are spread
const FLOAT = [floatLibrary];
const FINE = { relative: 1e-6, absolute: TINY };
const SATURATING = [floatLibrary, saturatingLibrary];
const SPECIAL = [floatLibrary, saturatingLibrary, specialLibrary];
const CLOSE = { relative: 2e-6, absolute: TINY };

/** |x|; its gradient at 0 is 0. */
export const abs = unary("abs", {
  takes: ["f32", "i32"],
  wgsl: (x) => `abs(${x})`,
  cpu: Math.abs,
  grad: ({ x: [x], dy }) => [mul(dy, sign(x as Node))],
});
/** −1, 0 or 1. */
export const sign = unary("sign", {
  takes: ["f32", "i32"],
  uses: BOUNDS,
  wgsl: (x, dtype) => (dtype === "f32" ? `float_sign(${x})` : `sign(${x})`),
  cpu: Math.sign,
  grad: () => [undefined],
});
/** Whether x > 0, also for numbers so small that devices take them for 0: what the gradients of piecewise functions ask. */
export const isPositive = unary("isPositive", {
  gives: "bool",
  uses: [floatLibrary],
  wgsl: (x) => `is_positive(${x})`,
  cpu: (x) => Number(x > 0),
});
/** x² */
export const square = unary("square", {
  takes: NUMBERS,
  wgsl: (x) => `(${x} * ${x})`,
  cpu: (x) => x * x,
  grad: ({ x: [x], dy }) => [mul(dy, mul(x as Node, 2))],
});
/** √x; NaN below 0. */
export const sqrt = unary("sqrt", {
  cost: 4,
  tolerance: { relative: 1e-6, absolute: TINY },
  wgsl: (x) => `sqrt(${x})`,
  cpu: Math.sqrt,
  grad: ({ y, dy }) => [div(dy, mul(y, 2))],
});
/** 1/√x */
export const rsqrt = unary("rsqrt", {
  cost: 4,
  tolerance: { relative: 1e-6, absolute: TINY },
  wgsl: (x) => `inverseSqrt(${x})`,
  cpu: (x) => 1 / Math.sqrt(x),
  grad: ({ y, dy }) => [mul(mul(dy, -0.5), mul(y, square(y)))],
});
/** 1/x */
export const reciprocal = unary("reciprocal", {
  cost: 2,
  tolerance: { relative: 1e-6, absolute: TINY },
  wgsl: (x) => `(1.0f / ${x})`,
  cpu: (x) => 1 / x,
  grad: ({ y, dy }) => [neg(mul(dy, square(y)))],
});

/** eˣ */
export const exp = unary("exp", {
  monotone: () => true,
  uses: FLOAT,
  tolerance: FINE,
  cost: 16,
  wgsl: (x) => `float_exp(${x})`,
  cpu: Math.exp,
  grad: ({ y, dy }) => [mul(dy, y)],
});
/** eˣ − 1, exact near 0. */
export const expm1 = unary("expm1", {
  uses: SATURATING,
  tolerance: FINE,
  cost: 20,
  wgsl: (x) => `float_expm1(${x})`,
  cpu: Math.expm1,
  grad: ({ y, dy }) => [mul(dy, add(y, 1))],
});
/** ln x; −∞ at 0, NaN below. */
export const log = unary("log", {
  uses: FLOAT,
  tolerance: FINE,
  cost: 20,
  wgsl: (x) => `float_log(${x})`,
  cpu: Math.log,
  grad: ({ x: [x], dy }) => [div(dy, x as Node)],
});
/** ln(1 + x), exact near 0. */
export const log1p = unary("log1p", {
  uses: SATURATING,
  tolerance: FINE,
  cost: 26,
  wgsl: (x) => `float_log1p(${x})`,
  cpu: Math.log1p,
  grad: ({ x: [x], dy }) => [div(dy, add(x as Node, 1))],
});

/** erf x = 2/√π ∫₀ˣ e^(−t²) dt */
export const erf = unary("erf", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 50,
  wgsl: (x) => `float_erf(${x})`,
  cpu: erfOf,
  grad: ({ x: [x], dy }) => [mul(dy, mul(exp(neg(square(x as Node))), 2 / Math.sqrt(Math.PI)))],
});
/** Φ(x), the standard normal distribution function: what the exact gelu is made of. */
export const normalCdf = unary("normalCdf", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 50,
  wgsl: (x) => `normal_cdf(${x})`,
  cpu: normalCdfOf,
  grad: ({ x: [x], dy }) => [mul(dy, normalDensity(x as Node))],
});
/** φ(x) = e^(−x²/2)/√2π, the density of the standard normal distribution. */
export const normalDensity: Unary = unary("normalDensity", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 36,
  wgsl: (x) => `normal_density(${x})`,
  cpu: normalDensityOf,
  grad: ({ x: [x], y, dy }) => [neg(mul(dy, mul(x as Node, y)))],
});

/** The largest whole number that is not above x. Its gradient is 0, as that of ceil and round. */
export const floor = unary("floor", { wgsl: (x) => `floor(${x})`, cpu: Math.floor, grad: () => [undefined] });
/** The smallest whole number that is not below x. */
export const ceil = unary("ceil", { wgsl: (x) => `ceil(${x})`, cpu: Math.ceil, grad: () => [undefined] });
/** The nearest whole number, halves to the even one. */
export const round = unary("round", { wgsl: (x) => `round(${x})`, cpu: roundHalfEven, grad: () => [undefined] });

const detachOp = defineOp({
  name: "detach",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
  grad: () => [undefined],
  pointwise: { aligned: true, cost: 0, startsAt: () => 0, expression: ({ load, index }) => load(0, index) },
});
/** The same values, constant as far as gradients are concerned. */
export function detach(x: Node): Node {
  return detachOp([x], {});
}

/** @hidden */
export const unaryOps = {
  detach: detachOp,
  abs,
  sign,
  isPositive,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  expm1,
  log,
  log1p,
  erf,
  normalCdf,
  normalDensity,
  floor,
  ceil,
  round,
};
