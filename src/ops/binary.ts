// Elementwise functions of two numbers that broadcast, and logic on bools.

import type { Input, Node } from "../graph/node.ts";
import { equal, greater, greaterEqual, mul, neg, sub, where } from "./arithmetic.ts";
import { asNode, filledWith, zerosLike } from "./constant.ts";
import { boundsLibrary, floatLibrary, specialLibrary } from "./libraries.ts";
import { binary, NUMBERS, TINY, unary } from "./pointwise.ts";
import { log, reciprocal, sqrt, square } from "./unary.ts";

/** dy to the larger (or smaller) side, half to each where they are equal. */
function shareByOrder(a: Node, b: Node, dy: Node, wins: (a: Node, b: Node) => Node): readonly Node[] {
  const half = mul(dy, 0.5);
  const tie = equal(a, b);
  const zero = zerosLike(dy);
  const won = wins(a, b);
  return [where(tie, half, where(won, dy, zero)), where(tie, half, where(won, zero, dy))];
}

/** The larger of two numbers; NaN when either is NaN. Equal sides share the gradient. */
export const maximum = binary("maximum", {
  takes: NUMBERS,
  uses: [floatLibrary, boundsLibrary],
  wgsl: (a, b, dtype) => `${dtype === "f32" ? "float_maximum" : "max"}(${a}, ${b})`,
  cpu: Math.max,
  grad: ({ x: [a, b], dy }) => shareByOrder(a as Node, b as Node, dy, greater),
});
/** The smaller of two numbers; NaN when either is NaN. Equal sides share the gradient. */
export const minimum = binary("minimum", {
  takes: NUMBERS,
  uses: [floatLibrary, boundsLibrary],
  wgsl: (a, b, dtype) => `${dtype === "f32" ? "float_minimum" : "min"}(${a}, ${b})`,
  cpu: Math.min,
  grad: ({ x: [a, b], dy }) => shareByOrder(a as Node, b as Node, dy, (p, q) => greater(q, p)),
});
/** (a − b)² */
export const squaredDifference = binary("squaredDifference", {
  takes: NUMBERS,
  wgsl: (a, b) => `((${a} - ${b}) * (${a} - ${b}))`,
  cpu: (a, b) => (a - b) ** 2,
  grad: ({ x: [a, b], dy }) => {
    const da = mul(dy, mul(sub(a as Node, b as Node), 2));
    return [da, neg(da)];
  },
});

const powRow = binary("pow", {
  uses: [floatLibrary, specialLibrary],
  cost: 40,
  tolerance: { relative: 3e-6, absolute: TINY },
  wgsl: (a, b) => `float_pow(${a}, ${b})`,
  cpu: powOf,
  grad: ({ x, y, dy }) => {
    const [a, b] = x as [Node, Node];
    const zero = zerosLike(dy);
    const atZero = equal(a, 0);
    const da = where(equal(b, 0), zero, mul(b, pow(a, sub(b, 1)))); // d aᵇ/da = b·aᵇ⁻¹, 0 for b = 0
    const db = mul(y, log(where(atZero, 1, a))); // aᵇ·ln a, 0 for a = 0 and b ≥ 0
    return [mul(dy, da), mul(dy, where(atZero, where(greaterEqual(b, 0), zero, Number.NaN), db))];
  },
});

/** C's pow: JavaScript's gives NaN for 1 to the power ∞. */
function powOf(a: number, b: number): number {
  return Math.abs(a) === 1 && Math.abs(b) === Number.POSITIVE_INFINITY ? 1 : a ** b;
}

/** a to the power b, as C's pow: whole powers of negative numbers are fine, other powers of them are NaN. */
export function pow(a: Input, b: Input): Node {
  const exponent = typeof b === "number" ? b : typeof b === "object" ? filledWith(b) : undefined;
  const base = asNode("pow", a);
  const isScalar = typeof b === "number" || (typeof b === "object" && b.shape.length === 0);
  if (base.dtype === "f32" && isScalar) {
    if (exponent === 1) return base;
    if (exponent === 2) return square(base);
    if (exponent === 3) return mul(square(base), base);
    if (exponent === 0.5) return sqrt(base);
    if (exponent === -1) return reciprocal(base);
  }
  return powRow(a, b);
}

const BOOL = ["bool"] as const;
/** a and b */
export const logicalAnd = binary("logicalAnd", {
  takes: BOOL,
  gives: "bool",
  wgsl: (a, b) => `(${a} & ${b})`,
  cpu: (a, b) => Number(a && b),
});
/** a or b */
export const logicalOr = binary("logicalOr", {
  takes: BOOL,
  gives: "bool",
  wgsl: (a, b) => `(${a} | ${b})`,
  cpu: (a, b) => Number(a || b),
});
/** Either a or b, not both. */
export const logicalXor = binary("logicalXor", {
  takes: BOOL,
  gives: "bool",
  wgsl: (a, b) => `(${a} != ${b})`,
  cpu: (a, b) => Number(a !== b),
});
/** not a */
export const logicalNot = unary("logicalNot", {
  takes: BOOL,
  gives: "bool",
  wgsl: (a) => `(!${a})`,
  cpu: (a) => Number(!a),
});
/** Whether x is NaN, by its bits: compilers may drop x ≠ x. */
export const isNan = unary("isNan", {
  gives: "bool",
  uses: [floatLibrary],
  wgsl: (x) => `is_nan(${x})`,
  cpu: (x) => Number(Number.isNaN(x)),
});
/** Whether x is ∞ or −∞. */
export const isInfinite = unary("isInfinite", {
  gives: "bool",
  uses: [floatLibrary],
  wgsl: (x) => `is_infinite(${x})`,
  cpu: (x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY),
});

/** @hidden */
export const binaryOps = {
  maximum,
  minimum,
  squaredDifference,
  pow: powRow,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNot,
  isNan,
  isInfinite,
};
