// Samples of picking by index.
import type { Node } from "../../graph/node.ts";
import { gather, oneHot, scatterAdd } from "../../ops/gather.ts";
import { leaf, type Row, refuses, type Sample, type SampleInput, sample } from "../sample.ts";

/** Indices between `low` and `high`, the second excluded. */
const at = (shape: readonly number[], high: number, low = 0, dtype: "i32" | "u32" = "i32"): SampleInput => ({
  shape,
  dtype,
  values: [low, high],
});
const taking =
  (axis: number): Sample["call"] =>
  (x, indices) =>
    gather(x as Node, indices as Node, axis);
const adding =
  (axis: number): Sample["call"] =>
  (x, indices, updates) =>
    scatterAdd(x as Node, indices as Node, updates as Node, axis);
const INDICES_ONLY = (name: string, call: (indices: Node) => Node) =>
  refuses(new RegExp(`^${name}: indices must be i32 or u32: got f32`), () => call(leaf([2])));

export const gatherRows = {
  gather: {
    samples: [
      sample([[5, 3], at([4], 5)], taking(0)),
      sample([[3, 5], at([7], 5)], taking(1), { name: "axis 1" }),
      sample([[2, 4, 3], at([2, 3], 4, -4)], taking(1), { name: "from the end" }),
      sample([[17], at([], 17)], taking(0), { name: "one element" }),
      sample([[4, 3], { shape: [4], dtype: "i32", values: { list: [-9, 9, -1, 0] } }], taking(0), {
        name: "out of range",
      }),
      sample([[65, 4], at([129], 65, 0, "u32")], taking(0), { name: "u32, more than there are" }),
      sample([[3, 2], at([0], 3)], taking(0), { name: "none" }),
      sample([{ shape: [5], dtype: "i32" }, at([3], 5)], taking(0), { smooth: false }),
    ],
    refusals: [
      INDICES_ONLY("gather", (indices) => gather(leaf([3]), indices)),
      refuses(/^gather: axis 0 of \[0, 3\] has nothing to pick from/, () => gather(leaf([0, 3]), leaf([2], "i32"))),
      refuses(/^gather: axis is outside the rank: axis 2, rank 2/, () => gather(leaf([2, 3]), leaf([2], "i32"), 2)),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3), 1);
      const axis = draw.int(0, shape.length - 1);
      const size = shape[axis] as number;
      return sample([shape, at([draw.size()], size, -size)], taking(axis), {
        name: `[${shape.join(", ")}] axis ${axis}`,
      });
    },
  },
  scatterAdd: {
    samples: [
      sample([[4, 3], at([6], 4), [6, 3]], adding(0)),
      sample([[2, 5, 3], at([4], 5, -5), [2, 4, 3]], adding(1), { name: "axis 1" }),
      sample([[3, 65], at([2, 17], 3), [2, 17, 65]], adding(0), { name: "indices of rank 2" }),
      sample([[7], at([], 7), []], adding(0), { name: "one element" }),
      sample([[3, 2], at([0], 3), [0, 2]], adding(0), { name: "none" }),
      sample([[17], at([65], 17, 0, "u32"), [65]], adding(0)),
      sample([[17000, 2], at([9], 17000), [9, 2]], adding(0), { name: "many rows", smooth: false }),
      sample([{ shape: [3], dtype: "i32" }, at([9], 3), { shape: [9], dtype: "i32" }], adding(0), { smooth: false }),
    ],
    refusals: [
      INDICES_ONLY("scatterAdd", (indices) => scatterAdd(leaf([3]), indices, leaf([2]))),
      refuses(/^scatterAdd: updates must be f32\[2, 3\] for \[4, 3\] at \[2\]: got f32\[3, 2\]/, () =>
        scatterAdd(leaf([4, 3]), leaf([2], "i32"), leaf([3, 2])),
      ),
      refuses(/^scatterAdd: axis 0 of \[0\] has no slices/, () => scatterAdd(leaf([0]), leaf([2], "i32"), leaf([2]))),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3), 1);
      const axis = draw.int(0, shape.length - 1);
      const count = Math.min(65, draw.size());
      return sample([shape, at([count], shape[axis] as number), shape.with(axis, count)], adding(axis), {
        name: `[${shape.join(", ")}] axis ${axis}, ${count} updates`,
      });
    },
  },
  oneHot: {
    samples: [
      sample([at([4], 5)], (indices) => oneHot(indices as Node, 5), { smooth: false }),
      sample(
        [{ shape: [2, 2], dtype: "i32", values: { list: [-1, 3, 0, 2] } }],
        (indices) => oneHot(indices as Node, 3),
        { name: "out of range", smooth: false },
      ),
      sample([at([65], 17, 0, "u32")], (indices) => oneHot(indices as Node, 17, "bool"), { smooth: false }),
      sample([at([3], 1)], (indices) => oneHot(indices as Node, 0), { name: "no classes", smooth: false }),
    ],
    refusals: [
      INDICES_ONLY("oneHot", (indices) => oneHot(indices, 3)),
      refuses(/^oneHot: sizes must be non-negative integers: \[-1\]/, () => oneHot(leaf([2], "i32"), -1)),
    ],
  },
} satisfies Record<string, Row>;
