// Samples of convolutions: every option, and the shapes at which their kernels begin and end a tile.
import { OptionError } from "../../core/error.ts";
import { output } from "../../graph/define.ts";
import type { Node } from "../../graph/node.ts";
import { type ConvOptions, type ConvTransposeOptions, conv1d, conv2d, convTranspose2d } from "../../ops/conv.ts";
import { col2im, im2col, type PatchOptions } from "../../ops/im2col.ts";
import { maxPool2d } from "../../ops/maxPool.ts";
import { sumParts } from "../../ops/sumParts.ts";
import type { Draw } from "../draw.ts";
import { leaf, type Row, refuses, type Sample, sample } from "../sample.ts";

type Convolve = (x: Node, w: Node, options: ConvTransposeOptions) => Node;

/** A sample of `convolve` whose third input, if any, is the bias. */
function of(
  convolve: Convolve,
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: ConvTransposeOptions = {},
  bias?: number,
): Sample {
  const call = (image?: Node, filter?: Node, b?: Node) =>
    convolve(image as Node, filter as Node, { ...options, bias: b });
  return sample(bias === undefined ? [x, w] : [x, w, [bias]], call, { name });
}

/** Options of random windows: strides larger than the filter, filters larger than the image without its padding, depthwise groups. */
function randomOptions(draw: Draw) {
  const size = [draw.int(1, 5), draw.int(1, 5)] as const;
  const dilation = [draw.int(1, 2), draw.int(1, 3)] as const;
  const stride = draw.pick([
    [1, 1],
    [1, 1],
    [2, 2],
    [1, 3],
    [size[0] + 1, size[1] + 2],
  ]) as readonly number[];
  const groups = draw.pick([1, 1, 2, 3]);
  const [perGroup, multiplier] = draw.chance(0.3) ? [1, draw.int(1, 3)] : [draw.int(1, 9), draw.pick([1, 2, 4, 5, 17])];
  return { size, dilation, stride, groups, perGroup, filters: groups * multiplier, images: draw.size() % 20 };
}

function randomConv(draw: Draw): Sample {
  const { size, dilation, stride, groups, perGroup, filters, images } = randomOptions(draw);
  const padding = [draw.int(0, 4), draw.int(0, 4)].map((before) => [before, draw.int(0, 4)] as const);
  const extent = (axis: 0 | 1) => {
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    const [before, after] = padding[axis] as readonly [number, number];
    return Math.max(1, reach - before - after, draw.int(1, 9)); // often smaller than the filter
  };
  const x = [images, extent(0), extent(1), perGroup * groups];
  const options = { stride, dilation, padding: draw.chance(0.2) ? ("same" as const) : padding, groups };
  const bias = draw.chance(0.5) ? filters : undefined;
  return of(conv2d, `${x} · ${size} ${JSON.stringify(options)}`, x, [...size, perGroup, filters], options, bias);
}

function randomTranspose(draw: Draw): Sample {
  const { size, dilation, stride, groups, perGroup, filters, images } = randomOptions(draw);
  const x = [images, draw.int(1, 5), draw.int(1, 5), filters];
  const padding = [0, 1].map((axis) => draw.int(0, ((size[axis] as number) - 1) >> 1));
  const options = { stride, dilation, padding: draw.chance(0.2) ? ("same" as const) : padding, groups };
  const bias = draw.chance(0.5) ? perGroup * groups : undefined;
  const name = `${x} · ${size} ${JSON.stringify(options)}`;
  return of(convTranspose2d, name, x, [...size, perGroup, filters], options, bias);
}

/** With a max pool behind it; where another element becomes the largest it has a kink. */
function pooled(name: string, x: readonly number[], w: readonly number[], options: ConvOptions, bias?: number): Sample {
  const both: Convolve = (image, filter, given) => maxPool2d(conv2d(image, filter, given), { size: 2 });
  return { ...of(both, name, x, w, options, bias), smooth: false };
}
const patches = (name: string, x: readonly number[], options: PatchOptions) =>
  sample([x], (image) => im2col(image as Node, options), { name });
const spread = (name: string, columns: readonly number[], options: Parameters<typeof col2im>[1]) =>
  sample([columns], (given) => col2im(given as Node, options), { name });

const image = leaf([1, 4, 4, 3]);
const refusesConv = (message: RegExp, w: readonly number[], options: ConvOptions = {}) =>
  refuses(message, () => conv2d(image, leaf(w), options));
