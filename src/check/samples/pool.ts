// Samples of pooling and resizing. Maxima need elements that are all different, or the slopes of ties would meet.
import { OptionError } from "../../core/error.ts";
import type { Node } from "../../graph/node.ts";
import { relu, tanh } from "../../ops/activation.ts";
import { mul } from "../../ops/arithmetic.ts";
import { adaptiveAvgPool2d, avgPool1d, avgPool2d, globalAvgPool2d, l2Pool2d } from "../../ops/avgPool.ts";
import { adaptiveMaxPool2d, globalMaxPool2d, maxPool1d, maxPool2d } from "../../ops/maxPool.ts";
import type { AvgPoolOptions, PoolOptions } from "../../ops/pool.ts";
import { square } from "../../ops/unary.ts";
import { type UpsampleOptions, upsample2d } from "../../ops/upsample.ts";
import type { Padding } from "../../ops/window.ts";
import { autodiff } from "../../passes/autodiff.ts";
import type { Draw } from "../draw.ts";
import { leaf, type Refusal, type Row, refuses, type Sample, type SampleInput, sample } from "../sample.ts";

type Pool<Options> = (x: Node, options: Options) => Node;

const distinct = (shape: readonly number[]): SampleInput => ({ shape, values: { apart: 0.01 } });
/** Windows of zeros too: √ has no slope there. */
const positive = (shape: readonly number[]): SampleInput => ({ shape, values: [0.5, 2] });
const refusesOption = (message: RegExp, call: () => unknown): Refusal => ({ call, error: OptionError, message });

/** Samples of a pool of images by what windows may do. */
function imageSamples<Options extends PoolOptions>(
  pool: Pool<Options>,
  make: (shape: readonly number[]) => SampleInput,
) {
  const of = (name: string, shape: readonly number[], options: PoolOptions): Sample =>
    sample([make(shape)], (x) => pool(x as Node, options as Options), { name });
  return [
    of("side by side", [2, 4, 6, 3], { size: 2 }),
    of("side by side, some left over", [1, 7, 5, 2], { size: [3, 2] }),
    of("overlapping", [2, 7, 5, 3], { size: 3, stride: 2, padding: 1 }),
    of("one by one", [1, 6, 5, 2], { size: 3, stride: 1, padding: "same" }),
    of("apart", [1, 9, 8, 2], { size: 2, stride: [3, 4] }),
    of("dilated", [1, 9, 7, 2], { size: [2, 3], stride: 1, dilation: [3, 2], padding: [0, 1] }),
    of("dilated, side by side", [1, 9, 9, 1], { size: 2, stride: 4, dilation: 3, padding: [[1, 2], 0] }),
    of("beyond the end", [2, 11, 10, 4], { size: [4, 3], stride: [3, 2], padding: [2, 1], ceilMode: true }),
    of("beyond the end, dilated", [1, 6, 7, 2], {
      size: [3, 2],
      stride: [3, 2],
      padding: 1,
      dilation: 2,
      ceilMode: true,
    }),
    of("one-sided padding", [1, 5, 5, 2], {
      size: 3,
      stride: 2,
      padding: [
        [1, 0],
        [0, 1],
      ],
    }),
    of("one window", [2, 5, 3, 17], { size: [5, 3] }),
    of("one window, most of the image", [1, 6, 6, 2], { size: 5, stride: 2 }),
    of("larger than the image", [1, 2, 3, 2], { size: 4, stride: 1, padding: [1, [1, 2]] }),
    of("single elements", [1, 3, 4, 2], { size: 1 }),
    of("single elements, apart", [1, 5, 4, 3], { size: 1, stride: 2 }),
    of("many channels", [1, 4, 4, 65], { size: 2 }),
    of("no images", [0, 4, 4, 2], { size: 2 }),
    of("no channels", [1, 4, 4, 0], { size: 2 }),
  ];
}

