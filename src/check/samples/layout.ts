// Samples of the functions that move elements.
import { OptionError } from "../../core/error.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Node } from "../../graph/node.ts";
import { permute, squeeze, tile, transpose, unsqueeze } from "../../ops/arrange.ts";
import { expand, reshape } from "../../ops/broadcast.ts";
import { fill, iota } from "../../ops/constant.ts";
import { concat, pad, split, stack } from "../../ops/join.ts";
import { flip, slice } from "../../ops/layout.ts";
import { leaf, type Row, refuses, type Sample, type SampleInput, sample } from "../sample.ts";

/** A function of one tensor. */
const one = (shape: readonly number[], call: (x: Node) => Node | readonly Node[], name?: string): Sample =>
  sample([shape], call as Sample["call"], name === undefined ? {} : { name });

export const layoutRows = {
  reshape: {
    samples: [
      one([2, 6], (x) => reshape(x, [3, 4])),
      one([2, 3, 4], (x) => reshape(x, [6, -1])),
      one([], (x) => reshape(x, [1, 1])),
      one([0, 3], (x) => reshape(x, [3, 0])),
    ],
    refusals: [
      refuses(/^reshape: sizes differ: \[2, 3\] to \[4\]/, () => reshape(leaf([2, 3]), [4])),
      refuses(/^reshape: sizes differ: \[2, 3\] to \[4, -1\]/, () => reshape(leaf([2, 3]), [4, -1])),
      refuses(/^reshape: sizes must be non-negative integers/, () => reshape(leaf([2, 3]), [-2, -3])),
    ],
    random: (draw) => {
      const shape = draw.shape();
      return one(shape, (x) => reshape(x, [sizeOf(shape)]));
    },
  },
  expand: {
    samples: [
      one([3, 1], (x) => expand(x, [2, 3, 5]), "in front and inside"),
      one([1], (x) => expand(x, [17])),
      one([], (x) => expand(x, [2, 3])),
      one([1, 65], (x) => expand(x, [3, 65])),
      one([1, 3], (x) => expand(x, [0, 3])),
    ],
    refusals: [refuses(/^expand: \[2, 3\] does not expand to \[2, 4\]/, () => expand(leaf([2, 3]), [2, 4]))],
    random: (draw) => {
      const shape = draw.shape();
      return one(draw.broadcastable(shape), (x) => expand(x, shape));
    },
  },
  permute: {
    samples: [
      one([2, 3], (x) => permute(x, [1, 0])),
      one([2, 3, 4], (x) => permute(x, [2, 0, 1])),
      one([17, 1, 65], (x) => permute(x, [2, 1, 0])),
      one([1, 3, 1], (x) => permute(x, [1, 2, 0]), "moves axes of size 1 only"),
      one([2, 3, 2, 2], (x) => permute(x, [0, 3, 1, 2])),
      one([0, 3], (x) => permute(x, [1, 0])),
      one([], (x) => permute(x, [])),
    ],
    refusals: [
      refuses(/^permute: needs every axis once: \[0, 0\] for shape \[2, 3\]/, () => permute(leaf([2, 3]), [0, 0])),
      refuses(/^permute: needs every axis once: \[0\] for shape \[2, 3\]/, () => permute(leaf([2, 3]), [0])),
      refuses(/^permute: axis is outside the rank: axis 2, rank 2/, () => permute(leaf([2, 3]), [0, 2])),
    ],
    random: (draw) => {
      const shape = draw.shape();
      const order = shape.map((_, axis) => axis);
      for (let k = order.length - 1; k > 0; k--) order.splice(draw.int(0, k), 0, ...order.splice(k, 1));
      return one(shape, (x) => permute(x, order));
    },
  },
  transpose: {
    samples: [
      one([3, 65], (x) => transpose(x)),
      one([2, 3, 4], (x) => transpose(x)),
      one([7], (x) => transpose(x)),
      one([2, 3], (x) => transpose(x, [-1, 0]), "given axes"),
    ],
    refusals: [refuses(/^transpose: needs every axis once/, () => transpose(leaf([2, 3]), [0]))],
  },
  squeeze: {
    samples: [
      one([1, 3, 1], (x) => squeeze(x)),
      one([1, 3, 1], (x) => squeeze(x, -1), "one axis"),
      one([1, 1], (x) => squeeze(x)),
    ],
    refusals: [refuses(/^squeeze: axis 1 is not 1 in \[1, 3\]/, () => squeeze(leaf([1, 3]), 1))],
  },
  unsqueeze: {
    samples: [
      one([3], (x) => unsqueeze(x, 0)),
      one([2, 3], (x) => unsqueeze(x, [1, -1])),
      one([], (x) => unsqueeze(x, 0)),
    ],
    refusals: [refuses(/^unsqueeze: axis is outside the rank: axis 3, rank 2/, () => unsqueeze(leaf([2]), 3))],
  },
  slice: {
    samples: [
      one([7], (x) => slice(x, [2], [6])),
      one([4, 6], (x) => slice(x, [1, 2], [3, 5]), "a box"),
      one([5, 7, 3], (x) => slice(x, [0, 1, 1], [5, 4, 3], [2, 2, 1]), "with steps"),
      one([6, 5], (x) => slice(x, [], [], [-1, -2]), "backwards"),
      one([6, 5], (x) => slice(x, [-2, 3], [0, undefined], [-2, -1]), "backwards from inside"),
      one([9], (x) => slice(x, [-3]), "the end"),
      one([4, 65], (x) => slice(x, [2], [3]), "a row"),
      one([1, 4, 3], (x) => slice(x, [0, 1], [1, 3]), "a contiguous run"),
      one([5, 3], (x) => slice(x, [2], [2]), "nothing"),
      one([0, 3], (x) => slice(x, [0, 1]), "of nothing"),
      one([], (x) => slice(x, [])),
    ],
    refusals: [
      refuses(/^slice: end of axis 0 does not fit: 5, the axis has 4 elements/, () => slice(leaf([4]), [0], [5])),
      refuses(/^slice: start of axis 1 does not fit: -4, the axis has 3 elements/, () => slice(leaf([2, 3]), [0, -4])),
      refuses(/^slice: step of axis 0 must be a whole number, not 0: 0/, () => slice(leaf([4]), [0], [4], [0])),
      refuses(/^slice: 2 ranges for shape \[4\]/, () => slice(leaf([4]), [0, 0])),
      refuses(/^slice: start of axis 0 does not fit: 1.5/, () => slice(leaf([4]), [1.5])),
    ],
    random: (draw) => {
      const shape = draw.shape();
      const starts = shape.map((size) => draw.int(0, size));
      const ends = shape.map((size, axis) => draw.int(starts[axis] as number, size));
      const steps = shape.map(() => draw.int(1, 3));
      const back = shape.map(() => draw.chance(0.3));
      return one(shape, (x) =>
        slice(
          x,
          starts.map((start, axis) => (back[axis] ? undefined : start)),
          ends.map((end, axis) => (back[axis] ? undefined : end)),
          steps.map((step, axis) => (back[axis] ? -step : step)),
        ),
      );
    },
  },
  flip: {
    samples: [
      one([5], (x) => flip(x)),
      one([2, 3, 17], (x) => flip(x, [0, 2])),
      one([2, 0], (x) => flip(x)),
      one([1, 1], (x) => flip(x)),
      one([3, 65], (x) => flip(x, -1)),
    ],
    refusals: [refuses(/^flip: axis is outside the rank: axis 1, rank 1/, () => flip(leaf([3]), 1))],
    random: (draw) => {
      const shape = draw.shape();
      const axes = draw.axes(shape);
      return one(shape, (x) => flip(x, axes));
    },
  },
  tile: {
    samples: [
      one([3], (x) => tile(x, [2])),
      one([2, 3], (x) => tile(x, [1, 3, 2]), "adds an axis"),
      one([2, 17, 1], (x) => tile(x, [2, 3])),
      one([2], (x) => tile(x, [0]), "none"),
    ],
    refusals: [refuses(/^tile: repetitions must be whole numbers, not negative: \[-1\]/, () => tile(leaf([2]), [-1]))],
    random: (draw) => {
      const shape = draw.shape(draw.int(0, 2));
      const counts = shape.map(() => draw.int(0, 3));
      return one(shape, (x) => tile(x, counts));
    },
  },
  pad: {
    samples: [
      one([4], (x) => pad(x, [[1, 2]], { value: 0.5 })),
      one([2, 3], (x) =>
        pad(x, [
          [0, 1],
          [2, 0],
        ]),
      ),
      one([1, 2, 3, 3], (x) =>
        pad(
          x,
          [
            [0, 0],
            [0, 0],
            [1, 1],
            [2, 1],
          ],
          { value: -1 },
        ),
      ),
      one(
        [1, 2, 4, 3],
        (x) =>
          pad(
            x,
            [
              [0, 0],
              [0, 0],
              [1, 2],
              [2, 1],
            ],
            { mode: "reflect" },
          ),
        "reflect",
      ),
      one(
        [2, 4, 3],
        (x) =>
          pad(
            x,
            [
              [0, 0],
              [4, 2],
              [2, 3],
            ],
            { mode: "symmetric" },
          ),
        "symmetric",
      ),
      one(
        [2, 1],
        (x) =>
          pad(
            x,
            [
              [1, 0],
              [2, 65],
            ],
            { mode: "edge" },
          ),
        "edge",
      ),
      one(
        [0, 2],
        (x) =>
          pad(
            x,
            [
              [1, 2],
              [0, 1],
            ],
            { value: 3 },
          ),
        "around nothing",
      ),
      one([3], (x) => pad(x, [[0, 0]], { mode: "reflect" }), "by nothing"),
    ],
    refusals: [
      refuses(/^pad: needs \[before, after\] for each axis of \[2, 3\]: \[\[1, 1\]\]/, () =>
        pad(leaf([2, 3]), [[1, 1]]),
      ),
      refuses(/^pad: needs \[before, after\] for each axis of \[2\]: \[\[-1, 1\]\]/, () => pad(leaf([2]), [[-1, 1]])),
      refuses(/^pad: "reflect" adds at most 2 elements on a side of axis 0: \[3, 0\], shape \[3\]/, () =>
        pad(leaf([3]), [[3, 0]], { mode: "reflect" }),
      ),
      refuses(/^pad: "symmetric" adds at most 3 elements on a side of axis 0/, () =>
        pad(leaf([3]), [[0, 4]], { mode: "symmetric" }),
      ),
      refuses(/^pad: "edge" adds at most 0 elements on a side of axis 0/, () =>
        pad(leaf([0]), [[1, 0]], { mode: "edge" }),
      ),
      {
        error: OptionError,
        message: /^pad: no such mode: circular/,
        call: () => pad(leaf([3]), [[1, 1]], { mode: "circular" as never }),
      },
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3));
      const mode = draw.pick(["constant", "edge", "reflect", "symmetric"] as const);
      const most = (size: number) =>
        Math.min(
          3,
          mode === "constant"
            ? 3
            : mode === "edge"
              ? size > 0
                ? 3
                : 0
              : mode === "reflect"
                ? Math.max(0, size - 1)
                : size,
        );
      const padding = shape.map((size) => [draw.int(0, most(size)), draw.int(0, most(size))] as const);
      return one(
        shape,
        (x) => pad(x, padding, { mode, value: 0.25 }),
        `${mode} [${shape.join(", ")}] by ${JSON.stringify(padding)}`,
      );
    },
  },
  concat: {
    samples: [
      sample(
        [
          [2, 3],
          [4, 3],
        ],
        (...xs) => concat(xs),
      ),
      sample(
        [
          [2, 3],
          [2, 1],
          [2, 5],
        ],
        (...xs) => concat(xs, 1),
      ),
      sample(
        [
          [2, 1, 3],
          [2, 2, 3],
        ],
        (...xs) => concat(xs, -2),
      ),
      sample([[1], [4], [0], [2]], (...xs) => concat(xs), { name: "one is empty" }),
      sample(
        Array.from({ length: 11 }, (_, i) => [3, 1 + (i % 3)]),
        (...xs) => concat(xs, 1),
        { name: "many" },
      ),
      sample([[3]], (x) => concat([x as Node, x as Node]), { name: "itself twice" }),
      sample(
        [
          { shape: [3], dtype: "i32" },
          { shape: [65], dtype: "i32" },
        ],
        (...xs) => concat(xs),
        { smooth: false },
      ),
      sample(
        [
          [0, 3],
          [0, 3],
        ],
        (...xs) => concat(xs),
        { name: "all are empty" },
      ),
    ],
    refusals: [
      refuses(/^concat: nothing to join/, () => concat([])),
      refuses(/^concat: only axis 0 may differ: f32\[2, 3\], f32\[2, 4\]/, () => concat([leaf([2, 3]), leaf([2, 4])])),
      refuses(/^concat: only axis 0 may differ: f32\[2\], i32\[2\]/, () => concat([leaf([2]), leaf([2], "i32")])),
      refuses(/^concat: axis is outside the rank: axis 0, rank 0/, () => concat([leaf([]), leaf([])])),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 3));
      const axis = draw.int(0, shape.length - 1);
      const inputs = Array.from(
        { length: draw.int(1, 6) },
        (): SampleInput => ({ shape: shape.map((size, k) => (k === axis ? draw.size() : size)) }),
      );
      return sample(inputs, (...xs) => concat(xs, axis));
    },
  },
  stack: {
    samples: [
      sample(
        [
          [2, 3],
          [2, 3],
          [2, 3],
        ],
        (...xs) => stack(xs, 1),
      ),
      sample([[], []], (...xs) => stack(xs)),
      sample([[65], [65]], (...xs) => stack(xs, -1)),
    ],
    refusals: [
      refuses(/^stack: nothing to join/, () => stack([])),
      refuses(/^stack: shapes or element types differ: f32\[2\], f32\[3\]/, () => stack([leaf([2]), leaf([3])])),
    ],
  },
  split: {
    samples: [
      one([7], (x) => split(x, [3, 4])),
      one([4, 6], (x) => split(x, [1, 2, 3], 1)),
      one([2, 9, 2], (x) => split(x, 3, 1)),
      one([3], (x) => split(x, [3, 0]), "an empty piece"),
    ],
    refusals: [
      refuses(/^split: sizes \[1, 1\] of axis 0: it has 3 elements/, () => split(leaf([3]), [1, 1])),
      refuses(/^split: 2 equal pieces of axis 0: it has 3 elements/, () => split(leaf([3]), 2)),
    ],
  },
  fill: {
    samples: [
      sample([], () => fill([2, 17], 1.5), { name: "[2, 17]" }),
      sample([], () => fill([3], -7, "i32"), { name: "i32" }),
      sample([], () => fill([0], 1), { name: "nothing" }),
    ],
    refusals: [refuses(/^fill: sizes must be non-negative integers: \[-1\]/, () => fill([-1], 0))],
  },
  iota: {
    samples: [
      sample([], () => iota(65), { name: "65" }),
      sample([], () => iota(3, "f32"), { name: "f32" }),
      sample([], () => iota(0), { name: "0" }),
    ],
    refusals: [refuses(/^iota: sizes must be non-negative integers: \[1.5\]/, () => iota(1.5))],
  },
} satisfies Record<string, Row>;