const refusesOption = (message: RegExp, w: readonly number[], options: ConvOptions) => ({
  error: OptionError,
  message,
  call: () => conv2d(image, leaf(w), options),
});

export const convolutionRows = {
  conv2d: {
    samples: [
      of(conv2d, "one image", [1, 5, 5, 1], [3, 3, 1, 1]),
      of(conv2d, "bias", [2, 6, 7, 3], [3, 2, 3, 5], {}, 5),
      of(conv2d, "images past a tile", [9, 6, 7, 2], [3, 3, 2, 8], {}, 8),
      of(conv2d, "columns past a tile", [8, 4, 4, 5], [2, 2, 5, 17], {}, 17),
      of(conv2d, "same", [4, 5, 6, 3], [3, 3, 3, 4], { padding: "same" }, 4),
      of(conv2d, "same, even filter and stride", [4, 5, 6, 3], [4, 2, 3, 4], { padding: "same", stride: 2 }),
      of(
        conv2d,
        "padding of each side",
        [4, 4, 5, 2],
        [3, 3, 2, 4],
        {
          padding: [
            [2, 0],
            [1, 3],
          ],
        },
        4,
      ),
      of(conv2d, "stride", [4, 9, 8, 3], [3, 3, 3, 6], { stride: 2 }, 6),
      of(conv2d, "stride larger than the filter", [4, 9, 8, 2], [2, 2, 2, 4], { stride: [3, 4] }),
      of(conv2d, "dilation", [4, 8, 9, 2], [3, 3, 2, 4], { dilation: [2, 3] }),
      of(conv2d, "dilation and stride that share a factor", [4, 11, 11, 2], [3, 3, 2, 4], {
        dilation: 2,
        stride: 2,
        padding: 2,
      }),
      of(conv2d, "groups", [5, 5, 5, 8], [3, 3, 4, 10], { groups: 2, padding: 1 }, 10),
      of(conv2d, "depthwise", [3, 6, 5, 6], [3, 3, 1, 6], { groups: 6, padding: "same" }, 6),
      of(conv2d, "depthwise, two filters a channel", [8, 5, 5, 3], [3, 3, 1, 6], { groups: 3 }),
      of(conv2d, "a filter larger than the image", [4, 2, 3, 2], [5, 5, 2, 4], { padding: 2 }),
      of(conv2d, "1 × 1", [3, 4, 5, 6], [1, 1, 6, 7], {}, 7),
      of(conv2d, "1 × 1, stride", [4, 5, 5, 3], [1, 1, 3, 4], { stride: 2 }),
      of(conv2d, "one channel, lines of whole vectors", [9, 6, 12, 1], [3, 5, 1, 6], {}, 6),
      of(conv2d, "one channel, two taps", [8, 5, 8, 1], [2, 2, 1, 9]),
      of(conv2d, "channels by fours", [9, 6, 7, 8], [3, 2, 8, 12], {}, 12),
      of(conv2d, "channels by fours, padded, in groups", [9, 6, 6, 8], [3, 3, 4, 8], { groups: 2, padding: 1 }),
      of(conv2d, "regions of padded images", [5, 6, 7, 4], [5, 5, 4, 8], { padding: "same" }, 8),
      of(conv2d, "columns past a region", [5, 6, 8, 8], [3, 3, 8, 20], {}, 20),
      of(conv2d, "windows of whole fours", [7, 8, 8, 2], [5, 5, 2, 16], {}, 16),
      of(conv2d, "padding larger than the filter", [4, 4, 6, 2], [2, 2, 2, 4], { padding: 2 }),
      of(conv2d, "flipped", [2, 5, 5, 2], [3, 2, 2, 3], { flip: true }),
      pooled("one channel, with a max pool behind it", [9, 8, 12, 1], [5, 5, 1, 8], {}, 8),
      pooled("one channel, three taps, with a max pool behind it", [8, 6, 8, 1], [3, 3, 1, 4], {}, 4),
      pooled(
        "padded channels by fours, with a max pool behind them",
        [9, 4, 13, 4],
        [5, 5, 4, 12],
        { padding: "same" },
        12,
      ),
      pooled("with a max pool behind it", [9, 8, 9, 3], [3, 2, 3, 5], {}, 5),
      pooled(
        "padded, with a max pool behind it",
        [8, 7, 6, 2],
        [3, 3, 2, 17],
        { padding: [[2, 1], 1], stride: [1, 2] },
        17,
      ),
      pooled("dilated groups with a max pool behind them", [5, 9, 9, 4], [3, 3, 2, 8], {
        groups: 2,
        dilation: 2,
        padding: "same",
      }),
      of(conv2d, "wide", [8, 6, 30, 1], [5, 5, 1, 8], {}, 8),
      of(conv2d, "no images", [0, 5, 5, 2], [3, 3, 2, 4], {}, 4),
      of(conv2d, "no channels", [2, 5, 5, 0], [3, 3, 0, 4], {}, 4),
    ],
    refusals: [
      refuses(/^conv2d: the image must be \[N, H, W, C\]: got \[4, 4, 3\]/, () =>
        conv2d(leaf([4, 4, 3]), leaf([3, 3, 3, 1])),
      ),
      refuses(/^conv2d: the image must be f32: got i32/, () => conv2d(leaf([1, 4, 4, 3], "i32"), leaf([3, 3, 3, 1]))),
      refusesConv(/^conv2d: the filter must be \[KH, KW, C \/ groups, F\]: got \[3, 3, 3\]/, [3, 3, 3]),
      refusesConv(
        /^conv2d: the image has 3 channels, the filter takes 2: \[1, 4, 4, 3\] with filter \[3, 3, 2, 1\]/,
        [3, 3, 2, 1],
      ),
      refusesConv(/^conv2d: 2 groups do not divide 3 channels into 4: .* Use a divisor of both/, [3, 3, 1, 4], {
        groups: 2,
      }),
      refusesConv(/^conv2d: the bias must be f32\[2\]: got f32\[3\]/, [3, 3, 3, 2], { bias: leaf([3]) }),
      refusesConv(
        /^conv2d: filter 5×5 is larger than its padded input 4×4\. Use padding "same" or a smaller filter/,
        [5, 5, 3, 1],
      ),
      refusesOption(/^conv2d: stride must be a whole number from 1 on: got 0/, [3, 3, 3, 1], { stride: 0 }),
      refusesOption(/^conv2d: dilation must be a whole number from 1 on: got -1/, [3, 3, 3, 1], { dilation: -1 }),
      refusesOption(/^conv2d: padding must be whole numbers from 0 on: got -1/, [3, 3, 3, 1], { padding: -1 }),
      refusesOption(/^conv2d: groups must be a whole number from 1 on: got 0/, [3, 3, 3, 1], { groups: 0 }),
    ],
    random: randomConv,
  },
  conv1d: {
    samples: [
      of(conv1d, "valid", [2, 9, 3], [4, 3, 5], {}, 5),
      of(conv1d, "causal", [8, 12, 4], [3, 4, 8], { padding: [[4, 0]], dilation: 2 }, 8),
      of(conv1d, "stride and groups", [3, 11, 4], [3, 2, 6], { stride: 2, groups: 2, padding: 1 }),
      of(conv1d, "same", [4, 7, 2], [4, 2, 4], { padding: "same" }),
      of(conv1d, "flipped", [1, 8, 1], [3, 1, 1], { flip: true }),
    ],
    refusals: [
      refuses(/^conv1d: the sequence must be \[N, L, C\]: got \[4, 3\]/, () => conv1d(leaf([4, 3]), leaf([3, 3, 1]))),
      refuses(/^conv1d: filter 1×5 is larger than its padded input 1×4/, () =>
        conv1d(leaf([1, 4, 3]), leaf([5, 3, 1])),
      ),
      {
        error: OptionError,
        message: /^conv1d: stride must be a number or a list of one: got \[2, 2\]/,
        call: () => conv1d(leaf([1, 4, 3]), leaf([3, 3, 1]), { stride: [2, 2] }),
      },
    ],
    random: (draw) => {
      const [size, dilation, groups] = [draw.int(1, 5), draw.int(1, 3), draw.int(1, 3)];
      const [channels, filters] = [groups * draw.int(1, 4), groups * draw.int(1, 6)];
      const x = [draw.size() % 20, (size - 1) * dilation + draw.int(1, 20), channels];
      const options = { stride: draw.int(1, size + 2), dilation, groups };
      return of(conv1d, `${x} · ${size} ${JSON.stringify(options)}`, x, [size, channels / groups, filters], options);
    },
  },
  convTranspose2d: {
    samples: [
      of(convTranspose2d, "stride 1", [2, 4, 5, 3], [3, 2, 4, 3], {}, 4),
      of(convTranspose2d, "stride 2", [8, 4, 5, 3], [3, 3, 6, 3], { stride: 2, padding: 1 }, 6),
      of(convTranspose2d, "output padding", [4, 3, 4, 2], [3, 3, 4, 2], { stride: 3, padding: 1, outputPadding: 2 }),
      of(convTranspose2d, "same", [4, 4, 3, 5], [3, 3, 8, 5], { stride: 2, padding: "same" }, 8),
      of(convTranspose2d, "same, filter smaller than the stride", [4, 3, 3, 2], [2, 2, 4, 2], {
        stride: 3,
        padding: "same",
      }),
      of(convTranspose2d, "dilation", [4, 4, 4, 2], [3, 2, 4, 2], { dilation: [2, 3], stride: 2 }),
      of(convTranspose2d, "dilation and stride that share a factor", [4, 3, 3, 2], [3, 3, 5, 2], {
        dilation: 2,
        stride: 4,
      }),
      of(convTranspose2d, "groups", [5, 4, 4, 6], [3, 3, 4, 6], { groups: 2, stride: 2 }, 8),
      of(convTranspose2d, "depthwise", [2, 4, 4, 3], [2, 2, 1, 3], { groups: 3, stride: 2 }),
      of(convTranspose2d, "flipped", [2, 4, 4, 2], [3, 3, 2, 2], { flip: true }),
      of(convTranspose2d, "no images", [0, 4, 4, 2], [3, 3, 2, 2]),
    ],
    refusals: [
      refuses(/^convTranspose2d: the image has 3 channels, the filter takes 2/, () =>
        convTranspose2d(image, leaf([3, 3, 1, 2])),
      ),
      refuses(
        /^convTranspose2d: padding \[1, 1\] takes away all of 2 pixels: image 1×1, filter 2×2\. Use less padding/,
        () => convTranspose2d(leaf([1, 1, 1, 3]), leaf([2, 2, 1, 3]), { padding: 1 }),
      ),
      {
        error: OptionError,
        message: /^convTranspose2d: outputPadding must be whole numbers from 0 to below stride or dilation: got 2/,
        call: () => convTranspose2d(image, leaf([3, 3, 1, 3]), { stride: 2, outputPadding: 2 }),
      },
    ],
    random: randomTranspose,
  },
  im2col: {
    samples: [
      patches("valid", [2, 4, 5, 3], { size: [2, 3] }),
      patches("padding, stride and dilation", [2, 5, 6, 2], {
        size: 3,
        stride: [2, 1],
        padding: [[1, 2], 1],
        dilation: 2,
      }),
      patches("no channels", [2, 4, 5, 0], { size: 2 }),
    ],
    refusals: [
      refuses(/^im2col: the image must be \[N, H, W, C\]/, () => im2col(leaf([4, 4]), { size: 2 })),
      refuses(/^im2col: patch 5×5 is larger than its padded input 4×4/, () => im2col(image, { size: 5 })),
    ],
    random: (draw) => {
      const { size, dilation, stride, images } = randomOptions(draw);
      const extents = size.map((taps, axis) => (taps - 1) * (dilation[axis] as number) + draw.int(1, 5));
      return patches("random", [images, ...extents, draw.int(1, 5)], {
        size,
        dilation,
        stride,
        padding: draw.int(0, 2),
      });
    },
  },
  col2im: {
    samples: [
      spread("valid", [2, 3, 3, 18], { image: [4, 5], size: [2, 3] }),
      spread("padding, stride and dilation", [2, 2, 4, 18], {
        image: [5, 6],
        size: 3,
        stride: [2, 1],
        padding: [[1, 2], 1],
        dilation: 2,
      }),
      spread("no patches", [0, 3, 3, 18], { image: [4, 5], size: [2, 3] }),
    ],
    refusals: [
      refuses(/^col2im: images of 4×5 have \[N, 3, 3, 6 · C\] patches: got \[2, 3, 3, 17\]/, () =>
        col2im(leaf([2, 3, 3, 17]), { image: [4, 5], size: [2, 3] }),
      ),
    ],
  },
  sumParts: {
    samples: [
      sample([[3, 5]], (a) => sumParts([a as Node])),
      sample(
        [
          [4, 2, 33],
          [4, 7],
        ],
        (a, b) => {
          const sums = sumParts([a as Node, b as Node]);
          return [sums, output(sums, 1)];
        },
      ),
    ],
    refusals: [],
  },
} satisfies Record<string, Row>;
