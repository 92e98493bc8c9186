// Samples of reductions, positions of extremes, and sums so far.
import { sizeOf } from "../../core/shape.ts";
import type { Node } from "../../graph/node.ts";
import { argmax, argmin } from "../../ops/arg.ts";
import { type ReduceOptions, sum } from "../../ops/broadcast.ts";
import { cumprod, cumsum } from "../../ops/cumulative.ts";
import {
  type Axes,
  logSum,
  logSumExp,
  max,
  mean,
  min,
  normL1,
  normL2,
  prod,
  std,
  sumSquare,
  variance,
} from "../../ops/reduce.ts";
import { leaf, type Refusal, type Row, refuses, type Sample, sample } from "../sample.ts";
import type { Domain } from "../values.ts";

const INFINITE = Number.POSITIVE_INFINITY;
type Reduction = (x: Node, axes?: Axes, options?: ReduceOptions) => Node;

interface Reduced {
  readonly values?: Domain;
  readonly smooth?: boolean;
  /** Largest sizes it is tried with: products leave f32's range soon. */
  readonly small?: boolean;
  readonly more?: readonly Sample[];
  readonly refusals?: readonly Refusal[];
}

const CASES: readonly (readonly [shape: readonly number[], axes: Axes | undefined, keepDims: boolean])[] = [
  [[], undefined, false],
  [[1], 0, false],
  [[17], undefined, true],
  [[3, 65], 1, false],
  [[65, 3], 0, true],
  [[2, 3, 4], [0, 2], false],
  [[2, 3, 4], -2, true],
  [[2, 1, 3, 2], [1, 3], false],
  [[2, 3], [], false],
  [[0, 3], 1, false],
];
/** Long enough to be split in parts, also where the length is no multiple of anything. */
const LONG: typeof CASES = [
  [[3001], undefined, false],
  [[2, 2049], 1, false],
  [[1500, 2], 0, false],
];

/** Sums must not cancel: f32's error goes with the size of what is added. */
const LEANING: Domain = [-1, 2];

function reduceRow(
  name: string,
  call: Reduction,
  { values = LEANING, smooth = true, small = false, more = [], refusals = [] }: Reduced = {},
): Row {
  const input = (shape: readonly number[]) => ({ shape, values });
  const title = (shape: readonly number[], axes: Axes | undefined, keepDims: boolean) =>
    `[${shape.join(", ")}] axes ${axes === undefined ? "all" : `[${[axes].flat().join(", ")}]`}${keepDims ? " kept" : ""}`;
  return {
    samples: [
      ...[...CASES, ...(small ? [] : LONG)].map(([shape, axes, keepDims]) =>
        sample([input(shape)], (x) => call(x as Node, axes, { keepDims }), {
          name: title(shape, axes, keepDims),
          smooth,
        }),
      ),
      ...more,
    ],
    refusals: [
      refuses(new RegExp(`^${name}: axis is outside the rank: axis 2, rank 2`), () => call(leaf([2, 3]), 2)),
      refuses(new RegExp(`^${name}: an axis is given twice`), () => call(leaf([2, 3]), [0, -2])),
      ...refusals,
    ],
    random: (draw) => {
      const shape = draw.shape(undefined, 0).map((size) => (small ? Math.min(size, 17) : size));
      const axes = draw.axes(shape);
      const keepDims = draw.chance(0.5);
      return sample([input(shape)], (x) => call(x as Node, axes, { keepDims }), {
        name: title(shape, axes, keepDims),
        smooth,
      });
    },
  };
}

const nothing = (name: string, call: Reduction): Sample =>
  sample([[2, 0, 3]], (x) => call(x as Node, 1), { name: `${name} of nothing`, smooth: false });
/** Rows with NaN, with infinities, and with nothing but −∞. */
const withNan = (call: Reduction): Sample =>
  sample(
    [
      {
        shape: [4, 3],
        values: { list: [1, Number.NaN, 3, Number.NaN, 2, 1, 1, INFINITE, -INFINITE, -INFINITE, -INFINITE, -INFINITE] },
      },
    ],
    (x) => call(x as Node, 1),
    { name: "not finite", smooth: false },
  );
