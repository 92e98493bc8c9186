// Samples of statistics and of what is normalised by them.
import { OptionError } from "../../core/error.ts";
import type { Shape } from "../../core/shape.ts";
import type { Node } from "../../graph/node.ts";
import { type Moments, mergeMoments, moments } from "../../ops/moments.ts";
import { batchNorm, batchNormTraining, groupNorm, instanceNorm, layerNorm, rmsNorm } from "../../ops/normalization.ts";
import { normalize } from "../../ops/normalize.ts";
import type { Axes } from "../../ops/reduce.ts";
import { sumPair } from "../../ops/sumPair.ts";
import { localResponseNorm, spatialDropout } from "../../ops/suppression.ts";
import type { Draw } from "../draw.ts";
import { leaf, type Refusal, type Row, refuses, type Sample, type SampleInput, sample } from "../sample.ts";
import type { Domain } from "../values.ts";

const POSITIVE: Domain = [0.5, 2];
/** Sums must not cancel: f32's error goes with the size of what is added. */
const LEANING: Domain = [-1, 2];
/** Around 10 000 with deviation 1. */
const FAR: Domain = { list: [10001, 9999, 10000.5, 9998.5, 10002, 10000, 9999.5, 9998, 10001.5] };
const far = (shape: Shape): SampleInput => ({ shape, values: FAR });
const positive = (shape: Shape): SampleInput => ({ shape, values: POSITIVE });
const leaning = (shape: Shape): SampleInput => ({ shape, values: LEANING });
const masking = (shape: Shape): SampleInput => ({ shape, dtype: "bool", values: { list: [1, 0, 1, 1, 0, 1, 1] } });
const COUNTER: SampleInput = { shape: [], dtype: "u32", values: { list: [7] } };

const SLACK = { epsilon: 0.1 }; // where a variance may be next to nothing

const listed = ({ mean, variance, unbiased, count }: Moments): Node[] => [mean, variance, unbiased, count];
const momentsOver =
  (axes?: Axes): Sample["call"] =>
  (x, mask) =>
    listed(moments(x as Node, axes, { mask }));

/** A name and an epsilon that make no sense. */
const badOptions = (name: string, call: (options: { epsilon: number }) => unknown): Refusal[] => [
  {
    error: OptionError,
    message: new RegExp(`^${name}: epsilon must be a number, 0 or more: got -1`),
    call: () => call({ epsilon: -1 }),
  },
  {
    error: OptionError,
    message: new RegExp(`^${name}: unknown option "eps"`),
    call: () => call({ eps: 1 } as unknown as { epsilon: number }),
  },
];

type Affine = (x: Node, options: { scale?: Node | undefined; shift?: Node | undefined }) => Node;
const scaled =
  (call: Affine): Sample["call"] =>
  (x, scale, shift) =>
    call(x as Node, { scale, shift });

/** A shape whose last axis is the channels. */
const drawn = (draw: Draw, rank: number): number[] => draw.shape(draw.int(2, rank), 1);

