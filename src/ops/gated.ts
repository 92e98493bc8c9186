// Activation functions of the form x · gate(x), and the piecewise linear ones with limits.

import { clampOf, normalCdf as normalCdfOf, sigmoidOf } from "../core/special.ts";
import type { Node } from "../graph/node.ts";
import { sigmoid, softplus, tanh } from "./activation.ts";
import { add, greater, greaterEqual, less, lessEqual, mul, sub, where } from "./arithmetic.ts";
import { literal } from "./constant.ts";
import { boundsLibrary, floatLibrary, saturatingLibrary, specialLibrary } from "./libraries.ts";
import { passWhere } from "./pass.ts";
import { NUMBERS, TINY, unary, unaryWith } from "./pointwise.ts";
import { isPositive, normalCdf, normalDensity, square } from "./unary.ts";

const BOUNDS = [floatLibrary, boundsLibrary];

/** The gate may be lost below f32's smallest normal number; x is at most about 100 there. */
const LOST = 100 * TINY;
const f32 = (value: number) => literal(value, "f32");

/** x·sigmoid(x), also called swish. */
export const silu = unary("silu", {
  uses: [floatLibrary, saturatingLibrary],
  tolerance: { relative: 1e-6, absolute: LOST },
  cost: 20,
  wgsl: (x) => `(${x} * float_sigmoid(${x}))`,
  cpu: (x) => x * sigmoidOf(x),
  grad: ({ x: [x], dy }) => {
    const gate = sigmoid(x as Node);
    return [mul(dy, mul(gate, add(mul(x as Node, sub(1, gate)), 1)))]; // s·(1 + x·(1 − s))
  },
});
/** x·tanh(softplus(x)) (Misra 2019) */
export const mish = unary("mish", {
  uses: [floatLibrary, saturatingLibrary],
  tolerance: { relative: 1e-6, absolute: LOST },
  cost: 24,
  // tanh(ln(1 + e)) = n/(n + 2), n = e·(e + 2)
  wgsl: (x) => `(${x} * float_mish_gate(${x}))`,
  cpu: (x) => x * mishGate(x),
  grad: ({ x: [x], dy }) => {
    const gate = tanh(softplus(x as Node));
    return [mul(dy, add(gate, mul(mul(x as Node, sigmoid(x as Node)), sub(1, square(gate)))))];
  },
});
function mishGate(x: number): number {
  const e = Math.exp(Math.min(x, 40));
  return (e * (e + 2)) / (e * (e + 2) + 2);
}

const GELU_SLOPE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;
/** Beyond ±10 the tanh form is exactly 0 or 1 in f32; staying inside keeps x³ from overflowing. */
const GELU_LIMIT = 10;
const geluTanhGate = (x: number) => sigmoidOf(2 * GELU_SLOPE * (x + GELU_CUBIC * x ** 3));

/** x·Φ(x) (Hendrycks and Gimpel 2016): exact ("none"), or with their tanh approximation of Φ ("tanh"). */
export const gelu = unaryWith<{ readonly approximate: "none" | "tanh" }>("gelu", {
  uses: [floatLibrary, saturatingLibrary, specialLibrary],
  tolerance: { relative: 2e-6, absolute: LOST },
  cost: 50,
  defaults: { approximate: "none" },
  refuses: ({ approximate }) =>
    approximate === "none" || approximate === "tanh"
      ? undefined
      : `approximate must be "none" or "tanh": got "${approximate}"`,
  wgsl: (x, _, { approximate }) => `(${x} * ${approximate === "tanh" ? "gelu_tanh_gate" : "normal_cdf"}(${x}))`,
  cpu: (x, { approximate }) => x * (approximate === "tanh" ? geluTanhGate(x) : normalCdfOf(x)),
  grad: ({ x: [x], dy, attrs: { approximate } }) => {
    const at = x as Node;
    if (approximate === "none") return [mul(dy, add(normalCdf(at), mul(at, normalDensity(at))))]; // Φ + x·φ
    const near = clamp(at, { min: -GELU_LIMIT, max: GELU_LIMIT });
    const cubic = mul(square(near), GELU_CUBIC);
    const gate = sigmoid(mul(mul(near, add(cubic, 1)), 2 * GELU_SLOPE));
    const slope = mul(add(mul(cubic, 3), 1), 2 * GELU_SLOPE); // gate = s(u): gate' = s·(1 − s)·u'
    return [mul(dy, add(gate, mul(mul(near, slope), mul(gate, sub(1, gate)))))];
  },
});

