// The three convolution ops, closed under differentiation: `conv` (cross-correlation), `convInput` (its gradient by the image, which
// is transposed convolution) and `convFilter` (its gradient by the filter). All three share one geometry and are matrix products over
// patches that are never written out: the kernels work the patch's address out where they load it.
// N images of H × W pixels and C channels; filters of KH × KW taps, [KH, KW, C / groups, F]; results of OH × OW pixels and F channels.
import { ShapeError } from "../core/error.ts";
import { showShape } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { add } from "./arithmetic.ts";
import { expand, reshape, sum } from "./broadcast.ts";
import { imageKernel } from "./convolutionKernels.ts";
import { meetings } from "./convolutionReference.ts";
import { filterFlops, imageFlops, usesSubgroups } from "./convolutionSizes.ts";
import { filterKernel, filterParts } from "./filterKernels.ts";
import { maxPoolOps } from "./maxPool.ts";
import { isShared, type PoolAxes, type PoolAxis } from "./poolAxis.ts";
import { pooledShape } from "./poolImages.ts";
import { sumParts } from "./sumParts.ts";

/** One number for the height, one for the width. */
export type Pair = readonly [number, number];

/** How filters lie over images: tap t of result pixel o meets image pixel o·stride + t·dilation − before. */
export interface Geometry {
  readonly input: Pair;
  readonly output: Pair;
  readonly filter: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Pixels of zeros above and to the left; those below and to the right follow from `output`. */
  readonly before: Pair;
  readonly groups: number;
}

interface GeometryAttrs {
  readonly geometry: Geometry;
}

interface FilterAttrs extends GeometryAttrs {
  /** Also gives Σ dy for each channel: the gradient of the bias. */
  readonly sums: boolean;
  /** Leaves that many sums, over runs of result rows, to be added up. */
  readonly parts?: number;
}

const f32 = (shape: readonly number[]): Spec => ({ shape, dtype: "f32" });
const tolerance = { relative: 1e-5, absolute: 1e-6 };

const convOp: OpFunction<GeometryAttrs> = defineOp<GeometryAttrs>({
  name: "conv",
  inputs: ["x", "w", "bias"],
  optional: 1,
  infer: ([x, w], { geometry }) => f32([x?.shape[0] as number, ...geometry.output, w?.shape[3] as number]),
  reference: ([x, w, bias], { inputs, outputs: [y], attrs: { geometry } }) => {
    const { sizes, each } = meetings(geometry, inputs[0] as Spec, y as Spec);
    const out = filled(sizes.images * sizes.outputPixels * sizes.filters, bias);
    each((at) => {
      const left = (x as Values)[at.x] as number;
      for (let f = 0; f < sizes.filtersPerGroup; f++)
        out[at.y + f] = (out[at.y + f] as number) + left * ((w as Values)[at.w + f] as number);
    });
    return out;
  },
  grad: ({ x: [x, w, bias], dy, attrs: { geometry } }) => {
    const [image, filter] = [x as Node, w as Node];
    const dw = convFilterOp([image, dy], { geometry, sums: bias !== undefined });
    return [convInputOp([dy, filter], { geometry }), dw, bias && output(dw, 1)];
  },
  kernel: {
    reads: imageReads,
    flops: (inputs, { geometry }) => imageFlops(inputs, geometry),
    build: (context) => imageKernel(context.attrs.geometry, context, { isTransposed: false }),
  },
  withLargest: (node, windows, profile) => {
    const [x, w] = node.inputs as readonly [Node, Node];
    const { geometry } = node.attrs as unknown as GeometryAttrs;
    const perGroup = (w.shape[3] as number) / geometry.groups;
    const { rows, columns } = windows as unknown as PoolAxes;
    if (!isPair(rows) || !isPair(columns) || !usesSubgroups(x.shape[0] as number, perGroup, profile)) return;
    return convPoolOp(node.inputs, { geometry, windows: { rows, columns } });
  },
  tolerance,
});