function sequenceSamples<Options extends PoolOptions>(
  pool: Pool<Options>,
  make: (shape: readonly number[]) => SampleInput,
) {
  const of = (shape: readonly number[], options: PoolOptions): Sample =>
    sample([make(shape)], (x) => pool(x as Node, options as Options), { name: JSON.stringify([shape, options]) });
  return [
    of([2, 6, 3], { size: 2 }),
    of([1, 9, 2], { size: 3, stride: 2, padding: 1 }),
    of([2, 17, 1], { size: 4, stride: 3, dilation: 2, ceilMode: true }),
    of([0, 4, 2], { size: 2 }),
  ];
}

function poolRefusals(name: string, pool: Pool<PoolOptions>, shape: readonly number[]): Refusal[] {
  const x = () => leaf(shape);
  return [
    refuses(new RegExp(`^${name}: takes (images|sequences) \\[N, .*\\]: got \\[4\\]`), () =>
      pool(leaf([4]), { size: 2 }),
    ),
    refuses(new RegExp(`^${name}: takes f32: got i32`), () => pool(leaf(shape, "i32"), { size: 2 })),
    refuses(
      new RegExp(`^${name}: window [\\d×]+ is larger than its padded input [\\d×]+. Use padding "same" or a smaller`),
      () => pool(x(), { size: 9 }),
    ),
    refusesOption(new RegExp(`^${name}: window size must be a whole number from 1 on: got 0`), () =>
      pool(x(), { size: 0 }),
    ),
    refusesOption(new RegExp(`^${name}: stride must be a whole number from 1 on: got -1`), () =>
      pool(x(), { size: 2, stride: -1 }),
    ),
    refusesOption(new RegExp(`^${name}: dilation must be a whole number from 1 on: got 0.5`), () =>
      pool(x(), { size: 2, dilation: 0.5 }),
    ),
    refusesOption(new RegExp(`^${name}: padding must be whole numbers from 0 on: got -1`), () =>
      pool(x(), { size: 2, padding: -1 }),
    ),
    refusesOption(new RegExp(`^${name}: padding must be "valid", "same", a number or a list: got "full"`), () =>
      pool(x(), { size: 2, padding: "full" as Padding }),
    ),
    refusesOption(new RegExp(`^${name}: stride must be a number, or a list of one for each of \\d spatial ax`), () =>
      pool(x(), { size: 2, stride: [1, 2, 3] }),
    ),
    refusesOption(new RegExp(`^${name}: unknown option "kernel"`), () =>
      pool(x(), { size: 2, kernel: 3 } as PoolOptions),
    ),
  ];
}

/** A pool that fits, of every kind: strides beyond the window, windows beyond the image, sizes 0 to 3. */
function drawn(draw: Draw, spatial: number): { shape: number[]; options: PoolOptions } {
  const axes = Array.from({ length: spatial }, () => {
    const size = draw.pick([1, 1, 2, 2, 3, 5]);
    const dilation = draw.chance(0.3) ? draw.int(2, 3) : 1;
    const stride = draw.pick([1, size, size + 1, draw.int(1, 4)]);
    const input = draw.pick([1, 2, 3, draw.int(4, 12)]);
    const padding = [draw.int(0, Math.min(size, 2)), draw.int(0, 1)] as [number, number];
    const reach = (size - 1) * dilation + 1;
    const filled = Array.from({ length: size }, (_, tap) => tap * dilation - padding[0]); // the first window meets an element
    if (!filled.some((at) => at >= 0 && at < input)) padding[0] = 0;
    padding[1] += Math.max(0, reach - input - padding[0] - padding[1]); // windows larger than the image need room
    return { size, dilation, stride, input, padding };
  });
  const shape = [Math.min(3, draw.size()), ...axes.map(({ input }) => input), Math.min(17, draw.size())];
  const options: PoolOptions = {
    size: axes.map(({ size }) => size),
    stride: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
    padding: draw.chance(0.2) ? "same" : axes.map(({ padding }) => padding),
    ceilMode: draw.chance(0.3),
  };
  return { shape, options };
}

