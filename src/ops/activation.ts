// Activation functions. Gradients follow PyTorch at kinks, and use the result instead of the argument where that saves memory.

import { clampOf, sigmoidOf, softplusOf } from "../core/special.ts";
import type { Node } from "../graph/node.ts";
import { add, div, greater, less, mul, neg, sub, where } from "./arithmetic.ts";
import { literal, zerosLike } from "./constant.ts";
import { floatLibrary, saturatingLibrary } from "./libraries.ts";
import { passWhere } from "./pass.ts";
import { binary, TINY, unary, unaryWith } from "./pointwise.ts";
import { abs, isPositive, square } from "./unary.ts";

// named one by one below, not spread: bundlers keep objects that are spread
const SATURATING = [floatLibrary, saturatingLibrary];
const FINE = { relative: 1e-6, absolute: TINY };
const f32 = (value: number) => literal(value, "f32");

/** max(x, 0); its gradient at 0 is 0. */
export const relu = unary("relu", {
  monotone: () => true,
  uses: [floatLibrary],
  wgsl: (x) => `float_relu(${x})`,
  cpu: (x) => Math.max(x, 0),
  grad: ({ y, dy }) => [passWhere(isPositive(y), dy)],
});
/** min(max(x, 0), 6); its gradient at 0 and 6 is 0. */
export const relu6 = unary("relu6", {
  monotone: () => true,
  uses: [floatLibrary],
  wgsl: (x) => `select(float_relu(${x}), 6.0f, ${x} > 6.0f)`,
  cpu: (x) => clampOf(x, 0, 6),
  grad: ({ y, dy }) => [passWhere(isPositive(y), passWhere(less(y, 6), dy))],
});
/** x where x > 0, else alpha·x (alpha 0.01). */
export const leakyRelu = unaryWith<{ readonly alpha: number }>("leakyRelu", {
  monotone: ({ alpha }) => alpha > 0, // 0 · −∞ is NaN
  uses: [floatLibrary],
  defaults: { alpha: 0.01 },
  wgsl: (x, _, { alpha }) => `select(${f32(alpha)} * ${x}, ${x}, is_positive(${x}))`,
  cpu: (x, { alpha }) => (x > 0 ? x : alpha * x),
  grad: ({ x: [x], y, dy, attrs: { alpha } }) => [where(isPositive(alpha >= 0 ? y : (x as Node)), dy, mul(dy, alpha))],
});
/** x where x > 0, else slope·x; x and slope broadcast. */
export const prelu = binary("prelu", {
  uses: [floatLibrary],
  wgsl: (x, slope) => `select(${slope} * ${x}, ${x}, is_positive(${x}))`,
  cpu: (x, slope) => (x > 0 ? x : slope * x),
  grad: ({ x: [x, slope], dy }) => {
    const positive = isPositive(x as Node);
    return [where(positive, dy, mul(dy, slope as Node)), where(positive, zerosLike(dy), mul(dy, x as Node))];
  },
});
/** x where x > 0, else alpha·(eˣ − 1) (alpha 1). */
export const elu = unaryWith<{ readonly alpha: number }>("elu", {
  monotone: ({ alpha }) => alpha >= 0,
  uses: SATURATING,
  tolerance: FINE,
  cost: 20,
  defaults: { alpha: 1 },
  wgsl: (x, _, { alpha }) => `select(${f32(alpha)} * float_expm1(${x}), ${x}, is_positive(${x}))`,
  cpu: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  grad: ({ x: [x], y, dy, attrs: { alpha } }) => [
    where(isPositive(alpha >= 0 ? y : (x as Node)), dy, mul(dy, add(y, alpha))),
  ],
});
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/** scale·elu(x) with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu = unary("selu", {
  monotone: () => true,
  uses: SATURATING,
  tolerance: FINE,
  cost: 20,
  // never 0 where x > 0, denormals included, so that the gradient can tell
  wgsl: (x) =>
    `select(${f32(SELU_SCALE * SELU_ALPHA)} * float_expm1(${x}), max(${f32(SELU_SCALE)} * ${x}, 0x1p-126f), is_positive(${x}))`,
  cpu: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  grad: ({ y, dy }) => [where(isPositive(y), mul(dy, SELU_SCALE), mul(dy, add(y, SELU_SCALE * SELU_ALPHA)))],
});
/** x where x > 0, else alpha·(e^(x/alpha) − 1) (alpha 1). */
export const celu = unaryWith<{ readonly alpha: number }>("celu", {
  monotone: ({ alpha }) => alpha > 0,
  uses: SATURATING,
  tolerance: FINE,
  cost: 20,
  defaults: { alpha: 1 },
  refuses: ({ alpha }) => (alpha === 0 ? "alpha must not be 0" : undefined),
  wgsl: (x, _, { alpha }) => `select(${f32(alpha)} * float_expm1(${x} / ${f32(alpha)}), ${x}, is_positive(${x}))`,
  cpu: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
  grad: ({ y, dy, attrs: { alpha } }) => [where(isPositive(y), dy, mul(dy, add(mul(y, 1 / alpha), 1)))],
});