/** Windows of two, side by side, none of them cut off. */
function isPair(axis: PoolAxis): boolean {
  if (isShared(axis) || axis.dilation > 1 || axis.before > 0) return false;
  return axis.size === 2 && axis.stride === 2 && 2 * axis.output <= axis.input;
}

interface PooledAttrs extends GeometryAttrs {
  readonly windows: PoolAxes;
}

/** A convolution and the largest of each 2 × 2 of its results, which are never stored. Made by lowering alone. */
const convPoolOp: OpFunction<PooledAttrs> = defineOp<PooledAttrs>({
  name: "convPool",
  inputs: ["x", "w", "bias"],
  optional: 1,
  results: ["y", "index"],
  infer: (inputs, attrs) => {
    const shape = pooledShape(convOp.op.infer(inputs, attrs) as Spec, attrs.windows);
    return [f32(shape), { shape, dtype: "u32" }];
  },
  reference: (values, { inputs, outputs, attrs }) => {
    const all = convOp.op.infer(inputs, attrs) as Spec;
    const y = convOp.op.reference?.(values, { inputs, outputs: [all], attrs }) as Values;
    return maxPoolOps.maxPool.op.reference?.([y], { inputs: [all], outputs, attrs: attrs.windows }) as Values[];
  },
  kernel: {
    reads: imageReads,
    flops: (inputs, { geometry }) => imageFlops(inputs, geometry),
    build: (context) => imageKernel(context.attrs.geometry, context, { isTransposed: false, isPooled: true }),
  },
  tolerance,
});

const convInputOp: OpFunction<GeometryAttrs> = defineOp<GeometryAttrs>({
  name: "convInput",
  inputs: ["x", "w", "bias"],
  optional: 1,
  infer: ([dy, w], { geometry }) =>
    f32([dy?.shape[0] as number, ...geometry.input, (w?.shape[2] as number) * geometry.groups]),
  reference: ([dy, w, bias], { inputs, outputs: [dx], attrs: { geometry } }) => {
    const { sizes, each } = meetings(geometry, dx as Spec, inputs[0] as Spec);
    const out = filled(sizes.images * sizes.inputPixels * sizes.channels, bias);
    each((at) => {
      let total = 0;
      for (let f = 0; f < sizes.filtersPerGroup; f++)
        total += ((dy as Values)[at.y + f] as number) * ((w as Values)[at.w + f] as number);
      out[at.x] = (out[at.x] as number) + total;
    });
    return out;
  },
  grad: ({ x: [x, w, bias], dy, attrs: { geometry } }) => [
    convOp([dy, w as Node], { geometry }),
    convFilterOp([dy, x as Node], { geometry, sums: false }),
    bias && sum(dy, [0, 1, 2]),
  ],
  kernel: {
    reads: imageReads,
    flops: (inputs, { geometry }) => imageFlops(inputs, geometry),
    build: (context) => imageKernel(context.attrs.geometry, context, { isTransposed: true }),
  },
  tolerance,
});