const NO_BOOL = (name: string, call: (x: Node) => Node) =>
  refuses(new RegExp(`^${name}: takes numbers: got bool`), () => call(leaf([2], "bool")));
const whole = (call: (x: Node) => Node, dtype: "i32" | "u32"): Sample =>
  sample([{ shape: [3, 65], dtype }], (x) => call(x as Node), { smooth: false });

/** argmax and argmin have no gradient, and never ties unless asked. */
function argRow(name: string, call: typeof argmax): Row {
  const ties: Domain = { list: [1, 3, 3, 2, 0, 0, 3] };
  const plain = reduceRow(name, call, { values: { apart: 0.01 }, smooth: false });
  return {
    ...plain,
    samples: [
      ...plain.samples.filter(({ inputs }) => !inputs[0]?.shape.includes(0)),
      sample([{ shape: [4, 7], values: ties }], (x) => call(x as Node, 1), { name: "ties", smooth: false }),
      sample([{ shape: [4, 7], values: ties }], (x) => call(x as Node, 1, { selectLastIndex: true }), {
        name: "ties, last",
        smooth: false,
      }),
      sample([{ shape: [4000], values: ties }], (x) => call(x as Node, 0, { selectLastIndex: true }), {
        name: "ties in a long row, last",
        smooth: false,
      }),
      sample([{ shape: [4000], values: ties }], (x) => call(x as Node), { name: "ties in a long row", smooth: false }),
      sample([{ shape: [3, 17], dtype: "i32" }], (x) => call(x as Node, 0), { smooth: false }),
      withNan(call),
      sample([[0, 3]], (x) => call(x as Node, 1), { smooth: false, name: "no rows" }),
    ],
    refusals: [
      ...plain.refusals,
      NO_BOOL(name, call),
      refuses(new RegExp(`^${name}: nothing to choose from: \\[2, 0\\]`), () => call(leaf([2, 0]), 1)),
    ],
    random: (draw) => {
      const shape = draw.shape(undefined, 1);
      const axes = draw.axes(shape);
      return sample([{ shape, values: { apart: 0.01 } }], (x) => call(x as Node, axes), { smooth: false });
    },
  };
}

/** cumsum and cumprod in their four directions. */
function cumulativeRow(name: string, call: typeof cumsum, values: Domain, longest: number): Row {
  const directions = [{}, { exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }];
  return {
    samples: [
      ...directions.map((options, i) =>
        sample([{ shape: [2, 5, 3], values }], (x) => call(x as Node, i % 3, options), {
          name: `${Object.keys(options).join(" ")} axis ${i % 3}`,
        }),
      ),
      sample([{ shape: [1], values }], (x) => call(x as Node, 0, { exclusive: true })),
      sample([{ shape: [3, 65], values }], (x) => call(x as Node, -1)),
      sample([{ shape: [longest], values }], (x) => call(x as Node, 0), { name: "a long line" }),
      sample([{ shape: [longest, 2], values }], (x) => call(x as Node, 0, { exclusive: true, reverse: true }), {
        name: "two long lines, from the end",
      }),
      sample([[3, 0]], (x) => call(x as Node, 1)),
      sample([{ shape: [9], dtype: "i32", values: [-2, 3] }], (x) => call(x as Node, 0), { smooth: false }),
    ],
    refusals: [
      NO_BOOL(name, (x) => call(x, 0)),
      refuses(new RegExp(`^${name}: axis is outside the rank: axis 1, rank 1`), () => call(leaf([3]), 1)),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3));
      const axis = draw.int(0, shape.length - 1);
      const options = { exclusive: draw.chance(0.5), reverse: draw.chance(0.5) };
      return sample([{ shape, values }], (x) => call(x as Node, axis, options));
    },
  };
}

/** Without Bessel's correction where there is but one element, so that there is a result. */
const corrected =
  (call: typeof variance): Reduction =>
  (x, axes, options) =>
    call(x, axes, { ...options, correction: sizeOf(x.shape) > sizeOf(call(x, axes).shape) ? 1 : 0 });