function row<Options extends PoolOptions>(
  name: string,
  spatial: 1 | 2,
  pool: Pool<Options>,
  make: (shape: readonly number[]) => SampleInput,
  more: { samples?: readonly Sample[]; refusals?: readonly Refusal[] } = {},
): Row {
  const samples = spatial === 1 ? sequenceSamples(pool, make) : imageSamples(pool, make);
  const single = spatial === 1 ? [] : [onePixel(pool as Pool<PoolOptions>)];
  return {
    samples: [...samples, ...single, ...(more.samples ?? [])],
    refusals: [
      ...poolRefusals(name, pool as Pool<PoolOptions>, spatial === 1 ? [1, 4, 1] : [1, 4, 4, 1]),
      ...(more.refusals ?? []),
    ],
    random: (draw) => {
      for (;;) {
        const { shape, options } = drawn(draw, spatial);
        try {
          pool(leaf(shape), options as Options);
        } catch {
          continue; // a window in the padding alone
        }
        return sample([make(shape)], (x) => pool(x as Node, options as Options), {
          name: JSON.stringify([shape, options]),
        });
      }
    },
  };
}

/** One pixel, padded, that many elements read: its index is a constant of the shader there. */
const onePixel = (pool: Pool<PoolOptions>): Sample =>
  sample(
    [positive([1, 1, 1, 1]), [1, 2, 3, 1]],
    (x, other) => mul(pool(x as Node, { size: 2, stride: 2, padding: 1 }), other as Node),
    { name: "one pixel" },
  );

/** Adaptive and global pools. */
function wholeRow(
  name: string,
  make: (shape: readonly number[]) => SampleInput,
  pool: (x: Node, size: readonly number[]) => Node,
  cases: readonly (readonly [shape: readonly number[], size: readonly number[]])[],
  refusals: readonly Refusal[] = [],
): Row {
  const of = (shape: readonly number[], size: readonly number[]) =>
    sample([make(shape)], (x) => pool(x as Node, size), { name: JSON.stringify([shape, size]) });
  return {
    samples: cases.map(([shape, size]) => of(shape, size)),
    refusals: [
      refuses(new RegExp(`^${name}: takes images \\[N, H, W, C\\]: got \\[4, 4\\]`), () => pool(leaf([4, 4]), [1, 1])),
      refuses(new RegExp(`^${name}: nothing to pool`), () => pool(leaf([1, 0, 4, 1]), [1, 1])),
      ...refusals,
    ],
    random: (draw) =>
      of(
        [draw.int(0, 2), draw.int(1, 9), draw.pick([1, 2, 3, draw.int(4, 9)]), Math.min(17, draw.size())],
        [draw.pick([1, 2, 3, draw.int(1, 11)]), draw.int(1, 9)],
      ),
  };
}

const ADAPTIVE = [
  [
    [2, 5, 7, 3],
    [1, 1],
  ],
  [
    [2, 5, 7, 3],
    [2, 3],
  ],
  [
    [1, 8, 8, 2],
    [4, 4],
  ],
  [
    [1, 7, 6, 2],
    [3, 5],
  ],
  [
    [1, 3, 2, 2],
    [5, 4],
  ],
  [
    [1, 3, 4, 2],
    [3, 4],
  ],
  [
    [0, 3, 4, 2],
    [2, 2],
  ],
] as const;
const GLOBAL = [
  [[2, 5, 7, 3], []],
  [[1, 1, 1, 1], []],
  [[2, 17, 16, 3], []],
  [[0, 3, 4, 2], []],
] as const;

const resized = (shape: readonly number[], options: UpsampleOptions): Sample =>
  sample([shape], (x) => upsample2d(x as Node, options), { name: JSON.stringify([shape, options]) });