const convFilterOp: OpFunction<FilterAttrs> = defineOp<FilterAttrs>({
  name: "convFilter",
  inputs: ["x", "dy"],
  results: ["y", "sums"],
  infer: ([x, dy], { geometry: { filter, groups }, sums, parts }) => {
    const filters = dy?.shape[3] as number;
    const lead = parts === undefined ? [] : [parts];
    const y = f32([...lead, ...filter, (x?.shape[3] as number) / groups, filters]);
    return sums ? [y, f32([...lead, filters])] : y;
  },
  reference: ([x, dy], { inputs, outputs, attrs: { geometry, parts = 1 } }) => {
    const { sizes, each } = meetings(geometry, inputs[0] as Spec, inputs[1] as Spec);
    const lines = Math.ceil((sizes.images * geometry.output[0]) / parts);
    const partOf = (y: number) => Math.floor(y / (lines * geometry.output[1] * sizes.filters));
    const size = geometry.filter[0] * geometry.filter[1] * sizes.channelsPerGroup * sizes.filters;
    const dw = new Float64Array(parts * size);
    each((at) => {
      const left = (x as Values)[at.x] as number;
      const first = partOf(at.y) * size + at.w;
      for (let f = 0; f < sizes.filtersPerGroup; f++)
        dw[first + f] = (dw[first + f] as number) + left * ((dy as Values)[at.y + f] as number);
    });
    if (outputs.length === 1) return [dw];
    const sums = new Float64Array(parts * sizes.filters);
    (dy as Values).forEach((value, i) => {
      const at = partOf(i) * sizes.filters + (i % sizes.filters);
      sums[at] = (sums[at] as number) + value;
    });
    return [dw, sums];
  },
  grad: ({ x: [x, dy], dys: [gradient, sums], attrs: { geometry } }) => {
    const [image, upstream] = [x as Node, dy as Node];
    const through = gradient && convOp([image, gradient], { geometry });
    const spread = sums && expand(reshape(sums, [1, 1, 1, -1]), upstream.shape);
    return [
      gradient && convInputOp([upstream, gradient], { geometry }),
      through && spread ? add(through, spread) : (through ?? spread),
    ];
  },
  lower: (node, profile) => {
    const { geometry, sums, parts } = node.attrs as unknown as FilterAttrs;
    const [x, dy] = node.inputs as readonly [Node, Node];
    const count = parts === undefined ? filterParts(geometry, x, dy, profile) : 1;
    if (count < 2) return node;
    const partial = convFilterOp([x, dy], { geometry, sums, parts: count });
    return sumParts(partial.outputs.map((_, i) => output(partial, i)));
  },
  kernel: {
    // each worker takes some 32 taps and channels; where there are no more, dy is read once and may be worked out as it is
    reads: ([x], { geometry: { filter, groups } }) => {
      const rows = (filter[0] * filter[1] * (x?.shape[3] as number)) / groups;
      return [8, Math.ceil(rows / 32)];
    },
    flops: (inputs, { geometry }) => filterFlops(inputs, geometry),
    build: (context) => filterKernel(context.attrs, context),
  },
  tolerance,
});

/** Zeros, or the bias at every pixel. */
function filled(size: number, bias: Values | undefined): Float64Array {
  const values = new Float64Array(size);
  if (bias) for (let i = 0; i < size; i += bias.length) values.set(bias, i);
  return values;
}

/** Every pixel meets each tap, every weight each pixel. */
function imageReads(_: readonly Spec[], { geometry: { filter, stride } }: GeometryAttrs): readonly number[] {
  return [Math.ceil((filter[0] * filter[1]) / (stride[0] * stride[1])), 64, 64];
}
/** Cross-correlates images [N, H, W, C] with a filter [KH, KW, C / groups, F] and adds a bias [F]. The call has been checked. */
export function correlate(x: Node, w: Node, bias: Node | undefined, geometry: Geometry): Node {
  return convOp(bias ? [x, w, bias] : [x, w], { geometry });
}

/** The adjoint of `correlate` as to its image: [N, OH, OW, F] → [N, H, W, C], plus a bias [C]. The call has been checked. */
export function correlateTransposed(x: Node, w: Node, bias: Node | undefined, geometry: Geometry): Node {
  return convInputOp(bias ? [x, w, bias] : [x, w], { geometry });
}

/** The gradient of `correlate` as to its filter: [N, H, W, C] and [N, OH, OW, F] → [KH, KW, C / groups, F]. */
export function filterGradient(x: Node, dy: Node, geometry: Geometry): Node {
  return convFilterOp([x, dy], { geometry, sums: false });
}

/** Refuses anything but f32 of a rank. */
export function checkImages(call: string, what: string, x: Node, rank: number, axes: string): void {
  if (x.dtype !== "f32") throw new ShapeError(`${call}: ${what} must be f32: got ${x.dtype}. Use cast`);
  if (x.shape.length !== rank)
    throw new ShapeError(`${call}: ${what} must be ${axes}: got ${showShape(x.shape)}. Use reshape`);
}

export const convolutionOps = { conv: convOp, convPool: convPoolOp, convInput: convInputOp, convFilter: convFilterOp };