/** min(max(alpha·x + beta, 0), 1): alpha 1/6 and beta 1/2 as PyTorch; WebNN's default alpha is 0.2. */
export const hardSigmoid = unaryWith<{ readonly alpha: number; readonly beta: number }>("hardSigmoid", {
  monotone: ({ alpha }) => alpha > 0,
  uses: BOUNDS,
  defaults: { alpha: 1 / 6, beta: 0.5 },
  wgsl: (x, _, { alpha, beta }) => `float_clamp(${f32(alpha)} * ${x} + ${f32(beta)}, 0.0f, 1.0f)`,
  cpu: (x, { alpha, beta }) => clampOf(alpha * x + beta, 0, 1),
  grad: ({ y, dy, attrs: { alpha } }) => [passWhere(isPositive(y), passWhere(less(y, 1), mul(dy, alpha)))],
});
/** x·min(max(x + 3, 0), 6)/6 (Howard et al. 2019) */
export const hardSwish = unary("hardSwish", {
  uses: BOUNDS,
  wgsl: (x) => `(${x} * float_clamp(${x} + 3.0f, 0.0f, 6.0f) / 6.0f)`,
  cpu: (x) => (x * clampOf(x + 3, 0, 6)) / 6,
  grad: ({ x: [x], dy }) => {
    const at = x as Node;
    const inner = mul(dy, add(mul(at, 1 / 3), 0.5));
    return [passWhere(greaterEqual(at, -3), where(lessEqual(at, 3), inner, dy))];
  },
});
/** min(max(x, min), max) (−1 and 1); its gradient at both ends is 0. */
export const hardTanh = unaryWith<{ readonly min: number; readonly max: number }>("hardTanh", {
  monotone: () => true,
  uses: BOUNDS,
  defaults: { min: -1, max: 1 },
  refuses: ({ min, max }) => (min > max ? `min must not exceed max: ${min} and ${max}` : undefined),
  wgsl: (x, _, { min, max }) => `float_clamp(${x}, ${f32(min)}, ${f32(max)})`,
  cpu: (x, { min, max }) => clampOf(x, min, max),
  grad: ({ y, dy, attrs: { min, max } }) => [passWhere(greater(y, min), passWhere(less(y, max), dy))],
});

/**
 * min(max(x, min), max); either bound may be left out. The gradient passes at the bounds themselves.
 * @throws OptionError when min exceeds max, or a bound of integers is not whole
 * @example
 * clamp(x, { min: 0, max: 1 }); // 0 0.5 1 for −2 0.5 3
 */
export const clamp = unaryWith<{ readonly min: number; readonly max: number }>("clamp", {
  takes: NUMBERS,
  uses: BOUNDS,
  defaults: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
  refuses: ({ min, max }, dtype) => {
    if (min > max) return `min must not exceed max: ${min} and ${max}`;
    const broken = [min, max].find((bound) => dtype !== "f32" && Number.isFinite(bound) && !Number.isInteger(bound));
    return broken === undefined ? undefined : `bounds of ${dtype} must be whole: ${broken}`;
  },
  wgsl: (x, dtype, { min, max }) =>
    dtype === "f32"
      ? `float_clamp(${x}, ${f32(min)}, ${f32(max)})`
      : `clamp(${x}, ${literal(Math.max(min, dtype === "u32" ? 0 : -2147483648), dtype)}, ${literal(Math.min(max, dtype === "u32" ? 4294967295 : 2147483647), dtype)})`,
  cpu: (x, { min, max }) => clampOf(x, min, max),
  grad: ({ x: [x], dy, attrs: { min, max } }) => {
    const below = max === Number.POSITIVE_INFINITY ? dy : passWhere(lessEqual(x as Node, max), dy);
    return [min === Number.NEGATIVE_INFINITY ? below : passWhere(greaterEqual(x as Node, min), below)];
  },
});

/** @hidden */
export const gatedOps = {
  silu,
  mish,
  gelu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  clamp,
};
