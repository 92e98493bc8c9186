// Samples of the functions of two or three values that broadcast.
import type { DType } from "../../core/dtype.ts";
import type { Node } from "../../graph/node.ts";
import { prelu } from "../../ops/activation.ts";
import {
  add,
  type arithmeticOps,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mul,
  notEqual,
  remainder,
  sub,
  where,
} from "../../ops/arithmetic.ts";
import {
  type binaryOps,
  logicalAnd,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  pow,
  squaredDifference,
} from "../../ops/binary.ts";
import { leaf, type Row, refuses, type Sample, type SampleInput, sample } from "../sample.ts";
import type { Domain } from "../values.ts";

interface Binary {
  readonly a?: Domain;
  readonly b?: Domain;
  readonly dtype?: DType;
  /** Other dtypes it takes. */
  readonly also?: readonly DType[];
  readonly smooth?: boolean;
  readonly more?: readonly Sample[];
}

/** Shapes that broadcast in every way: the same, a row, a column, both, scalars, added axes, nothing. */
const PAIRS = [
  [[17], [17]],
  [[3, 5], [5]],
  [
    [3, 1],
    [1, 4],
  ],
  [[], [2, 3]],
  [
    [2, 3, 1, 5],
    [65, 1],
  ],
  [[3, 0], [1]],
] as const;

function binaryRow(
  name: string,
  call: (a: Node, b: Node) => Node,
  { a, b, dtype = "f32", also = [], smooth = true, more = [] }: Binary = {},
): Row {
  const pair = (shapes: readonly (readonly number[])[], type: DType): SampleInput[] =>
    shapes.map((shape, i) => {
      const values = type === dtype ? [a, b][i] : undefined;
      return { shape, dtype: type, ...(values && { values }) };
    });
  const run = call as Sample["call"];
  return {
    samples: [
      ...PAIRS.map((shapes) => sample(pair(shapes, dtype), run, { smooth })),
      ...also.map((type) => sample(pair([[65], [65]], type), run, { smooth: false })),
      ...more,
    ],
    refusals: [
      refuses(new RegExp(`^${name}: shapes do not broadcast: \\[2, 3\\] and \\[4\\]`), () =>
        call(leaf([2, 3], dtype), leaf([4], dtype)),
      ),
      refuses(new RegExp(`^${name}: element types differ: f32 and i32. Use cast`), () =>
        call(leaf([2]), leaf([2], "i32")),
      ),
    ],
    random: (draw) => {
      const shape = draw.shape();
      const other = draw.broadcastable(shape);
      return sample(pair(draw.chance(0.5) ? [shape, other] : [other, shape], dtype), run, { smooth });
    },
  };
}

const COMPARED: Binary = { smooth: false, a: [-3, 3], b: { list: [-1, 0, 1, 2] }, also: ["i32", "u32"] };
const INTEGERS = ["i32", "u32"] as const;
const LOGIC: Binary = { dtype: "bool", smooth: false };

/** Never equal, and never nearly. */
const UNEQUAL: Binary = { a: { apart: 0.1 }, b: { list: [-0.92, 0.18, -0.32, 0.68, 1.38] }, also: INTEGERS };
/** What either side is, in all pairs. */
const NOT_FINITE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
const withNan = (call: Sample["call"]): Sample =>
  sample(
    [
      { shape: [4, 1], values: { list: NOT_FINITE } },
      { shape: [4], values: { list: NOT_FINITE } },
    ],
    call,
    { name: "not finite", smooth: false },
  );

