// Samples of matrix products, softmax and the primitive losses.
import { OptionError } from "../../core/error.ts";
import { output } from "../../graph/define.ts";
import type { Node } from "../../graph/node.ts";
import { binaryCrossEntropy, sigmoidCrossEntropy } from "../../ops/binaryCrossEntropy.ts";
import { softmaxCrossEntropy } from "../../ops/crossEntropy.ts";
import { linear, matmul } from "../../ops/matmul.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { leaf, type Row, refuses, type Sample, sample } from "../sample.ts";
import type { Domain } from "../values.ts";

const product = matmul as Sample["call"];
const dense = linear as Sample["call"];

/** softmax and logSoftmax. */
function softmaxRow(name: string, call: (x: Node, axis?: number) => Node): Row {
  const run =
    (axis?: number): Sample["call"] =>
    (x) =>
      call(x as Node, axis);
  const far: Domain = { list: [1e4, 1e4 + 1, 0, -1e4, 88.7, 89, 200, -3e30, 1] };
  return {
    samples: [
      sample([[5]], run()),
      sample([[3, 4]], run(0), { name: "axis 0" }),
      sample([[2, 3, 4]], run(1), { name: "axis 1" }),
      sample([[1, 1]], run()),
      sample([[17, 65]], run()),
      sample([[2, 257]], run()),
      sample([[0, 3]], run()),
      sample([{ shape: [3, 3], values: far }], run(), { name: "far out", smooth: false }),
    ],
    refusals: [
      refuses(new RegExp(`^${name}: takes f32: got i32`), () => call(leaf([2], "i32"))),
      refuses(new RegExp(`^${name}: a scalar has no axis`), () => call(leaf([]))),
      refuses(new RegExp(`^${name}: axis is outside the rank: axis 2, rank 2`), () => call(leaf([2, 3]), 2)),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3), 1);
      return sample([shape], run(draw.int(0, shape.length - 1)));
    },
  };
}

/** Losses and whether the row was right. The gradient of the logits, result 1, is checked through the loss. */
const entropyOf =
  (options?: Parameters<typeof softmaxCrossEntropy>[2]): Sample["call"] =>
  (logits, target) => {
    const loss = softmaxCrossEntropy(logits as Node, target as Node, options);
    return [loss, output(loss, 1), output(loss, 2)];
  };
const lossOnly: Sample["call"] = (logits, target) => softmaxCrossEntropy(logits as Node, target as Node);
const classes = (count: number, high: number) => ({
  shape: [count],
  dtype: "i32" as const,
  values: [0, high] as const,
});
const TARGETS: Domain = [0.05, 0.95];