export const normalizationRows = {
  sumPair: {
    samples: [
      sample([leaning([3, 65]), leaning([3, 65])], (a, b) => sumPair(a as Node, b as Node, [1]), { name: "rows" }),
      sample([leaning([65, 3]), leaning([65, 3])], (a, b) => sumPair(a as Node, b as Node, [0]), { name: "columns" }),
      sample([leaning([2, 3, 4, 5]), leaning([2, 3, 4, 5])], (a, b) => sumPair(a as Node, b as Node, [0, 2])),
      sample([leaning([2, 3]), leaning([2, 3])], (a, b) => sumPair(a as Node, b as Node, []), { name: "apart" }),
      sample([leaning([17000, 2]), leaning([17000, 2])], (a, b) => sumPair(a as Node, b as Node, [0]), {
        name: "long",
      }),
      sample([leaning([2, 17001]), leaning([2, 17001])], (a, b) => sumPair(a as Node, b as Node, [1]), {
        name: "long rows",
      }),
      sample([leaning([65, 3]), far([65, 3]), far([3])], (a, b, center) => sumPair(a as Node, b as Node, [0], center), {
        name: "around a center",
      }),
      sample(
        [leaning([17000, 2]), leaning([17000, 2]), [2]],
        (a, b, center) => sumPair(a as Node, b as Node, [0], center),
        { name: "long, around a center" },
      ),
    ],
    refusals: [],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 4), 1);
      const axes = draw.axes(shape);
      return sample([leaning(shape), leaning(shape)], (a, b) => sumPair(a as Node, b as Node, axes));
    },
  },
  moments: {
    samples: [
      sample([[17]], momentsOver()),
      sample([[]], momentsOver(), { name: "one number" }),
      sample([[3, 65]], momentsOver(1), { name: "rows" }),
      sample([[65, 3]], momentsOver(0), { name: "columns" }),
      sample([[2, 3, 4, 5]], momentsOver([0, 2]), { name: "axes 0 and 2" }),
      sample([[2, 3]], momentsOver([]), { name: "no axes" }),
      sample([[0, 3]], momentsOver(1), { name: "nothing" }),
      sample([[0, 3]], momentsOver(0), { name: "of nothing", smooth: false }),
      sample([far([300, 3])], momentsOver(0), { name: "around 10 000" }),
      sample([[17000, 2]], momentsOver(0), { name: "long" }),
      sample([far([2, 17001])], momentsOver(1), { name: "long and around 10 000", smooth: false }),
      sample([[7, 5, 3], masking([7])], momentsOver([0, 1]), { name: "masked" }),
      sample([[7, 5], masking([7])], momentsOver(1), { name: "whole results masked" }),
      sample([[1, 5, 7, 2], masking([1, 5, 1])], momentsOver([0, 1, 2]), { name: "a mask that repeats" }),
      sample([[2500, 7, 2], masking([2500])], momentsOver([0, 1]), { name: "masked and long", smooth: false }),
      sample(
        [
          { shape: [4], values: { list: [Number.NaN, 3, 5, Number.POSITIVE_INFINITY] } },
          { shape: [4], dtype: "bool", values: { list: [0, 1, 1, 0] } },
        ],
        momentsOver(),
        { name: "what is masked is not looked at", smooth: false },
      ),
    ],
    refusals: [
      refuses(/^moments: takes f32: got i32/, () => moments(leaf([2], "i32"))),
      refuses(/^moments: axis is outside the rank: axis 2, rank 2/, () => moments(leaf([2, 3]), 2)),
      refuses(/^moments: the mask must be bool over the first axes of \[2, 3\]: got bool \[3\]/, () =>
        moments(leaf([2, 3]), 0, { mask: leaf([3], "bool") }),
      ),
      refuses(/^moments: the mask must be bool over the first axes of \[2, 3\]: got f32 \[2\]/, () =>
        moments(leaf([2, 3]), 0, { mask: leaf([2]) }),
      ),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 4), 1);
      const axes = draw.axes(shape);
      const isMasked = draw.chance(0.4);
      return sample([shape, ...(isMasked ? [masking(shape.slice(0, 1))] : [])], momentsOver(axes));
    },
  },
  mergeMoments: {
    samples: [
      sample([[5, 3], positive([5, 3]), counts([5, 3])], merged(0, [1, 3]), { name: "parts first" }),
      sample([[3, 5], positive([3, 5]), counts([3, 5])], merged(1, [3, 1]), { name: "parts last" }),
      sample([far([65, 2]), positive([65, 2]), counts([65, 2])], merged(0, [2]), { name: "around 10 000" }),
    ],
    refusals: [],
  },
  normalize: {
    samples: [
      sample([[5], [], positive([])], (x, mean, variance) => normalize(x as Node, mean as Node, variance as Node)),
      sample([[2, 3, 4], [4], positive([4]), [4], [4]], normalized, { name: "by channel" }),
      sample([[2, 3, 4], [2, 1, 1], positive([2, 1, 1]), [3, 4], [3, 4]], normalized, { name: "by example" }),
      sample([[2, 3, 4], [2, 1, 4], positive([2, 1, 4]), [4], []], normalized, { name: "scale within the statistics" }),
      sample([[2, 3, 4], [3, 1], positive([3, 1]), [4], [3, 1]], normalized, { name: "each with its own shape" }),
      sample([far([9, 3]), far([3]), positive([3])], (x, mean, variance) =>
        normalize(x as Node, mean as Node, variance as Node),
      ),
      sample([[0, 3], [3], positive([3])], (x, mean, variance) => normalize(x as Node, mean as Node, variance as Node)),
    ],
    refusals: [
      refuses(/^normalize: variance does not broadcast to x: \[2\] to \[3\]/, () =>
        normalize(leaf([3]), leaf([3]), leaf([2])),
      ),
      refuses(/^normalize: mean and variance differ in shape: \[3\] and \[1\]/, () =>
        normalize(leaf([3]), leaf([3]), leaf([1])),
      ),
      refuses(/^normalize: takes f32: x is i32/, () => normalize(leaf([3], "i32"), leaf([3]), leaf([3]))),
      {
        error: OptionError,
        message: /^normalize: epsilon must be a number, 0 or more: got NaN/,
        call: () => normalize(leaf([3]), leaf([3]), leaf([3]), { epsilon: Number.NaN }),
      },
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(1, 4), 1);
      const statistics = draw.broadcastable(shape);
      return sample(
        [shape, statistics, positive(statistics), draw.broadcastable(shape), draw.broadcastable(shape)],
        normalized,
      );
    },
  },
  batchNorm: {
    samples: [
      sample([[2, 5, 3], [3], positive([3]), [3], [3]], byVectors()),
      sample([[4, 3, 2, 2], [3], positive([3]), [3], [3]], byVectors(1), { name: "channels are axis 1" }),
      sample([[6], [6], positive([6])], byVectors(0), { name: "one axis, not affine" }),
    ],
    refusals: [
      refuses(/^batchNorm: scale must be \[3\] for \[2, 3\]: got \[2\]/, () =>
        batchNorm(leaf([2, 3]), { mean: leaf([3]), variance: leaf([3]), scale: leaf([2]) }),
      ),
      refuses(/^batchNorm: axis is outside the rank: axis 2, rank 2/, () =>
        batchNorm(leaf([2, 3]), { mean: leaf([3]), variance: leaf([3]), axis: 2 }),
      ),
      ...badOptions("batchNorm", (options) =>
        batchNorm(leaf([2, 3]), { mean: leaf([3]), variance: leaf([3]), ...options }),
      ),
    ],
    random: (draw) => {
      const shape = drawn(draw, 4);
      const axis = draw.int(0, shape.length - 1);
      const channels = [shape[axis] as number];
      return sample([shape, channels, positive(channels), channels, channels], byVectors(axis));
    },
  },
  batchNormTraining: {
    samples: [
      sample([[4, 5, 3], [3], [3]], training()),
      sample([[3, 2, 5, 7], [2], [2]], training({ axis: 1 }), { name: "channels are axis 1" }),
      sample([[8, 1], [1], [1]], training(), { name: "one channel" }),
      sample([[9, 4]], (x) => batchNormTraining(x as Node).y, { name: "not affine" }),
      sample([far([300, 2]), [2], [2]], training(), { name: "around 10 000", smooth: false }),
      sample([[9000, 2, 3], [3], [3]], training(), { name: "long" }),
      sample([[7, 3, 4], [4], [4], masking([7])], masked, { name: "masked" }),
      sample(
        [{ shape: [6, 2], values: { list: [0.5, -1] } }, [2], [2]],
        (x, scale, shift) => batchNormTraining(x as Node, { scale, shift }).y,
        { name: "no variance", smooth: false },
      ),
    ],
    refusals: [
      refuses(/^batchNormTraining: a variance needs more than one value for each channel: \[1, 3\] has 1/, () =>
        batchNormTraining(leaf([1, 3])),
      ),
      ...badOptions("batchNormTraining", (options) => batchNormTraining(leaf([2, 3]), options)),
    ],
    random: (draw) => {
      const shape = [2, ...drawn(draw, 3)];
      const axis = draw.int(1, shape.length - 1);
      const channels = [shape[axis] as number];
      return sample([shape, channels, channels], training({ axis, ...SLACK }));
    },
  },
  layerNorm: {
    samples: [
      sample([[4, 5], [5], [5]], scaled(layerNorm)),
      sample([[3, 257], [257], [257]], scaled(layerNorm)),
      sample([[1, 1], [1], [1]], scaled(layerNorm), { name: "one number" }),
      sample(
        [
          [2, 3, 4, 5],
          [3, 4, 5],
          [3, 4, 5],
        ],
        scaled(overAxes([1, 2, 3])),
        { name: "three axes" },
      ),
      sample(
        [
          [2, 3, 4],
          [4, 2],
          [4, 2],
        ],
        scaled(overAxes([2, 0])),
        { name: "axes in another order" },
      ),
      sample([[2, 3]], (x) => layerNorm(x as Node, { axes: [] }), { name: "no axes" }),
      sample([far([2, 513])], (x) => layerNorm(x as Node), { name: "around 10 000", smooth: false }),
      sample([[0, 3], [3], [3]], scaled(layerNorm), { name: "nothing" }),
    ],
    refusals: [
      refuses(/^layerNorm: scale must be \[3\] for \[2, 3\]: got \[2\]/, () =>
        layerNorm(leaf([2, 3]), { scale: leaf([2]) }),
      ),
      refuses(/^layerNorm: axis is outside the rank: axis -1, rank 0/, () => layerNorm(leaf([]))),
      refuses(/^layerNorm: an axis is given twice/, () => layerNorm(leaf([2, 3]), { axes: [1, -1] })),
      ...badOptions("layerNorm", (options) => layerNorm(leaf([2, 3]), options)),
    ],
    random: (draw) => {
      const shape = drawn(draw, 4);
      const size = shape.slice(-1);
      return sample([shape, size, size], (x, scale, shift) => layerNorm(x as Node, { scale, shift, ...SLACK }));
    },
  },
  groupNorm: {
    samples: [
      sample([[2, 3, 6], [6], [6]], scaled(inGroups(3)), { name: "3 groups" }),
      sample([[2, 3, 3, 4], [4], [4]], scaled(inGroups(2)), { name: "2 groups of an image" }),
      sample([[1, 2, 2, 6], [6], [6]], scaled(inGroups(1)), { name: "1 group" }),
      sample([[3, 8]], (x) => groupNorm(x as Node, 2), { name: "no positions" }),
    ],
    refusals: [
      refuses(/^groupNorm: groups do not divide the channels: 2 groups, 3 channels/, () => groupNorm(leaf([2, 3]), 2)),
      refuses(/^groupNorm: needs a batch and channels: got \[4\]/, () => groupNorm(leaf([4]), 2)),
      {
        error: OptionError,
        message: /^groupNorm: groups must be a whole number from 1 on: got 0/,
        call: () => groupNorm(leaf([2, 3]), 0),
      },
      ...badOptions("groupNorm", (options) => groupNorm(leaf([2, 4]), 2, options)),
    ],
    random: (draw) => {
      const groups = draw.int(1, 3);
      const channels = groups * draw.int(1, 3);
      const shape = [draw.int(1, 3), ...draw.shape(draw.int(0, 2), 1), channels];
      return sample([shape, [channels], [channels]], (x, scale, shift) =>
        groupNorm(x as Node, groups, { scale, shift, ...SLACK }),
      );
    },
  },
  instanceNorm: {
    samples: [
      sample([[2, 4, 3], [3], [3]], scaled(instanceNorm)),
      sample([[2, 4, 5, 3], [3], [3]], scaled(instanceNorm)),
      sample([[1, 5, 5, 2]], (x) => instanceNorm(x as Node), { name: "not affine" }),
      sample([[3, 1, 1, 2], [2], [2]], scaled(instanceNorm), { name: "one position", smooth: false }),
    ],
    refusals: [
      refuses(/^instanceNorm: needs a batch, positions and channels: got \[2, 3\]/, () => instanceNorm(leaf([2, 3]))),
      refuses(/^instanceNorm: shift must be \[4\] for \[2, 3, 4\]: got \[3\]/, () =>
        instanceNorm(leaf([2, 3, 4]), { shift: leaf([3]) }),
      ),
      ...badOptions("instanceNorm", (options) => instanceNorm(leaf([2, 3, 4]), options)),
    ],
    random: (draw) => {
      const shape = draw.shape(draw.int(3, 4), 1);
      const channels = shape.slice(-1);
      return sample([shape, channels, channels], (x, scale, shift) =>
        instanceNorm(x as Node, { scale, shift, ...SLACK }),
      );
    },
  },
  rmsNorm: {
    samples: [
      sample([[3, 8], [8]], (x, scale) => rmsNorm(x as Node, { scale })),
      sample(
        [
          [2, 3, 4],
          [4, 3],
        ],
        (x, scale) => rmsNorm(x as Node, { scale, axes: [2, 1] }),
        { name: "two axes" },
      ),
      sample([[5]], (x) => rmsNorm(x as Node), { name: "no scale" }),
    ],
    refusals: [
      refuses(/^rmsNorm: scale must be \[3\] for \[2, 3\]: got \[2\]/, () =>
        rmsNorm(leaf([2, 3]), { scale: leaf([2]) }),
      ),
      ...badOptions("rmsNorm", (options) => rmsNorm(leaf([2, 3]), options)),
    ],
    random: (draw) => {
      const shape = drawn(draw, 3);
      return sample([shape, shape.slice(-1)], (x, scale) => rmsNorm(x as Node, { scale, ...SLACK }));
    },
  },
  localResponseNorm: {
    samples: [
      sample([[2, 3, 3, 5]], response({ size: 3, alpha: 0.01 })),
      sample([[2, 7]], response({ size: 4, alpha: 2, beta: 0.5, k: 2 }), { name: "an even window" }),
      sample([[2, 3]], response({ size: 9, alpha: 1 }), { name: "a window wider than all channels" }),
      sample([[0, 3]], response({ size: 3 }), { name: "nothing" }),
    ],
    refusals: [
      {
        error: OptionError,
        message: /^localResponseNorm: size must be a whole number from 1 on: got 0/,
        call: () => localResponseNorm(leaf([2, 3]), { size: 0 }),
      },
      refuses(/^localResponseNorm: a scalar has no channels/, () => localResponseNorm(leaf([]), { size: 1 })),
    ],
    random: (draw) => sample([draw.shape(draw.int(1, 3), 1)], response({ size: draw.int(1, 5), alpha: 1 })),
  },
  spatialDropout: {
    samples: [
      sample([[3, 4, 5, 17], COUNTER], dropping(0.4), { name: "0.4" }),
      sample([[3, 5], COUNTER], dropping(0), { name: "nothing" }),
      sample([[3, 5], COUNTER], dropping(1), { name: "everything", smooth: false }),
    ],
    refusals: [
      {
        error: OptionError,
        message: /^spatialDropout: rate must be in 0 … 1: got 2/,
        call: () => dropping(2)(leaf([2, 3]), leaf([], "u32")),
      },
      refuses(/^spatialDropout: needs a batch and channels: got \[3\]/, () =>
        dropping(0.5)(leaf([3]), leaf([], "u32")),
      ),
    ],
  },
} satisfies Record<string, Row>;

