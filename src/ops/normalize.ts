// (x − mean)/√(variance + ε)·scale + shift with its gradient: what all normalisations end in. It is lowered to elementwise ops, which fuse
// into their neighbours; its gradient needs no more than two sums over the same elements, which are one dispatch.
import { OptionError, ShapeError } from "../core/error.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { GradContext, Node, Spec, Values } from "../graph/node.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { expand, expandStrides, sumTo } from "./broadcast.ts";
import { fill, filledWith } from "./constant.ts";
import { dot, forEachCoordinate } from "./coordinates.ts";
import { sumPairTo } from "./sumPair.ts";
import { sqrt } from "./unary.ts";

interface NormalizeAttrs {
  readonly epsilon: number;
}

const normalizeOp: OpFunction<NormalizeAttrs> = defineOp<NormalizeAttrs>({
  name: "normalize",
  inputs: ["x", "mean", "variance", "scale", "shift"],
  infer: (inputs) => {
    check(inputs);
    return inputs[0] as Spec;
  },
  reference: ([x, mean, variance, scale, shift], { inputs, attrs: { epsilon } }) => {
    const { shape } = inputs[0] as Spec;
    const indexOf = inputs.map((input) => expandStrides(input.shape, shape));
    const [byMean, byVariance, byScale, byShift] = indexOf.slice(1) as [number[], number[], number[], number[]];
    const read = (values: Values | undefined, at: readonly number[], strides: readonly number[]) =>
      values?.[dot(at, strides)] as number;
    const y = new Float64Array(sizeOf(shape));
    forEachCoordinate(shape, (at, i) => {
      const normal =
        ((x?.[i] as number) - read(mean, at, byMean)) / Math.sqrt(read(variance, at, byVariance) + epsilon);
      y[i] = normal * read(scale, at, byScale) + read(shift, at, byShift);
    });
    return y;
  },
  grad,
  // elementwise, once every input is as large as x
  lower: (node) => {
    const [x, mean, variance, scale, shift] = node.inputs as [Node, Node, Node, Node, Node];
    const deviation = sqrt(add(expand(variance, x.shape), (node.attrs as unknown as NormalizeAttrs).epsilon));
    const normal = div(filledWith(mean) === 0 ? x : sub(x, mean), deviation);
    const scaled = filledWith(scale) === 1 ? normal : mul(normal, scale);
    return filledWith(shift) === 0 ? scaled : add(scaled, shift);
  },
  tolerance: { relative: 1e-6, absolute: 1e-7 },
});

const NAMES = ["x", "mean", "variance", "scale", "shift"] as const;

function check(inputs: readonly Spec[]): void {
  const [x, mean, variance] = inputs as [Spec, Spec, Spec];
  inputs.forEach(({ shape, dtype }, i) => {
    if (dtype !== "f32") throw new ShapeError(`normalize: takes f32: ${NAMES[i]} is ${dtype}. Use cast`);
    const lead = x.shape.length - shape.length;
    if (lead < 0 || !shape.every((size, axis) => size === 1 || size === x.shape[axis + lead])) {
      throw new ShapeError(
        `normalize: ${NAMES[i]} does not broadcast to x: ${showShape(shape)} to ${showShape(x.shape)}`,
      );
    }
  });
  if (!sameShape(mean.shape, variance.shape)) {
    throw new ShapeError(
      `normalize: mean and variance differ in shape: ${showShape(mean.shape)} and ${showShape(variance.shape)}`,
    );
  }
}

/**
 * With x̂ = (x − mean)/d, d = √(variance + ε), and p = Σ dy·(x − mean): dshift = Σ dy, dscale = Σ dy·x̂ = p/d,
 * dmean = −Σ dy·scale/d, dvariance = −½ Σ dy·scale·x̂/d². What is the same for a sum is divided by afterwards.
 */
function grad({ x: inputs, dy, attrs }: GradContext<NormalizeAttrs>): Node[] {
  const [x, mean, variance, scale, shift] = inputs as [Node, Node, Node, Node, Node];
  const [zero, one] = [fill([], 0), fill([], 1)];
  const dx = normalizeOp([dy, fill(variance.shape, 0), variance, scale, zero], attrs);
  const spread = add(variance, attrs.epsilon);
  const deviation = sqrt(spread);
  const statistics = (sum: Node, ofNormal: Node): [Node, Node] => [
    neg(div(sum, deviation)),
    div(mul(ofNormal, -0.5), spread),
  ];
  const center = filledWith(mean) === 0 ? undefined : mean;
  // scale and shift that are constant wherever the statistics are come from the sums that these need anyway
  if (fitsIn(scale.shape, mean.shape) && fitsIn(shift.shape, mean.shape)) {
    const [sum, product] = sumPairTo(dy, x, mean.shape, center);
    const ofNormal = div(product, deviation);
    const [dmean, dvariance] = statistics(mul(sum, scale), mul(ofNormal, scale));
    return [dx, dmean, dvariance, sumTo(ofNormal, scale.shape), sumTo(sum, shift.shape)];
  }
  const [scaled, product] = sumPairTo(mul(dy, scale), x, mean.shape, center);
  const [dmean, dvariance] = statistics(scaled, div(product, deviation));
  const normal = normalizeOp([x, mean, variance, one, zero], attrs);
  const [sum, ofNormal] = sumPairTo(dy, normal, scale.shape);
  return [dx, dmean, dvariance, ofNormal, sameShape(scale.shape, shift.shape) ? sum : sumTo(dy, shift.shape)];
}

/** True when a tensor of shape `small` broadcasts to `large` without making it larger. */
function fitsIn(small: Shape, large: Shape): boolean {
  const lead = large.length - small.length;
  return lead >= 0 && small.every((size, axis) => size === 1 || size === large[axis + lead]);
}

/** What `normalize` takes besides x and its statistics. */
export interface NormalizeOptions {
  /** Multiplies what was normalised; broadcasts to x. */
  readonly scale?: Node | undefined;
  /** Is added last; broadcasts to x. */
  readonly shift?: Node | undefined;
  /** Is added to the variance. 1e-5 */
  readonly epsilon?: number;
}

/**
 * (x − mean)/√(variance + epsilon)·scale + shift. Mean and variance have one shape; all broadcast to x, which decides the shape.
 * @throws ShapeError when something does not broadcast to x, or is not f32; OptionError when epsilon is negative
 * @example
 * const { mean, variance } = moments(x, -1);
 * const y = normalize(x, mean, variance, { scale: weight });
 */
export function normalize(x: Node, mean: Node, variance: Node, options: NormalizeOptions = {}): Node {
  const { scale = fill([], 1), shift = fill([], 0), epsilon = 1e-5 } = options;
  checkEpsilon("normalize", epsilon);
  const inputs = [x, mean, variance, scale, shift];
  check(inputs);
  return sizeOf(x.shape) === 0 ? fill(x.shape, 0) : normalizeOp(inputs, { epsilon });
}

/** What is added to a variance must be a number from 0 on. */
export function checkEpsilon(call: string, epsilon: number): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw new OptionError(`${call}: epsilon must be a number, 0 or more: got ${epsilon}`, { epsilon });
}

export const normalizeOps = { normalize: normalizeOp };
