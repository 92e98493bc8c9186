// Max pooling: a kernel that finds the largest element of each window and where it lies, and the adjoint pair that its gradients are made of.
import shader from "../../shaders/maxPool.wgsl?raw";
import { sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { Profile } from "../graph/form.ts";
import { makeNode, type Node, type Spec, type Values } from "../graph/node.ts";
import { within } from "../graph/origin.ts";
import { reshape } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { allOf } from "./indexing.ts";
import { floatLibrary } from "./libraries.ts";
import { searchText, spanOf } from "./maxPoolText.ts";
import { adaptiveAxes, asImages, checkFilled, imageAxes, type PoolOptions, sequenceAxes } from "./pool.ts";
import { everyOne, isIdentity, mostWindows, type PoolAxes, windowsOver } from "./poolAxis.ts";
import { coordinates, forEachCovered, overPairs, pooledShape, unpooledShape } from "./poolImages.ts";
import type { PerAxis } from "./window.ts";

const THREADS = 64;
/** Threads that keep an adapter busy: above them, one takes several channels of a window. */
const ENOUGH = { software: 1024, gpu: 262_144 } as const;

function channelsPerThread(windows: number, channels: number, { family }: Profile): number {
  const blocks = Math.min(channels, Math.ceil(ENOUGH[family] / windows));
  return Math.ceil(channels / blocks);
}

const maxPoolOp: OpFunction<PoolAxes> = defineOp<PoolAxes>({
  name: "maxPool",
  inputs: ["x"],
  results: ["y", "index"],
  infer: ([x], axes) => {
    const shape = pooledShape(x as Spec, axes);
    return [
      { shape, dtype: "f32" },
      { shape, dtype: "u32" },
    ];
  },
  reference: ([x], { inputs: [from], outputs: [to], attrs }) => {
    const y = new Float64Array(sizeOf((to as Spec).shape)).fill(Number.NEGATIVE_INFINITY);
    const index = new Float64Array(y.length).fill(-1);
    forEachCovered(from as Spec, attrs, (window, element, position) => {
      const value = (x as Values)[element] as number;
      if (index[window] !== -1 && !(value > (y[window] as number)) && !Number.isNaN(value)) return;
      y[window] = value;
      index[window] = position;
    });
    return [y, index];
  },
  grad: ({ y, dy, attrs }) => [maxUnpool([dy, output(y, 1)], attrs)],
  lower: (node, profile, { isOnlyReader }) => {
    const x = node.inputs[0] as Node;
    return (isOnlyReader(0) && within(x.origin, () => x.op.withLargest?.(x, node.attrs, profile))) || node;
  },
  kernel: {
    reads: (_, { rows, columns }) => [mostWindows(rows) * mostWindows(columns)],
    build: ({ inputs: [x], attrs, profile }) => {
      const { rows, columns } = attrs;
      const [images, , , channels] = (x as Spec).shape as [number, number, number, number];
      const windows = images * rows.output * columns.output;
      const block = channelsPerThread(windows, channels, profile);
      const blocks = Math.ceil(channels / block);
      const [down, across] = [spanOf("row", rows), spanOf("column", columns)];
      return {
        file: "maxPool.wgsl",
        shader,
        libraries: [floatLibrary],
        code: [down.code, across.code, searchText(attrs)].join("\n"),
        sizes: {
          windows,
          rows: rows.input,
          columns: columns.input,
          channels,
          out_rows: rows.output,
          out_columns: columns.output,
          blocks,
          block,
          ...down.sizes,
          ...across.sizes,
        },
        workgroups: Math.ceil((windows * blocks) / THREADS),
      };
    },
  },
});

/** The adjoint of picking: each dy goes to the position of the image that its index names, the others get 0. */
const maxUnpool: OpFunction<PoolAxes> = defineOp<PoolAxes>({
  name: "maxUnpool",
  inputs: ["dy", "index"],
  infer: ([dy], axes) => ({ shape: unpooledShape(dy as Spec, axes), dtype: "f32" }),
  reference: ([dy, index], { outputs: [to], attrs }) => {
    const dx = new Float64Array(sizeOf((to as Spec).shape));
    forEachCovered(to as Spec, attrs, (window, element, position) => {
      if (index?.[window] === position) dx[element] = (dx[element] as number) + ((dy as Values)[window] as number);
    });
    return dx;
  },
  grad: ({ x: [, index], dy, attrs }) => [pickMax([dy, index as Node], attrs), undefined],
  pointwise: {
    aligned: false,
    cost: 12,
    work: (_, { rows, columns }) => 12 * mostWindows(rows) * mostWindows(columns),
    rereads: ([dy], dx, { rows, columns }) =>
      (mostWindows(rows) * mostWindows(columns) * sizeOf(dx.shape)) / sizeOf((dy as Spec).shape),
    // A window's index names a position inside it, so whichever windows are asked, the index alone decides.
    expression: (context) => {
      const { index, load, local, output: to, attrs } = context;
      const { rows, columns } = attrs;
      const channels = to.shape[3] as number;
      const [n, h, w, c] = coordinates(to, index, local);
      const position = local("u32", `${h} * ${columns.input}u + ${w}`);
      const down = windowsOver(rows, h, local);
      const across = windowsOver(columns, w, local);
      return overPairs(mostWindows(rows), mostWindows(columns), context, (back, side) => {
        const [row, column] = [down(back), across(side)];
        const exists = [...row.conditions, ...column.conditions];
        const at = `((${n} * ${rows.output}u + ${row.at}) * ${columns.output}u + ${column.at}) * ${channels}u + ${c}`;
        const window = local("u32", exists.length > 0 ? `select(0u, ${at}, ${allOf(exists)})` : at);
        const isHit = allOf([...exists, `${load(1, window)} == ${position}`]);
        return `select(0.0f, ${load(0, window)}, ${isHit})`;
      });
    },
  },
});

/** The elements of `x` that the indices of a max pool name. */
const pickMax: OpFunction<PoolAxes> = defineOp<PoolAxes>({
  name: "pickMax",
  inputs: ["x", "index"],
  infer: ([, index]) => ({ shape: (index as Spec).shape, dtype: "f32" }),
  reference: ([x, index], { inputs: [from, to] }) => {
    const [, height, width, channels] = (from as Spec).shape as [number, number, number, number];
    const windows = sizeOf((to as Spec).shape.slice(1));
    return (index as Values).map((position, i) => {
      const pixel = Math.floor(i / windows) * height * width + position;
      return (x as Values)[pixel * channels + (i % channels)] as number;
    });
  },
  grad: ({ x: [, index], dy, attrs }) => [maxUnpool([dy, index as Node], attrs), undefined],
  pointwise: {
    aligned: false,
    cost: 6,
    expression: ({ index, load, inputs: [x, to] }) => {
      const [, height, width, channels] = (x as Spec).shape as [number, number, number, number];
      const windows = sizeOf((to as Spec).shape.slice(1));
      const pixel = `(${index} / ${windows}u * ${height * width}u + ${load(1, index)})`;
      return load(0, channels === 1 ? pixel : `${pixel} * ${channels}u + ${index} % ${channels}u`);
    },
  },
});

/**
 * Pools in front of functions that never fall instead of behind them: max f(x) = f(max x), so f has fewer elements to work on and what a
 * convolution wrote is read once. Nothing else changes: the largest x gives the largest f(x), and NaN gives NaN on both sides. Where f is
 * flat, ties get the gradient 0 either way; where it is not, equal f(x) come from equal x, and the first of them stays the first.
 */
function inFront(x: Node, pool: (x: Node) => Node): Node {
  const [inner] = x.inputs;
  if (inner?.dtype !== "f32" || !x.op.monotone?.(x.attrs)) return pool(x);
  return makeNode(x.op, [inFront(inner, pool)], x.attrs);
}

/** The largest element of each window of images. */
function maxOver(x: Node, axes: PoolAxes): Node {
  const shape = pooledShape(x, axes);
  if (sizeOf(shape) === 0) return fill(shape, 0);
  return isIdentity(axes.rows) && isIdentity(axes.columns) ? x : maxPoolOp([x], axes);
}

/**
 * The largest element of each window of images, [N, H, W, C] → [N, H', W', C]; padding never wins. The gradient goes to the first of equal
 * ones. NaN counts as largest.
 * @throws ShapeError when `x` is no f32 image, a window does not fit or holds padding alone; OptionError when an option is no such number
 * @example
 * maxPool2d(images, { size: 2 }); // [64, 24, 24, 8] → [64, 12, 12, 8]
 */
export function maxPool2d(x: Node, options: PoolOptions): Node {
  const axes = imageAxes("maxPool2d", x, options);
  checkFilled("maxPool2d", axes);
  return inFront(x, (images) => maxOver(images, axes));
}

/**
 * The largest element of each window of sequences, [N, L, C] → [N, L', C]; otherwise as `maxPool2d`.
 * @throws ShapeError and OptionError as `maxPool2d`
 */
export function maxPool1d(x: Node, options: PoolOptions): Node {
  const axes = sequenceAxes("maxPool1d", x, options);
  checkFilled("maxPool1d", axes);
  return inFront(x, (sequences) => asImages(sequences, (images) => maxOver(images, axes)));
}

/**
 * The largest element of each of height × width windows that share the image out: [N, H, W, C] → [N, height, width, C]. Window o covers
 * elements ⌊o·H/height⌋ … ⌈(o + 1)·H/height⌉ − 1.
 * @throws ShapeError when `x` is no f32 image; OptionError when a size is no whole number from 1 on
 * @example
 * adaptiveMaxPool2d(images, [7, 7]);
 */
export function adaptiveMaxPool2d(x: Node, size: PerAxis): Node {
  const axes = adaptiveAxes("adaptiveMaxPool2d", x, size);
  return inFront(x, (images) => maxOver(images, axes));
}

/** Pixels from which rows are searched apart, so that enough threads have work. */
const LARGE = 256;

/**
 * The largest element of each channel of an image: [N, H, W, C] → [N, C]. The gradient goes to the first of equal ones.
 * @throws ShapeError when `x` is no f32 image
 */
export function globalMaxPool2d(x: Node): Node {
  const { rows, columns } = adaptiveAxes("globalMaxPool2d", x, 1);
  const largest = inFront(x, (images) => {
    if (rows.input * columns.input < LARGE) return maxOver(images, { rows, columns });
    const ofRows = maxOver(images, { rows: everyOne(rows.input), columns }); // the first in the first of equal rows is the first
    return maxOver(ofRows, { rows, columns: everyOne(1) });
  });
  return reshape(largest, [x.shape[0] as number, x.shape[3] as number]);
}

export const maxPoolOps = { maxPool: maxPoolOp, maxUnpool, pickMax };