/** 1/(1 + e⁻ˣ) */
export const sigmoid = unary("sigmoid", {
  monotone: () => true,
  uses: SATURATING,
  tolerance: FINE,
  cost: 20,
  wgsl: (x) => `float_sigmoid(${x})`,
  cpu: sigmoidOf,
  grad: ({ y, dy }) => [mul(dy, mul(y, sub(1, y)))],
});
/** ln sigmoid(x) = −softplus(−x) */
export const logSigmoid = unary("logSigmoid", {
  monotone: () => true,
  uses: SATURATING,
  tolerance: FINE,
  cost: 40,
  wgsl: (x) => `(-float_softplus(-${x}))`,
  cpu: (x) => -softplusOf(-x),
  grad: ({ x: [x], dy }) => [mul(dy, sigmoid(neg(x as Node)))],
});
/** tanh x */
export const tanh = unary("tanh", {
  monotone: () => true,
  uses: SATURATING,
  tolerance: FINE,
  cost: 24,
  wgsl: (x) => `float_tanh(${x})`,
  cpu: Math.tanh,
  grad: ({ y, dy }) => [mul(dy, sub(1, square(y)))],
});
/** ln(1 + e^(beta·x))/beta (beta 1); x itself where beta·x exceeds `threshold` (never, unless given). */
export const softplus = unaryWith<{ readonly beta: number; readonly threshold: number }>("softplus", {
  monotone: ({ threshold }) => threshold === Number.POSITIVE_INFINITY, // it falls a little where it becomes x
  uses: SATURATING,
  tolerance: FINE,
  cost: 40,
  defaults: { beta: 1, threshold: Number.POSITIVE_INFINITY },
  refuses: ({ beta }) => (beta === 0 ? "beta must not be 0" : undefined),
  wgsl: (x, _, { beta, threshold }) => {
    const exact = beta === 1 ? `float_softplus(${x})` : `(float_softplus(${f32(beta)} * ${x}) / ${f32(beta)})`;
    return threshold === Number.POSITIVE_INFINITY
      ? exact
      : `select(${exact}, ${x}, ${f32(beta)} * ${x} > ${f32(threshold)})`;
  },
  cpu: (x, { beta, threshold }) => (beta * x > threshold ? x : softplusOf(beta * x) / beta),
  grad: ({ x: [x], dy, attrs: { beta, threshold } }) => {
    const scaled = mul(x as Node, beta);
    const slope = mul(dy, sigmoid(scaled));
    return [threshold === Number.POSITIVE_INFINITY ? slope : where(greater(scaled, threshold), dy, slope)];
  },
});
/** x/(1 + |x|) */
export const softsign = unary("softsign", {
  cost: 3,
  tolerance: { relative: 1e-6, absolute: TINY },
  wgsl: (x) => `(${x} / (1.0f + abs(${x})))`,
  cpu: (x) => x / (1 + Math.abs(x)),
  grad: ({ x: [x], dy }) => [div(dy, square(add(abs(x as Node), 1)))],
});

/** @hidden */
export const activationOps = {
  relu,
  relu6,
  leakyRelu,
  prelu,
  elu,
  selu,
  celu,
  sigmoid,
  logSigmoid,
  tanh,
  softplus,
  softsign,
};