function counts(shape: Shape): SampleInput {
  return { shape, dtype: "u32", values: { list: [3, 1, 0, 7, 2] } };
}

function merged(axis: number, shape: Shape): Sample["call"] {
  return (means, variances, sizes) => {
    const made = mergeMoments(means as Node, variances as Node, sizes as Node, axis, shape);
    return listed(made);
  };
}

function normalized(...[x, mean, variance, scale, shift]: Node[]): Node {
  return normalize(x as Node, mean as Node, variance as Node, { scale, shift, epsilon: 1e-3 });
}

function byVectors(axis = -1): Sample["call"] {
  return (x, mean, variance, scale, shift) =>
    batchNorm(x as Node, { mean: mean as Node, variance: variance as Node, scale, shift, axis });
}

function training(options: { axis?: number; epsilon?: number } = {}): Sample["call"] {
  return (x, scale, shift) => {
    const { y, mean, unbiased } = batchNormTraining(x as Node, { scale, shift, ...options });
    return [y, mean, unbiased];
  };
}

function masked(...[x, scale, shift, mask]: Node[]): Node[] {
  const { y, mean, variance, unbiased, count } = batchNormTraining(x as Node, { scale, shift, mask });
  return [y, mean, variance, unbiased, count];
}

function overAxes(axes: readonly number[]): Affine {
  return (x, options) => layerNorm(x, { ...options, axes });
}

function inGroups(groups: number): Affine {
  return (x, options) => groupNorm(x, groups, options);
}

function response(options: Parameters<typeof localResponseNorm>[1]): Sample["call"] {
  return (x) => localResponseNorm(x as Node, options);
}

function dropping(rate: number): Sample["call"] {
  return (x, counter) => spatialDropout(x as Node, rate, { seed: 3, stream: 1, counter: counter as Node });
}
