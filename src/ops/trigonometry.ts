// Trigonometric and hyperbolic functions of one number, f32. They stand apart so that programs without them do not carry them.
import type { Node } from "../graph/node.ts";
import { add, div, mul, neg } from "./arithmetic.ts";
import { floatLibrary, saturatingLibrary, specialLibrary } from "./libraries.ts";
import { TINY, unary } from "./pointwise.ts";
import { square } from "./unary.ts";

const SPECIAL = [floatLibrary, saturatingLibrary, specialLibrary];
const CLOSE = { relative: 2e-6, absolute: TINY };

/** sin x, x in radians; on GPUs exact to f32 up to |x| = 1e5. */
export const sin = unary("sin", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 24,
  wgsl: (x) => `float_sin(${x})`,
  cpu: Math.sin,
  grad: ({ x: [x], dy }) => [mul(dy, cos(x as Node))],
});

/** cos x, x in radians; on GPUs exact to f32 up to |x| = 1e5. */
export const cos = unary("cos", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 24,
  wgsl: (x) => `float_cos(${x})`,
  cpu: Math.cos,
  grad: ({ x: [x], dy }) => [neg(mul(dy, sin(x as Node)))],
});

/** tan x, x in radians. */
export const tan = unary("tan", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 28,
  wgsl: (x) => `float_tan(${x})`,
  cpu: Math.tan,
  grad: ({ y, dy }) => [mul(dy, add(square(y), 1))],
});

/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan = unary("atan", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 20,
  wgsl: (x) => `float_atan(${x})`,
  cpu: Math.atan,
  grad: ({ x: [x], dy }) => [div(dy, add(square(x as Node), 1))],
});

/** (eˣ − e⁻ˣ)/2 */
export const sinh = unary("sinh", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 40,
  wgsl: (x) => `float_sinh(${x})`,
  cpu: Math.sinh,
  grad: ({ x: [x], dy }) => [mul(dy, cosh(x as Node))],
});

/** (eˣ + e⁻ˣ)/2 */
export const cosh = unary("cosh", {
  uses: SPECIAL,
  tolerance: CLOSE,
  cost: 24,
  wgsl: (x) => `float_cosh(${x})`,
  cpu: Math.cosh,
  grad: ({ x: [x], dy }) => [mul(dy, sinh(x as Node))],
});

/** @hidden */
export const trigonometryOps = { sin, cos, tan, atan, sinh, cosh };
