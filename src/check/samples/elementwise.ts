// Samples of the functions of one number: scalars, nothing, odd sizes, and values far out, where functions saturate or lose digits.

import type { DType } from "../../core/dtype.ts";
import { OptionError } from "../../core/error.ts";
import type { Node } from "../../graph/node.ts";
import {
  type activationOps,
  celu,
  elu,
  leakyRelu,
  logSigmoid,
  relu,
  relu6,
  selu,
  sigmoid,
  softplus,
  softsign,
  tanh,
} from "../../ops/activation.ts";
import { cast, neg } from "../../ops/arithmetic.ts";
import { isInfinite, isNan, logicalNot } from "../../ops/binary.ts";
import { clamp, type gatedOps, gelu, hardSigmoid, hardSwish, hardTanh, mish, silu } from "../../ops/gated.ts";
import { atan, cos, cosh, sin, sinh, tan } from "../../ops/trigonometry.ts";
import {
  abs,
  ceil,
  detach,
  erf,
  exp,
  expm1,
  floor,
  isPositive,
  log,
  log1p,
  normalCdf,
  normalDensity,
  reciprocal,
  round,
  rsqrt,
  sign,
  sqrt,
  square,
  type unaryOps,
} from "../../ops/unary.ts";
import { leaf, type Refusal, type Row, refuses, type Sample, sample } from "../sample.ts";
import type { Domain } from "../values.ts";

interface Elementwise {
  readonly values?: Domain;
  /** Values at which results span many orders of magnitude or saturate: compared one by one. */
  readonly far?: readonly number[];
  readonly smooth?: boolean;
  readonly dtype?: DType;
  /** It keeps NaN and infinities by their bits, on every device. */
  readonly keepsNan?: boolean;
  /** Samples and refusals beyond the usual ones. */
  readonly more?: readonly Sample[];
  readonly refusals?: readonly Refusal[];
}

const NOT_FINITE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1];
const SHAPES = [[], [0, 3], [17], [3, 1, 43]] as const;

/** The row of a function of one number. */
function elementwise(
  name: string,
  call: (x: Node) => Node,
  { values, far, smooth = true, dtype = "f32", keepsNan = false, more = [], refusals = [] }: Elementwise = {},
): Row {
  const input = (shape: readonly number[]) => ({ shape, dtype, ...(values && { values }) });
  const wrong = dtype === "bool" ? "f32" : "bool";
  return {
    samples: [
      ...SHAPES.map((shape) => sample([input(shape)], call, { smooth })),
      ...(far
        ? [
            sample([{ shape: [far.length], values: { list: far } }], call, {
              name: "far out",
              smooth: false,
              each: true,
            }),
          ]
        : []),
      ...(keepsNan
        ? [sample([{ shape: [5], values: { list: NOT_FINITE } }], call, { name: "not finite", smooth: false })]
        : []),
      ...more,
    ],
    refusals: [refuses(new RegExp(`^${name}: takes .*: got ${wrong}`), () => call(leaf([2], wrong))), ...refusals],
    random: (draw) => sample([input(draw.shape())], call, { smooth }),
  };
}

/** A sample of a call with options, or of another dtype. */
const other = (name: string, call: (x: Node) => Node, values: Domain = [-3, 3], dtype: DType = "f32"): Sample =>
  sample([{ shape: [65], dtype, values }], call, { name, smooth: dtype === "f32" });

const badOption = (message: RegExp, call: () => unknown): Refusal => ({ call, error: OptionError, message });

/** From the smallest normal numbers to the largest, on both sides of 0. */
const SIZES = [
  1e-37, 1e-20, 1e-7, 1e-3, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3, 5, 8, 10, 20, 50, 86, 88, 100, 200, 1e3, 1e4, 1e10, 1e30,
];
const FAR = [...SIZES, ...SIZES.map((size) => -size), 0];
const POSITIVE = SIZES.filter((size) => size < 1e30);
const kinks = (...away: number[]): Domain => ({ between: [-4, 4], away });