export const reduceRows = {
  sum: reduceRow("sum", sum, {
    more: [nothing("sum", sum), whole(sum, "i32"), whole(sum, "u32")],
    refusals: [NO_BOOL("sum", sum)],
  }),
  mean: reduceRow("mean", mean, {
    more: [nothing("mean", mean)],
    refusals: [refuses(/^mean: takes f32: got i32/, () => mean(leaf([2], "i32")))],
  }),
  prod: reduceRow("prod", prod, {
    values: [0.5, 1.5],
    small: true,
    more: [
      nothing("prod", prod),
      whole((x) => prod(x, 0), "u32"),
      sample([{ shape: [2, 4], values: { list: [2, 0, 3, 4, 0, 5, 6, 0] } }], (x) => prod(x as Node, 1), {
        name: "zeros",
      }),
      sample([{ shape: [2, 3, 2], values: { list: [2, 0, 3, 1.5, -1] } }], (x) => prod(x as Node, [0, 2]), {
        name: "zeros, two axes",
      }),
    ],
    refusals: [NO_BOOL("prod", prod)],
  }),
  max: reduceRow("max", max, {
    values: { apart: 0.01 },
    more: [withNan(max), nothing("max", max), whole(max, "i32"), whole(max, "u32")],
    refusals: [NO_BOOL("max", max)],
  }),
  min: reduceRow("min", min, {
    values: { apart: 0.01 },
    more: [withNan(min), nothing("min", min), whole(min, "i32"), whole(min, "u32")],
    refusals: [NO_BOOL("min", min)],
  }),
  variance: reduceRow("variance", corrected(variance), {
    more: [
      sample([[5, 7]], (x) => variance(x as Node, 0)),
      sample([[1, 3]], (x) => variance(x as Node, 0), { name: "of one element", smooth: false }),
      sample([[5, 7]], (x) => variance(x as Node, 0, { correction: 0 }), { name: "of these elements" }),
      sample([{ shape: [3, 64], values: [9999, 10001] }], (x) => variance(x as Node, 1), {
        name: "far from 0",
        smooth: false,
      }),
      nothing("variance", variance),
    ],
  }),
  std: reduceRow("std", corrected(std), {
    more: [
      sample([[5, 7]], (x) => std(x as Node, 0)),
      sample([[5, 7]], (x) => std(x as Node, 0, { correction: 0 }), { name: "of these elements" }),
      sample([{ shape: [2, 5], values: { list: [3.25] } }], (x) => std(x as Node, 1), {
        name: "of equal elements",
        smooth: false,
      }),
    ],
  }),
  sumSquare: reduceRow("sumSquare", sumSquare),
  normL1: reduceRow("normL1", normL1, { values: { between: [-2, 2], away: [0] } }),
  normL2: reduceRow("normL2", normL2, {
    values: [0.1, 2],
    more: [
      sample([{ shape: [2, 3], values: { list: [0, 0, 0, 1, 2, 3] } }], (x) => normL2(x as Node, 1), {
        name: "of zeros",
        smooth: false,
      }),
    ],
  }),
  logSum: reduceRow("logSum", logSum, { values: [0.1, 2] }),
  logSumExp: reduceRow("logSumExp", logSumExp, {
    more: [
      sample(
        [{ shape: [3, 3], values: { list: [1000, 1000, 999, -1000, -1001, -1000, 88, 89, 90] } }],
        (x) => logSumExp(x as Node, 1),
        { name: "far out" },
      ),
      sample(
        [
          {
            shape: [2, 2],
            values: { list: [Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] },
          },
        ],
        (x) => logSumExp(x as Node, 1),
        { name: "masked", smooth: false },
      ),
      nothing("logSumExp", logSumExp),
    ],
  }),
  argmax: argRow("argmax", argmax),
  argmin: argRow("argmin", argmin),
  cumsum: cumulativeRow("cumsum", cumsum, [-1, 2], 3001),
  cumprod: cumulativeRow("cumprod", cumprod, [0.95, 1.05], 3001),
} satisfies Record<string, Row>;
