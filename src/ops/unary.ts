// Elementwise functions of one number. f32 unless a row says otherwise.

import { erf as erfOf, normalCdf as normalCdfOf, roundHalfEven } from "../core/special.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { add, div, mul, neg } from "./arithmetic.ts";
import { floatLibrary, specialLibrary } from "./libraries.ts";
import { NUMBERS, TINY, unary } from "./pointwise.ts";

const FLOAT = { uses: [floatLibrary], tolerance: { relative: 1e-6, absolute: TINY } };
const SPECIAL = { uses: [floatLibrary, specialLibrary], tolerance: { relative: 2e-6, absolute: TINY } };

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
  uses: [floatLibrary],
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
  ...FLOAT,
  cost: 16,
  wgsl: (x) => `float_exp(${x})`,
  cpu: Math.exp,
  grad: ({ y, dy }) => [mul(dy, y)],
});
/** eˣ − 1, exact near 0. */
export const expm1 = unary("expm1", {
  ...FLOAT,
  cost: 20,
  wgsl: (x) => `float_expm1(${x})`,
  cpu: Math.expm1,
  grad: ({ y, dy }) => [mul(dy, add(y, 1))],
});
/** ln x; −∞ at 0, NaN below. */
export const log = unary("log", {
  ...FLOAT,
  cost: 20,
  wgsl: (x) => `float_log(${x})`,
  cpu: Math.log,
  grad: ({ x: [x], dy }) => [div(dy, x as Node)],
});
/** ln(1 + x), exact near 0. */
export const log1p = unary("log1p", {
  ...FLOAT,
  cost: 26,
  wgsl: (x) => `float_log1p(${x})`,
  cpu: Math.log1p,
  grad: ({ x: [x], dy }) => [div(dy, add(x as Node, 1))],
});

/** sin x, x in radians; on GPUs exact to f32 up to |x| = 1e5. */
export const sin = unary("sin", {
  ...SPECIAL,
  cost: 24,
  wgsl: (x) => `float_sin(${x})`,
  cpu: Math.sin,
  grad: ({ x: [x], dy }) => [mul(dy, cos(x as Node))],
});
/** cos x, x in radians; on GPUs exact to f32 up to |x| = 1e5. */
export const cos = unary("cos", {
  ...SPECIAL,
  cost: 24,
  wgsl: (x) => `float_cos(${x})`,
  cpu: Math.cos,
  grad: ({ x: [x], dy }) => [neg(mul(dy, sin(x as Node)))],
});
/** tan x, x in radians. */
export const tan = unary("tan", {
  ...SPECIAL,
  cost: 28,
  wgsl: (x) => `float_tan(${x})`,
  cpu: Math.tan,
  grad: ({ y, dy }) => [mul(dy, add(square(y), 1))],
});
/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan = unary("atan", {
  ...SPECIAL,
  cost: 20,
  wgsl: (x) => `float_atan(${x})`,
  cpu: Math.atan,
  grad: ({ x: [x], dy }) => [div(dy, add(square(x as Node), 1))],
});
/** (eˣ − e⁻ˣ)/2 */
export const sinh = unary("sinh", {
  ...SPECIAL,
  cost: 40,
  wgsl: (x) => `float_sinh(${x})`,
  cpu: Math.sinh,
  grad: ({ x: [x], dy }) => [mul(dy, cosh(x as Node))],
});
/** (eˣ + e⁻ˣ)/2 */
export const cosh = unary("cosh", {
  ...SPECIAL,
  cost: 24,
  wgsl: (x) => `float_cosh(${x})`,
  cpu: Math.cosh,
  grad: ({ x: [x], dy }) => [mul(dy, sinh(x as Node))],
});
/** erf x = 2/√π ∫₀ˣ e^(−t²) dt */
export const erf = unary("erf", {
  ...SPECIAL,
  cost: 50,
  wgsl: (x) => `float_erf(${x})`,
  cpu: erfOf,
  grad: ({ x: [x], dy }) => [mul(dy, mul(exp(neg(square(x as Node))), 2 / Math.sqrt(Math.PI)))],
});
/** Φ(x), the standard normal distribution function: what the exact gelu is made of. */
export const normalCdf = unary("normalCdf", {
  ...SPECIAL,
  cost: 50,
  wgsl: (x) => `normal_cdf(${x})`,
  cpu: normalCdfOf,
  grad: ({ x: [x], dy }) => [mul(dy, normalDensity(x as Node))],
});
/** φ(x) = e^(−x²/2)/√2π @hidden */
export function normalDensity(x: Node): Node {
  return mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

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
  reference: ([x]) => (x as Float64Array).slice(),
  grad: () => [undefined],
  pointwise: { aligned: true, cost: 0, startsAt: () => 0, expression: ({ load, index }) => load(0, index) },
});
/** The same values, constant as far as gradients are concerned. */
export function detach(x: Node): Node {
  return detachOp([x], {});
}

/** @hidden */
export const unaryOps = {
  detach: detachOp.op,
  abs: abs.op,
  sign: sign.op,
  isPositive: isPositive.op,
  square: square.op,
  sqrt: sqrt.op,
  rsqrt: rsqrt.op,
  reciprocal: reciprocal.op,
  exp: exp.op,
  expm1: expm1.op,
  log: log.op,
  log1p: log1p.op,
  sin: sin.op,
  cos: cos.op,
  tan: tan.op,
  atan: atan.op,
  sinh: sinh.op,
  cosh: cosh.op,
  erf: erf.op,
  normalCdf: normalCdf.op,
  floor: floor.op,
  ceil: ceil.op,
  round: round.op,
};