export const elementwiseRows = {
  neg: elementwise("neg", neg, { more: [other("i32", neg, [-9, 9], "i32")] }),
  abs: elementwise("abs", abs, { values: kinks(0), far: FAR, more: [other("i32", abs, [-9, 9], "i32")] }),
  sign: elementwise("sign", sign, {
    keepsNan: true,
    values: kinks(0),
    far: FAR,
    more: [other("i32", sign, [-2, 3], "i32")],
  }),
  isPositive: elementwise("isPositive", isPositive, { smooth: false, far: FAR }),
  square: elementwise("square", square, { more: [other("u32", square, [0, 70000], "u32")] }),
  sqrt: elementwise("sqrt", sqrt, { values: [0.05, 9], far: POSITIVE }),
  rsqrt: elementwise("rsqrt", rsqrt, { values: [0.05, 9], far: POSITIVE }),
  reciprocal: elementwise("reciprocal", reciprocal, {
    values: [0.2, 5],
    far: FAR.filter((x) => x !== 0 && Math.abs(x) > 1e-30),
  }),
  exp: elementwise("exp", exp, { keepsNan: true, far: FAR }),
  expm1: elementwise("expm1", expm1, { far: FAR }),
  log: elementwise("log", log, {
    keepsNan: true,
    values: [0.05, 9],
    far: [...POSITIVE, 0, 0.99, 0.999, 1.001, 1.01, 1.2e-38],
  }),
  log1p: elementwise("log1p", log1p, {
    values: [-0.9, 9],
    far: [...POSITIVE, ...POSITIVE.filter((x) => x < 1).map((x) => -x), 0],
  }),
  sin: elementwise("sin", sin, { values: [-7, 7], far: FAR.filter((x) => Math.abs(x) < 1e5) }),
  cos: elementwise("cos", cos, { values: [-7, 7], far: FAR.filter((x) => Math.abs(x) < 1e5) }),
  tan: elementwise("tan", tan, { values: [-1.3, 1.3], far: FAR.filter((x) => Math.abs(x) < 1e5) }),
  atan: elementwise("atan", atan, { far: FAR }),
  sinh: elementwise("sinh", sinh, { far: FAR }),
  cosh: elementwise("cosh", cosh, { far: FAR }),
  erf: elementwise("erf", erf, { far: FAR }),
  normalCdf: elementwise("normalCdf", normalCdf, { far: FAR }),
  normalDensity: elementwise("normalDensity", normalDensity, { far: FAR }),
  floor: elementwise("floor", floor, {
    values: kinks(-4, -3, -2, -1, 0, 1, 2, 3, 4),
    far: FAR.filter((x) => Math.abs(x) < 1e6),
  }),
  ceil: elementwise("ceil", ceil, {
    values: kinks(-4, -3, -2, -1, 0, 1, 2, 3, 4),
    far: FAR.filter((x) => Math.abs(x) < 1e6),
  }),
  round: elementwise("round", round, {
    values: kinks(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5),
    far: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1e6],
  }),
  detach: { ...elementwise("detach", detach, { smooth: false }), refusals: [] },
  isNan: elementwise("isNan", isNan, { keepsNan: true, smooth: false }),
  isInfinite: elementwise("isInfinite", isInfinite, { keepsNan: true, smooth: false }),
  logicalNot: elementwise("logicalNot", logicalNot, { dtype: "bool", smooth: false }),

  relu: elementwise("relu", relu, { keepsNan: true, values: kinks(0), far: FAR }),
  relu6: elementwise("relu6", relu6, { keepsNan: true, values: { between: [-3, 9], away: [0, 6] }, far: FAR }),
  leakyRelu: elementwise("leakyRelu", (x) => leakyRelu(x), {
    values: kinks(0),
    more: [
      other("alpha −0.5", (x) => leakyRelu(x, { alpha: -0.5 }), kinks(0)),
      other("alpha 0", (x) => leakyRelu(x, { alpha: 0 }), kinks(0)),
    ],
    refusals: [
      badOption(/^leakyRelu: alpha must be a number: got NaN/, () => leakyRelu(leaf([2]), { alpha: Number.NaN })),
    ],
  }),
  elu: elementwise("elu", (x) => elu(x), {
    values: kinks(0),
    far: FAR,
    more: [
      other("alpha 0.3", (x) => elu(x, { alpha: 0.3 }), kinks(0)),
      other("alpha −2", (x) => elu(x, { alpha: -2 }), kinks(0)),
    ],
    refusals: [badOption(/^elu: no such option: slope/, () => elu(leaf([2]), { slope: 1 } as never))],
  }),
  selu: elementwise("selu", selu, { values: kinks(0), far: FAR }),
  celu: elementwise("celu", (x) => celu(x), {
    values: kinks(0),
    far: FAR,
    more: [
      other("alpha 0.5", (x) => celu(x, { alpha: 0.5 }), kinks(0)),
      other("alpha −1.5", (x) => celu(x, { alpha: -1.5 }), kinks(0)),
    ],
    refusals: [badOption(/^celu: alpha must not be 0/, () => celu(leaf([2]), { alpha: 0 }))],
  }),
  sigmoid: elementwise("sigmoid", sigmoid, { keepsNan: true, far: FAR }),
  logSigmoid: elementwise("logSigmoid", logSigmoid, { far: FAR }),
  tanh: elementwise("tanh", tanh, { keepsNan: true, far: FAR }),
  softplus: elementwise("softplus", (x) => softplus(x), {
    keepsNan: true,
    far: FAR,
    more: [
      other("beta 2", (x) => softplus(x, { beta: 2 })),
      other("threshold 1", (x) => softplus(x, { beta: 0.5, threshold: 1 }), { between: [-4, 4], away: [2] }),
    ],
    refusals: [badOption(/^softplus: beta must not be 0/, () => softplus(leaf([2]), { beta: 0 }))],
  }),
  softsign: elementwise("softsign", softsign, { values: kinks(0), far: FAR }),
  silu: elementwise("silu", silu, { far: FAR }),
  mish: elementwise("mish", mish, { far: FAR }),
  gelu: elementwise("gelu", (x) => gelu(x), {
    far: FAR,
    more: [
      other("tanh", (x) => gelu(x, { approximate: "tanh" }), [-5, 5]),
      sample([{ shape: [FAR.length], values: { list: FAR } }], (x) => gelu(x as Node, { approximate: "tanh" }), {
        name: "tanh, far out",
        smooth: false,
      }),
    ],
    refusals: [
      badOption(/^gelu: approximate must be "none" or "tanh": got "erf"/, () =>
        gelu(leaf([2]), { approximate: "erf" as never }),
      ),
    ],
  }),
  hardSigmoid: elementwise("hardSigmoid", (x) => hardSigmoid(x), {
    values: { between: [-5, 5], away: [-3, 3] },
    far: FAR,
    more: [other("alpha 0.2", (x) => hardSigmoid(x, { alpha: 0.2 }), { between: [-4, 4], away: [-2.5, 2.5] })],
  }),
  hardSwish: elementwise("hardSwish", hardSwish, { values: { between: [-5, 5], away: [-3, 3] }, far: FAR }),
  hardTanh: elementwise("hardTanh", (x) => hardTanh(x), {
    keepsNan: true,
    values: kinks(-1, 1),
    far: FAR,
    more: [other("0 … 2", (x) => hardTanh(x, { min: 0, max: 2 }), kinks(0, 2))],
    refusals: [badOption(/^hardTanh: min must not exceed max: 2 and 1/, () => hardTanh(leaf([2]), { min: 2, max: 1 }))],
  }),
  clamp: elementwise("clamp", (x) => clamp(x, { min: -0.75, max: 1.25 }), {
    keepsNan: true,
    values: kinks(-0.75, 1.25),
    far: FAR,
    more: [
      other("from below", (x) => clamp(x, { min: 0.5 }), kinks(0.5)),
      other("from above", (x) => clamp(x, { max: 0.5 }), kinks(0.5)),
      other("i32", (x) => clamp(x, { min: -2, max: 3 }), [-9, 9], "i32"),
      other("u32", (x) => clamp(x, { max: 3 }), [0, 9], "u32"),
    ],
    refusals: [
      badOption(/^clamp: bounds of i32 must be whole: 0.5/, () => clamp(leaf([2], "i32"), { min: 0.5 })),
      badOption(/^clamp: min must not exceed max: 1 and 0/, () => clamp(leaf([2]), { min: 1, max: 0 })),
    ],
  }),
  cast: {
    samples: [
      sample([[17]], (x) => cast(x as Node, "i32"), { smooth: false }),
      sample(
        [{ shape: [7], values: { list: [-1e30, -2.5, -0.5, 0, 0.5, 2.5, 1e30] } }],
        (x) => cast(x as Node, "i32"),
        { name: "saturates", smooth: false },
      ),
      sample([{ shape: [7], values: { list: [-1e30, -2.5, -0.5, 0, 0.5, 2.5, 3e9] } }], (x) => cast(x as Node, "u32"), {
        name: "to u32",
        smooth: false,
      }),
      sample([{ shape: [5], values: { list: [-1, 0, 0.5, 1e-30, 2] } }], (x) => cast(x as Node, "bool"), {
        name: "to bool",
        smooth: false,
      }),
      sample([{ shape: [2, 3], dtype: "bool" }], (x) => cast(x as Node, "f32")),
      sample([{ shape: [3], dtype: "i32", values: { list: [-1, 5, -7] } }], (x) => cast(x as Node, "u32"), {
        smooth: false,
      }),
      sample([{ shape: [0], dtype: "i32" }], (x) => cast(x as Node, "f32")),
      sample([{ shape: [65], dtype: "u32" }], (x) => cast(x as Node, "f32")),
    ],
    refusals: [],
    random: (draw) => sample([{ shape: draw.shape(), dtype: "i32" }], (x) => cast(x as Node, "f32")),
  },
} satisfies Record<Exclude<keyof typeof unaryOps | keyof typeof activationOps, "prelu"> | keyof typeof gatedOps, Row> &
  Record<string, Row>;
