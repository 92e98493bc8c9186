// Mean and variance along axes in one kernel: two passes about a pivot, parts joined by Chan's formula, elements left out by a mask.
import mergeShader from "../../shaders/mergeMoments.wgsl?raw";
import shader from "../../shaders/moments.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { axesOf, type Shape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { GradContext, Node, Spec, Values } from "../graph/node.ts";
import { add, cast, div, mul, sub, where } from "./arithmetic.ts";
import { maximum } from "./binary.ts";
import { expand, expandStrides, reducedShape, reshape } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { collect } from "./coordinates.ts";
import { mapIndex } from "./indexing.ts";
import type { Axes } from "./reduce.ts";
import { partsAxis, partsFor, reducedWalk } from "./reductionKernel.ts";
import { forEachReduced, partPlace } from "./reductionReference.ts";
import { partsShape, type ReduceAttrs } from "./reductionShape.ts";
import { WORTH_PARTS } from "./sumPair.ts";
import { sumOf, teamFor } from "./team.ts";

const RESULTS = ["mean", "variance", "unbiased", "count"] as const;
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };
/** Elements that are added up apart. */
const BLOCK = 64;

/** The specs of all results, which have one shape. */
const specsOf = (shape: Shape): Spec[] =>
  RESULTS.map((name) => ({ shape, dtype: name === "count" ? "u32" : "f32" }) as const);

const momentsOp: OpFunction<ReduceAttrs> = defineOp<ReduceAttrs>({
  name: "moments",
  inputs: ["x", "mask"],
  optional: 1,
  results: RESULTS,
  infer: ([x], { axes, parts }) => {
    const { shape } = x as Spec;
    if (parts === undefined) return specsOf(reducedShape(shape, axes, true));
    return specsOf(partsShape(shape, axes, parts, reducedShape(shape, axes)));
  },
  reference: ([x, mask], { inputs: [from, masking], outputs: [to], attrs: { axes, parts = 1 } }) => {
    const { shape } = from as Spec;
    const place = partPlace(shape, axes, parts);
    const counts = mask && masking && collect(mask, shape, 0, expandStrides(masking.shape, shape));
    const totals = () => new Float64Array(sizeOf((to as Spec).shape));
    const [count, total, squares] = [totals(), totals(), totals()];
    const visit = (each: (at: number, value: number) => void) =>
      forEachReduced(shape, axes, (result, element, step) => {
        if (counts?.[element] !== 0) each(place(result, step), (x as Values)[element] as number);
      });
    visit((at, value) => {
      count[at] = (count[at] as number) + 1;
      total[at] = (total[at] as number) + value;
    });
    const mean = total.map((sum, i) => sum / Math.max(1, count[i] as number));
    visit((at, value) => {
      squares[at] = (squares[at] as number) + (value - (mean[at] as number)) ** 2;
    });
    return [mean, ...variancesOf(squares, count), count];
  },
  grad: (context) => {
    const [x, mask] = context.x as [Node, Node | undefined];
    const n = sizeOf(x.shape) / sizeOf(context.y.shape);
    const { level, slope } = shares(context, mask ? output(context.y, 3) : n);
    const distance = sub(x, expand(context.y, x.shape)); // d mean = dx / n, d variance = 2 (x − mean) dx / n
    const dx = add(expand(level, x.shape), mul(expand(slope, x.shape), distance));
    return [mask ? where(expand(mask, x.shape), dx, 0) : dx, undefined];
  },
  kernel: {
    reads: [2, 64], // the mask is read for every channel
    build: ({ inputs: [x, mask], attrs, profile }) => {
      const { shape } = x as Spec;
      const walk = reducedWalk(shape, attrs, profile, [...FOLDS, sumOf("vec2f")]);
      const counted = mask ? `load_mask(${maskIndex(shape, mask.shape, attrs.axes)})` : "true";
      return {
        file: "moments.wgsl",
        shader,
        ...walk,
        code: `${walk.code}
fn is_counted(result: u32, r: u32) -> bool { return ${counted}; }`,
        sizes: { ...walk.sizes, block: BLOCK * walk.sizes.stride },
      };
    },
  },
  lower: (node, profile) => {
    const { axes, parts } = node.attrs as unknown as ReduceAttrs;
    const { shape } = node.inputs[0] as Node;
    const results = sizeOf(node.shape);
    const count = parts === undefined ? partsFor(results, sizeOf(shape) / results, profile, WORTH_PARTS) : 1;
    if (count < 2) return node;
    const made = momentsOp(node.inputs, { axes, parts: count });
    const axis = partsAxis(shape, axes, reducedShape(shape, axes));
    return mergeMoments(made, output(made, 1), output(made, 3), axis, node.shape).mean; // stands for all results
  },
  tolerance: TOLERANCE,
});