export const binaryRows = {
  add: binaryRow("add", add, {
    also: INTEGERS,
    more: [
      sample([[3]], (x) => add(x as Node, 2), { name: "a number" }),
      sample([[3]], (x) => add(x as Node, x as Node), { name: "twice itself" }),
    ],
  }),
  sub: binaryRow("sub", sub, {
    also: INTEGERS,
    more: [sample([[3]], (x) => sub(1, x as Node), { name: "from a number" })],
  }),
  mul: binaryRow("mul", mul, { also: INTEGERS }),
  div: binaryRow("div", div, { b: [0.3, 3] }),
  remainder: binaryRow("remainder", remainder, { dtype: "u32", b: [1, 9], also: [], smooth: false }),
  equal: binaryRow("equal", equal, { ...COMPARED, a: { list: [0, 1, 1, 2] }, also: [...INTEGERS, "bool"] }),
  notEqual: binaryRow("notEqual", notEqual, {
    more: [withNan(notEqual as Sample["call"])],
    ...COMPARED,
    a: { list: [0, 1, 1, 2] },
    also: [...INTEGERS, "bool"],
  }),
  less: binaryRow("less", less, COMPARED),
  lessEqual: binaryRow("lessEqual", lessEqual, COMPARED),
  greater: binaryRow("greater", greater, COMPARED),
  greaterEqual: binaryRow("greaterEqual", greaterEqual, COMPARED),
  maximum: binaryRow("maximum", maximum, { ...UNEQUAL, more: [withNan(maximum as Sample["call"])] }),
  minimum: binaryRow("minimum", minimum, { ...UNEQUAL, more: [withNan(minimum as Sample["call"])] }),
  squaredDifference: binaryRow("squaredDifference", squaredDifference, { also: INTEGERS }),
  prelu: binaryRow("prelu", prelu, { a: { between: [-3, 3], away: [0] }, b: [0.1, 0.5] }),
  pow: binaryRow("pow", pow, {
    a: [0.2, 3],
    b: [-2, 3],
    more: [
      ...[-1, 0.5, 1, 2, 3, 4, -2.5].map((exponent) =>
        sample([{ shape: [9], values: [0.2, 3] }], (x) => pow(x as Node, exponent), {
          name: `to the power ${exponent}`,
        }),
      ),
      sample([{ shape: [9], values: { list: [-3, -1.5, -1, 0.5, 2] } }], (x) => pow(x as Node, 3), {
        name: "of negative numbers",
      }),
      sample(
        [
          { shape: [24], values: { list: [17.8, -0.063, -9.87, 11.2, -17.3, 2.66] } },
          { shape: [24], values: { list: [1, 6, -7, 7, -2, 4, -10, 0] } },
        ],
        pow as Sample["call"],
        { name: "whole powers", each: true, smooth: false },
      ),
    ],
  }),
  logicalAnd: binaryRow("logicalAnd", logicalAnd, LOGIC),
  logicalOr: binaryRow("logicalOr", logicalOr, LOGIC),
  logicalXor: binaryRow("logicalXor", logicalXor, LOGIC),
  where: {
    samples: [
      sample([{ shape: [17], dtype: "bool" }, [17], [17]], where as Sample["call"]),
      sample([{ shape: [3, 1], dtype: "bool" }, [4], []], where as Sample["call"]),
      sample([{ shape: [], dtype: "bool" }, [2, 3], [3]], where as Sample["call"]),
      sample(
        [
          { shape: [65], dtype: "bool" },
          { shape: [1], dtype: "i32" },
          { shape: [65], dtype: "i32" },
        ],
        where as Sample["call"],
        { smooth: false },
      ),
      sample([{ shape: [0, 3], dtype: "bool" }, [0, 3], [3]], where as Sample["call"]),
    ],
    refusals: [
      refuses(/^where: the condition must be bool: got f32/, () => where(leaf([2]), leaf([2]), leaf([2]))),
      refuses(/^where: element types differ: f32 and i32/, () => where(leaf([2], "bool"), leaf([2]), leaf([2], "i32"))),
      refuses(/^where: shapes do not broadcast/, () => where(leaf([3], "bool"), leaf([2]), leaf([2]))),
    ],
    random: (draw) => {
      const shape = draw.shape();
      return sample(
        [{ shape: draw.broadcastable(shape), dtype: "bool" }, shape, draw.broadcastable(shape)],
        where as Sample["call"],
      );
    },
  },
} satisfies Record<
  | Exclude<keyof typeof arithmeticOps | keyof typeof binaryOps, "neg" | "cast" | "isNan" | "isInfinite" | "logicalNot">
  | "prelu",
  Row
>;