const overReluTwice: Sample["call"] = (x) => maxPool2d(relu(tanh(x as Node)), { size: 2 });

/** The gradient of a max pool as a function of dy: its own gradient picks what the pool picked. */
const unpooled = (shape: readonly number[], pooled: readonly number[], options: PoolOptions): Sample =>
  sample(
    [distinct(shape), pooled],
    (x, dy) => autodiff(maxPool2d(x as Node, options), dy as Node, [x as Node])[0] as Node,
    {
      name: `gradient of ${JSON.stringify([shape, options])}`,
    },
  );

export const poolRows = {
  maxPool2d: row("maxPool2d", 2, maxPool2d, distinct, {
    samples: [
      unpooled([2, 4, 6, 3], [2, 2, 3, 3], { size: 2 }),
      unpooled([1, 7, 5, 1], [1, 4, 3, 1], { size: 3, stride: 2, padding: 1 }),
      sample([{ shape: [1, 4, 6, 2], values: { between: [-2, 2], away: [0] } }], overReluTwice, {
        name: "behind functions that never fall",
        smooth: false,
      }),
      sample([distinct([1, 4, 4, 2])], (x) => maxPool2d(square(x as Node), { size: 3, stride: 1 }), {
        name: "behind a function that falls",
        smooth: false,
      }),
      sample([{ shape: [1, 4, 4, 2], values: { list: [0] } }], (x) => maxPool2d(x as Node, { size: 3, stride: 1 }), {
        name: "ties",
        smooth: false,
      }),
      sample(
        [
          {
            shape: [1, 4, 4, 1],
            values: { list: [1, Number.NaN, 2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] },
          },
        ],
        (x) => maxPool2d(x as Node, { size: 2, stride: 1, padding: 1 }),
        { name: "not finite", smooth: false },
      ),
    ],
    refusals: [
      refuses(
        /^maxPool2d: window 0 of an axis holds no element: 4 elements with padding \[3, 3\]. Use less padding/,
        () => maxPool2d(leaf([1, 4, 4, 1]), { size: 2, padding: 3 }),
      ),
    ],
  }),
  maxPool1d: row("maxPool1d", 1, maxPool1d, distinct, {
    samples: [sample([distinct([1, 6, 2])], (x) => maxPool1d(tanh(x as Node), { size: 3 }), { name: "behind tanh" })],
  }),
  avgPool2d: row<AvgPoolOptions>("avgPool2d", 2, avgPool2d, (shape) => ({ shape }), {
    samples: imageSamples(
      (x, options) => avgPool2d(x, { ...options, countIncludePad: false }),
      (shape) => ({ shape }),
    ).map((each) => ({ ...each, name: `${each.name}, without padding` })),
    refusals: [
      refuses(/^avgPool2d: window 0 of an axis holds no element/, () =>
        avgPool2d(leaf([1, 4, 4, 1]), { size: 2, padding: 3, countIncludePad: false }),
      ),
    ],
  }),
  avgPool1d: row<AvgPoolOptions>("avgPool1d", 1, avgPool1d, (shape) => ({ shape })),
  l2Pool2d: row("l2Pool2d", 2, l2Pool2d, positive, {
    samples: [
      sample([{ shape: [1, 4, 4, 1], values: { list: [0] } }], (x) => l2Pool2d(x as Node, { size: 2 }), {
        name: "zeros",
        smooth: false,
      }),
    ],
  }),
  adaptiveAvgPool2d: wholeRow("adaptiveAvgPool2d", (shape) => ({ shape }), adaptiveAvgPool2d, ADAPTIVE, [
    refusesOption(/^adaptiveAvgPool2d: output size must be a whole number from 1 on: got 0/, () =>
      adaptiveAvgPool2d(leaf([1, 4, 4, 1]), [0, 2]),
    ),
  ]),
  adaptiveMaxPool2d: wholeRow("adaptiveMaxPool2d", distinct, adaptiveMaxPool2d, ADAPTIVE, [
    refusesOption(/^adaptiveMaxPool2d: output size must be a whole number from 1 on: got 1.5/, () =>
      adaptiveMaxPool2d(leaf([1, 4, 4, 1]), 1.5),
    ),
    refuses(/^adaptiveMaxPool2d: output size must be a number or \[height, width\]: got \[1, 2, 3\]/, () =>
      adaptiveMaxPool2d(leaf([1, 4, 4, 1]), [1, 2, 3]),
    ),
  ]),
  globalAvgPool2d: wholeRow("globalAvgPool2d", (shape) => ({ shape }), globalAvgPool2d, GLOBAL),
  globalMaxPool2d: wholeRow("globalMaxPool2d", distinct, globalMaxPool2d, GLOBAL),
  upsample2d: {
    samples: [
      resized([2, 3, 4, 2], { size: [6, 8] }),
      resized([2, 3, 3, 2], { size: [5, 7] }),
      resized([1, 4, 6, 3], { size: [2, 2] }),
      resized([1, 3, 2, 1], { scale: [2, 1.5] }),
      resized([2, 3, 4, 2], { size: [6, 8], mode: "bilinear" }),
      resized([1, 4, 5, 2], { size: [7, 9], mode: "bilinear", alignCorners: true }),
      resized([1, 5, 5, 3], { size: [3, 2], mode: "bilinear" }),
      resized([1, 1, 3, 2], { size: [2, 1], mode: "bilinear", alignCorners: true }),
      resized([1, 3, 3, 1], { scale: 2.5, mode: "bilinear" }),
      resized([1, 3, 3, 1], { size: 3, mode: "bilinear" }),
      resized([0, 3, 3, 1], { scale: 2, mode: "bilinear" }),
    ],
    refusals: [
      refuses(/^upsample2d: takes images \[N, H, W, C\]: got \[4, 4\]/, () => upsample2d(leaf([4, 4]), { scale: 2 })),
      refuses(/^upsample2d: nothing to resize: \[1, 0, 4, 1\]/, () => upsample2d(leaf([1, 0, 4, 1]), { size: 2 })),
      refuses(/^upsample2d: nothing would be left: \[1, 4, 4, 1\] at scale 0.1/, () =>
        upsample2d(leaf([1, 4, 4, 1]), { scale: 0.1 }),
      ),
      refusesOption(/^upsample2d: give either size or scale/, () => upsample2d(leaf([1, 4, 4, 1]), {})),
      refusesOption(/^upsample2d: size must be one or two whole numbers from 1 on: got \[2, 0\]/, () =>
        upsample2d(leaf([1, 4, 4, 1]), { size: [2, 0] }),
      ),
      refusesOption(/^upsample2d: scale must be one or two positive numbers: got \[-1, -1\]/, () =>
        upsample2d(leaf([1, 4, 4, 1]), { scale: -1 }),
      ),
      refusesOption(/^upsample2d: mode must be "nearest" or "bilinear": got "cubic"/, () =>
        upsample2d(leaf([1, 4, 4, 1]), { scale: 2, mode: "cubic" as "nearest" }),
      ),
      refusesOption(/^upsample2d: alignCorners goes with mode "bilinear" only/, () =>
        upsample2d(leaf([1, 4, 4, 1]), { scale: 2, alignCorners: true }),
      ),
    ],
    random: (draw) => {
      const shape = [draw.int(0, 2), draw.int(1, 9), draw.pick([1, 2, 3, draw.int(4, 9)]), Math.min(17, draw.size())];
      const size = [draw.pick([1, 2, 3, draw.int(1, 12)]), draw.int(1, 12)];
      const mode = draw.pick(["nearest", "bilinear"] as const);
      return resized(shape, { size, mode, alignCorners: mode === "bilinear" && draw.chance(0.5) });
    },
  },
} satisfies Record<string, Row>;