/** How the lanes of a team join where they found a pivot, and counts with sums. */
const FOLDS = [
  ["least_of_team", "u32", "return min(a, b);"],
  ["total_of_team", "Total", "return Total(a.count + b.count, a.sum + b.sum);"],
] as const;

/** WGSL for the element of the mask that stands for step `r` of result `result`. */
function maskIndex(shape: Shape, mask: Shape, axes: readonly number[]): string {
  const strides = expandStrides(mask, shape);
  const walk = (isReduced: boolean, index: string) =>
    mapIndex(
      shape
        .map((size, axis) => ({ size, stride: strides[axis] as number }))
        .filter((_, axis) => axes.includes(axis) === isReduced),
      index,
    );
  return `${walk(false, "result")} + ${walk(true, "r")}`;
}

/** Variance by n and by n − 1, from sums of squares about the mean. */
function variancesOf(squares: Values, count: Values): [Values, Values] {
  const by = (less: number) => squares.map((sum, i) => sum / Math.max(1, (count[i] as number) - less));
  return [by(0), by(1)];
}

/** What the gradients of the results come to for each element: level + slope·(x − mean). */
function shares(
  { y, dys: [dmean, dvariance, dunbiased] }: GradContext<unknown>,
  count: Node | number,
): { level: Node; slope: Node } {
  const divisor = (less: number) =>
    typeof count === "number" ? Math.max(1, count - less) : maximum(sub(cast(count, "f32"), less), 1);
  const by = (dy: Node | undefined, less: number) => dy && div(dy, divisor(less));
  const [biased, unbiased] = [by(dvariance, 0), by(dunbiased, 1)];
  const spread = biased && unbiased ? add(biased, unbiased) : (biased ?? unbiased);
  const zero = fill(y.shape, 0);
  return { level: by(dmean, 0) ?? zero, slope: spread ? mul(spread, 2) : zero };
}

interface MergeAttrs {
  /** The axis that the parts lie along. */
  readonly axis: number;
  /** The shape of the results. */
  readonly shape: Shape;
}

/** How the parts of each result lie: `results` of them, and the distances from one to the next. */
function partsOf({ shape }: Spec, axis: number): { parts: number; result_step: number; part_step: number } {
  const parts = shape[axis] as number;
  return axis === 0
    ? { parts, result_step: 1, part_step: sizeOf(shape) / parts }
    : { parts, result_step: parts, part_step: 1 };
}

const mergeMomentsOp = defineOp<MergeAttrs>({
  name: "mergeMoments",
  inputs: ["part_mean", "part_variance", "part_count"],
  results: RESULTS,
  infer: (_, { shape }) => specsOf(shape),
  reference: ([means, variances, counts], { inputs: [from], attrs: { axis, shape } }) => {
    const { parts, result_step, part_step } = partsOf(from as Spec, axis);
    const all = (i: number, of: (n: number, mean: number, variance: number) => number) => {
      let total = 0;
      for (let at = i * result_step, p = 0; p < parts; p++, at += part_step)
        total += of(counts?.[at] as number, means?.[at] as number, variances?.[at] as number);
      return total;
    };
    const each = (of: (i: number) => number) => Float64Array.from({ length: sizeOf(shape) }, (_, i) => of(i));
    const count = each((i) => all(i, (n) => n));
    const mean = each((i) => all(i, (n, part) => n * part) / Math.max(1, count[i] as number));
    const squares = each((i) => all(i, (n, part, variance) => n * (variance + (part - (mean[i] as number)) ** 2)));
    return [mean, ...variancesOf(squares, count), count];
  },
  grad: (context) => {
    const { level, slope } = shares(context, output(context.y, 3));
    const [means, , counts] = context.x as [Node, Node, Node];
    const whole = means.shape.map((size, at) => (at === context.attrs.axis ? 1 : size));
    const like = (x: Node) => expand(reshape(x, whole), means.shape);
    const n = cast(counts, "f32");
    return [mul(n, add(like(level), mul(like(slope), sub(means, like(context.y))))), mul(n, like(mul(slope, 0.5)))];
  },
  kernel: {
    reads: [2, 1, 2],
    build: ({ inputs: [means], attrs: { axis, shape }, profile }) => {
      const sizes = { results: sizeOf(shape), ...partsOf(means as Spec, axis) };
      const shares = { results: sizes.results, count: sizes.parts, isContiguous: sizes.part_step === 1 };
      const team = teamFor(shares, profile, [...FOLDS, sumOf("f32")]);
      return { file: "mergeMoments.wgsl", shader: mergeShader, ...team, sizes };
    },
  },
  tolerance: TOLERANCE,
});