export const networkRows = {
  matmul: {
    samples: [
      sample(
        [
          [3, 5],
          [5, 7],
        ],
        product,
      ),
      sample(
        [
          [1, 1],
          [1, 1],
        ],
        product,
      ),
      sample(
        [
          [17, 1],
          [1, 13],
        ],
        product,
      ),
      sample(
        [
          [1, 65],
          [65, 1],
        ],
        product,
      ),
      sample(
        [
          [17, 19],
          [19, 23],
        ],
        product,
      ),
      sample(
        [
          [65, 33],
          [33, 64],
        ],
        product,
      ),
      sample([[5], [5]], product, { name: "vectors" }),
      sample([[4, 5], [5]], product, { name: "a matrix and a vector" }),
      sample([[5], [5, 3]], product, { name: "a vector and a matrix" }),
      sample(
        [
          [2, 3, 4],
          [4, 5],
        ],
        product,
        { name: "a stack and a matrix" },
      ),
      sample(
        [
          [2, 1, 3, 4],
          [3, 4, 2],
        ],
        product,
        { name: "stacks that broadcast" },
      ),
      sample(
        [
          [5, 17],
          [5, 16],
        ],
        (a, b) => matmul(a as Node, b as Node, { transposeA: true }),
        { name: "left transposed" },
      ),
      sample(
        [
          [17, 5],
          [16, 5],
        ],
        (a, b) => matmul(a as Node, b as Node, { transposeB: true }),
        { name: "right transposed" },
      ),
      sample(
        [
          [2, 5, 3],
          [2, 4, 5],
        ],
        (a, b) => matmul(a as Node, b as Node, { transposeA: true, transposeB: true }),
        { name: "both transposed" },
      ),
      sample(
        [
          [2, 0],
          [0, 3],
        ],
        product,
        { name: "inner size 0" },
      ),
      sample(
        [
          [0, 3],
          [3, 2],
        ],
        product,
        { name: "no rows" },
      ),
    ],
    refusals: [
      refuses(/^matmul: inner sizes differ: \[2, 3\] @ \[4, 5\]/, () => matmul(leaf([2, 3]), leaf([4, 5]))),
      refuses(/^matmul: a scalar has no rows/, () => matmul(leaf([]), leaf([3, 2]))),
      refuses(/^matmul: takes f32: got i32/, () => matmul(leaf([2, 3], "i32"), leaf([3, 2], "i32"))),
      refuses(/^matmul: shapes do not broadcast: \[2\] and \[3\]/, () => matmul(leaf([2, 3, 4]), leaf([3, 4, 5]))),
    ],
    random: (draw) => {
      const [rows, inner, columns] = [draw.size(), draw.size(), draw.size()] as const;
      const transposeA = draw.chance(0.3);
      const transposeB = draw.chance(0.3);
      const lead = draw.pick([[], [], [2], [3, 1]]);
      return sample(
        [
          [...lead, ...(transposeA ? [inner, rows] : [rows, inner])],
          [...(draw.chance(0.5) ? lead : []), ...(transposeB ? [columns, inner] : [inner, columns])],
        ],
        (a, b) => matmul(a as Node, b as Node, { transposeA, transposeB }),
      );
    },
  },
  linear: {
    samples: [
      sample([[3, 5], [5, 7], [7]], dense),
      sample([[2, 3, 5], [5, 4], [4]], dense, { name: "a stack" }),
      sample([[5], [5, 3]], dense, { name: "one row, no bias" }),
      sample([[17, 65], [65, 10], [10]], dense),
      sample([[2, 0], [0, 3], [3]], dense, { name: "no inputs" }),
    ],
    refusals: [
      refuses(/^linear: the weight must be \[in, out\]: got \[5\]/, () => linear(leaf([2, 5]), leaf([5]))),
      refuses(/^linear: the bias must be \[3\]: got \[4\]/, () => linear(leaf([2, 5]), leaf([5, 3]), leaf([4]))),
      refuses(/^linear: inner sizes differ: \[2, 4\] @ \[5, 3\]/, () => linear(leaf([2, 4]), leaf([5, 3]))),
    ],
    random: (draw) => {
      const [rows, inner, columns] = [draw.size(), draw.size(), draw.size()] as const;
      return sample([[rows, inner], [inner, columns], [columns]], dense);
    },
  },
  softmax: softmaxRow("softmax", softmax),
  logSoftmax: softmaxRow("logSoftmax", logSoftmax),
  softmaxCrossEntropy: {
    samples: [
      sample([[7, 5], classes(7, 5)], lossOnly),
      sample([[7, 5], classes(7, 5)], entropyOf(), { name: "all results", smooth: false }),
      sample([[3, 17], classes(3, 17)], entropyOf({ labelSmoothing: 0.1 }), { name: "smoothed", smooth: false }),
      sample([[4, 3], classes(4, 3)], entropyOf({ ignoreIndex: 1 }), { name: "one class ignored", smooth: false }),
      sample([[65, 10], classes(65, 10)], lossOnly),
      sample([[3, 4], { shape: [3, 4], values: TARGETS }], lossOnly, { name: "probabilities" }),
      sample([[1, 1], classes(1, 1)], lossOnly),
      sample(
        [
          { shape: [3, 3], values: { list: [1000, -1000, 0, 0, 0, 1000, -500, 500, 500] } },
          { shape: [3], dtype: "i32", values: { list: [1, 2, 1] } },
        ],
        entropyOf(),
        { name: "far out", smooth: false },
      ),
    ],
    refusals: [
      {
        error: OptionError,
        message: /^softmaxCrossEntropy: labelSmoothing must be in 0 … 1: got 2/,
        call: () => softmaxCrossEntropy(leaf([2, 3]), leaf([2], "i32"), { labelSmoothing: 2 }),
      },
      refuses(/^softmaxCrossEntropy: /, () => softmaxCrossEntropy(leaf([2, 3]), leaf([3], "i32"))),
      refuses(/^softmaxCrossEntropy: /, () => softmaxCrossEntropy(leaf([2]), leaf([2], "i32"))),
    ],
    random: (draw) => {
      const [rows, count] = [draw.size(1), draw.size(1)];
      return sample([[rows, count], classes(rows, count)], lossOnly);
    },
  },
  sigmoidCrossEntropy: {
    samples: [
      sample([[4, 5], { shape: [4, 5], values: TARGETS }], sigmoidCrossEntropy as Sample["call"]),
      sample(
        [[3, 5], { shape: [5], values: TARGETS }, { shape: [5], values: [0.5, 3] }],
        sigmoidCrossEntropy as Sample["call"],
        { name: "weighted" },
      ),
      sample(
        [
          { shape: [7], values: { list: [1000, -1000, 1000, -1000, 0, 50, -50] } },
          { shape: [7], values: { list: [1, 0, 0, 1, 0.5, 0, 1] } },
        ],
        sigmoidCrossEntropy as Sample["call"],
        { name: "far out", smooth: false },
      ),
      sample([[0, 3], [3]], sigmoidCrossEntropy as Sample["call"]),
    ],
    refusals: [
      refuses(/^sigmoidCrossEntropy: shapes do not broadcast: \[2, 3\] and \[4\]/, () =>
        sigmoidCrossEntropy(leaf([2, 3]), leaf([4])),
      ),
    ],
    random: (draw) => {
      const shape = draw.shape();
      return sample([shape, { shape, values: TARGETS }], sigmoidCrossEntropy as Sample["call"]);
    },
  },
  binaryCrossEntropy: {
    samples: [
      sample(
        [
          { shape: [4, 5], values: TARGETS },
          { shape: [4, 5], values: TARGETS },
        ],
        binaryCrossEntropy as Sample["call"],
      ),
      sample(
        [
          { shape: [4], values: { list: [0, 0, 1, 1] } },
          { shape: [4], values: { list: [0, 1, 0, 1] } },
        ],
        binaryCrossEntropy as Sample["call"],
        { name: "certain", smooth: false },
      ),
    ],
    refusals: [
      refuses(/^binaryCrossEntropy: shapes do not broadcast: \[2, 3\] and \[4\]/, () =>
        binaryCrossEntropy(leaf([2, 3]), leaf([4])),
      ),
    ],
  },
} satisfies Record<string, Row>;
