// Arithmetic, comparisons, selection and casts: the elementwise ops that gradients of all the others are made of.
import type { DType } from "../core/dtype.ts";
import { ShapeError } from "../core/error.ts";
import { broadcastShapes } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Input, Node } from "../graph/node.ts";
import { broadcast, expand } from "./broadcast.ts";
import { asNode, filledWith, zerosLike } from "./constant.ts";
import { floatLibrary } from "./libraries.ts";
import { binary, NUMBERS, type Unary, unary } from "./pointwise.ts";

const isAll = (x: Node | undefined, value: number): boolean => x !== undefined && filledWith(x) === value;

/** a + b */
export const add = binary("add", {
  takes: NUMBERS,
  wgsl: (a, b) => `(${a} + ${b})`,
  cpu: (a, b) => a + b,
  grad: ({ dy }) => [dy, dy],
  simplify: ({ inputs: [a, b] }) => (isAll(b, 0) ? a : isAll(a, 0) ? b : undefined),
});

/** a − b */
export const sub = binary("sub", {
  takes: NUMBERS,
  wgsl: (a, b) => `(${a} - ${b})`,
  cpu: (a, b) => a - b,
  grad: ({ dy }) => [dy, neg(dy)],
  simplify: ({ inputs: [a, b] }) => (isAll(b, 0) ? a : undefined),
});

/** a · b */
export const mul = binary("mul", {
  takes: NUMBERS,
  wgsl: (a, b) => `(${a} * ${b})`,
  cpu: (a, b) => a * b,
  grad: ({ x: [a, b], dy }) => [mul(dy, b as Node), mul(dy, a as Node)],
  simplify: ({ inputs: [a, b] }) => (isAll(b, 1) ? a : isAll(a, 1) ? b : undefined), // not 0 · x: x may be infinite
});

/** a / b */
export const div = binary("div", {
  cost: 2,
  wgsl: (a, b) => `(${a} / ${b})`,
  cpu: (a, b) => a / b,
  grad: ({ x: [, b], y, dy }) => [div(dy, b as Node), neg(div(mul(dy, y), b as Node))], // d a/b = da/b − (a/b)·db/b
  tolerance: { relative: 1e-6, absolute: 1e-7 },
  simplify: ({ inputs: [a, b] }) => (isAll(b, 1) ? a : undefined),
});

/** a mod b for whole numbers, with the sign of a */
export const remainder = binary("remainder", {
  takes: ["i32", "u32"],
  cost: 2,
  wgsl: (a, b) => `(${a} % ${b})`,
  cpu: (a, b) => a % b,
});

/** −x */
export const neg: Unary = unary("neg", {
  takes: ["f32", "i32"],
  wgsl: (x) => `(-${x})`,
  cpu: (x) => -x,
  grad: ({ dy }) => [neg(dy)],
  simplify: ({ inputs: [x] }) => (x && x.op === (neg.op as unknown) ? x.inputs[0] : undefined), // −(−x)
});

/** a = b, as bool */
export const equal = binary("equal", {
  takes: [...NUMBERS, "bool"],
  gives: "bool",
  wgsl: (a, b) => `(${a} == ${b})`,
  cpu: (a, b) => Number(a === b),
});
/** a ≠ b, as bool */
export const notEqual = binary("notEqual", {
  takes: [...NUMBERS, "bool"],
  gives: "bool",
  uses: [floatLibrary],
  wgsl: (a, b, dtype) => (dtype === "f32" ? `float_differs(${a}, ${b})` : `(${a} != ${b})`), // NaN differs from everything
  cpu: (a, b) => Number(a !== b),
});
/** a < b, as bool */
export const less = binary("less", {
  takes: NUMBERS,
  gives: "bool",
  wgsl: (a, b) => `(${a} < ${b})`,
  cpu: (a, b) => Number(a < b),
});
/** a ≤ b, as bool */
export const lessEqual = binary("lessEqual", {
  takes: NUMBERS,
  gives: "bool",
  wgsl: (a, b) => `(${a} <= ${b})`,
  cpu: (a, b) => Number(a <= b),
});
/** a > b, as bool */
export const greater = binary("greater", {
  takes: NUMBERS,
  gives: "bool",
  wgsl: (a, b) => `(${a} > ${b})`,
  cpu: (a, b) => Number(a > b),
});
/** a ≥ b, as bool */
export const greaterEqual = binary("greaterEqual", {
  takes: NUMBERS,
  gives: "bool",
  wgsl: (a, b) => `(${a} >= ${b})`,
  cpu: (a, b) => Number(a >= b),
});

const whereOp = defineOp({
  name: "where",
  inputs: ["condition", "a", "b"],
  infer: ([, a]) => a as Node,
  grad: ({ x: [condition], dy }) => [
    undefined,
    where(condition as Node, dy, zerosLike(dy)),
    where(condition as Node, zerosLike(dy), dy),
  ],
  simplify: ({ inputs: [condition, a, b] }) => {
    const choice = filledWith(condition as Node);
    return choice === undefined ? (a === b ? a : undefined) : choice ? a : b;
  },
  pointwise: {
    aligned: true,
    cost: 1,
    expression: ({ load, index }) => `select(${load(2, index)}, ${load(1, index)}, ${load(0, index)})`,
  },
});

/** `a` where `condition` holds, else `b`; all three broadcast. */
export function where(condition: Input, a: Input, b: Input): Node {
  const test = asNode("where", condition);
  if (test.dtype !== "bool") throw new ShapeError(`where: the condition must be bool: got ${test.dtype}`);
  const [left, right] = broadcast("where", a, b);
  const shape = broadcastShapes("where", test.shape, left.shape);
  return whereOp([expand(test, shape), expand(left, shape), expand(right, shape)], {});
}

const castOp = defineOp<{ readonly dtype: DType }>({
  name: "cast",
  inputs: ["x"],
  infer: ([x], { dtype }) => ({ shape: (x as Node).shape, dtype }),
  grad: ({ x: [x], dy }) => [(x as Node).dtype === "f32" ? dy : undefined],
  pointwise: {
    aligned: true,
    cost: 1,
    expression: ({ load, index, output, inputs: [x] }) =>
      x?.dtype === "f32" && output.dtype !== "bool"
        ? saturate(load(0, index), output.dtype)
        : `${output.dtype}(${load(0, index)})`,
  },
});

/** f32 → integer rounds towards zero and stops at the type's ends, as WGSL says; spelt out because drivers differ. */
function saturate(x: string, dtype: DType): string {
  return dtype === "i32" ? `i32(clamp(${x}, -2147483648.0, 2147483520.0))` : `u32(clamp(${x}, 0.0, 4294967040.0))`;
}

/** The same numbers as another dtype: f32 → integers rounds towards zero and saturates; anything → bool asks ≠ 0. */
export function cast(x: Input, dtype: DType): Node {
  const node = asNode("cast", x);
  return node.dtype === dtype ? node : castOp([node], { dtype });
}

/** @hidden */
export const arithmeticOps = {
  add,
  sub,
  mul,
  div,
  neg,
  remainder,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  where: whereOp,
  cast: castOp,
};