/**
 * Joins the moments of parts: means, variances and counts (u32) of one shape whose `axis`, the first or the last, counts the parts.
 * What a long reduction is split into.
 */
export function mergeMoments(means: Node, variances: Node, counts: Node, axis: number, shape: Shape): Moments {
  return resultsOf(mergeMomentsOp([means, variances, counts], { axis, shape }));
}

function resultsOf(made: Node): Moments {
  const [mean, variance, unbiased, count] = RESULTS.map((_, i) => output(made, i)) as [Node, Node, Node, Node];
  return { mean, variance, unbiased, count };
}

/** Mean and variance of elements, each of the shape that is left when the axes keep size 1. */
export interface Moments {
  readonly mean: Node;
  /** Σ(x − mean)²/n */
  readonly variance: Node;
  /** Σ(x − mean)²/(n − 1); 0 for a single element. */
  readonly unbiased: Node;
  /** How many elements count, n, as u32. */
  readonly count: Node;
}

/** Options of `moments`. */
export interface MomentsOptions {
  /** bool; false where an element does not count. It stands for the first axes of `x`: [batch] leaves out whole examples. */
  readonly mask?: Node | undefined;
}

/**
 * Mean and variance of `x` along `axes` (all when left out), which keep size 1. Exact also where the mean is large beside the deviation.
 * All results are 0 where a mask leaves nothing, and NaN of an axis without elements.
 * @throws ShapeError when `x` is not f32, or the mask does not fit
 * @example
 * const { mean, variance } = moments(images, [0, 1, 2]); // of each channel: [1, 1, 1, C]
 */
export function moments(x: Node, axes?: Axes, { mask }: MomentsOptions = {}): Moments {
  if (x.dtype !== "f32") throw new ShapeError(`moments: takes f32: got ${x.dtype}. Use cast`);
  const over = axesOf("moments", axes, x.shape.length);
  const shape = reducedShape(x.shape, over, true);
  const masks = mask ? [maskFor(mask, x)] : [];
  if (sizeOf(x.shape) === 0) {
    const none = fill(shape, Number.NaN);
    return { mean: none, variance: none, unbiased: none, count: fill(shape, 0, "u32") };
  }
  const found = resultsOf(momentsOp([x, ...masks], { axes: over }));
  if (mask) return found;
  const n = over.reduce((product, axis) => product * (x.shape[axis] as number), 1);
  return { ...found, count: fill(shape, n, "u32") };
}

/** A mask over the first axes of `x`, at its rank. */
function maskFor(mask: Node, x: Node): Node {
  const fits =
    mask.dtype === "bool" &&
    mask.shape.length <= x.shape.length &&
    mask.shape.every((size, axis) => size === 1 || size === x.shape[axis]);
  if (!fits) {
    throw new ShapeError(
      `moments: the mask must be bool over the first axes of ${showShape(x.shape)}: got ${mask.dtype} ${showShape(mask.shape)}`,
    );
  }
  return reshape(mask, [...mask.shape, ...x.shape.slice(mask.shape.length).map(() => 1)]);
}

export const momentsOps = { moments: momentsOp, mergeMoments: mergeMomentsOp };
