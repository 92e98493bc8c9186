// Two sums over the same elements in one dispatch: what the gradients of a normalisation need, Σ dy and Σ dy·x̂.
import shader from "../../shaders/sumPair.wgsl?raw";
import { type Shape, sameShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { add, mul, neg, sub } from "./arithmetic.ts";
import { expandBack, reshape } from "./broadcast.ts";
import { partsAxis, partsFor, reducedWalk } from "./reductionKernel.ts";
import { forEachReduced, partPlace } from "./reductionReference.ts";
import { partsShape, type ReduceAttrs } from "./reductionShape.ts";
import { sumOf } from "./team.ts";

interface PairAttrs extends ReduceAttrs {
  /** The second sum is of a·(b − center) instead of b. */
  readonly isProduct: boolean;
}

/** Elements that are added up apart: few, because what the gradients of a normalisation add up mostly cancels. */
const BLOCK = 16;
/** Elements for each result from which a software adapter gains by parts. */
export const WORTH_PARTS = 16_384;

const sumPairOp: OpFunction<PairAttrs> = defineOp<PairAttrs>({
  name: "sumPair",
  inputs: ["a", "b", "center"],
  optional: 1,
  results: ["first", "second"],
  infer: ([a], { axes, parts }) => {
    const { shape } = a as Spec;
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const spec = { shape: parts === undefined ? kept : partsShape(shape, axes, parts, kept), dtype: "f32" } as const;
    return [spec, spec];
  },
  reference: ([a, b, center], { inputs: [from], outputs: [to], attrs: { axes, parts = 1, isProduct } }) => {
    const { shape } = from as Spec;
    const first = new Float64Array(sizeOf((to as Spec).shape));
    const second = new Float64Array(first.length);
    const place = partPlace(shape, axes, parts);
    forEachReduced(shape, axes, (result, element, step) => {
      const at = place(result, step);
      const value = (a as Values)[element] as number;
      const other = ((b as Values)[element] as number) - (center?.[result] ?? 0);
      first[at] = (first[at] as number) + value;
      second[at] = (second[at] as number) + (isProduct ? value * other : other);
    });
    return [first, second];
  },
  grad: ({ x, y, dys: [dfirst, dsecond], attrs: { axes, isProduct } }) => {
    const [a, b, center] = x as [Node, Node, Node | undefined];
    const back = (value: Node | undefined) => value && expandBack(value, a.shape, axes);
    const [one, two] = [back(dfirst), back(dsecond)];
    if (!two || !isProduct) return [one, two, undefined];
    const distance = center ? sub(b, back(center) as Node) : b; // d Σ a(b − c) = (b − c) da + a db − Σa dc
    const da = one ? add(one, mul(two, distance)) : mul(two, distance);
    return [da, mul(two, a), center && neg(mul(dsecond as Node, reshape(y, center.shape)))];
  },
  kernel: {
    build: ({ inputs: [a, , center], attrs, profile }) => {
      const walk = reducedWalk((a as Spec).shape, attrs, profile, [sumOf("vec2f")]);
      return {
        file: "sumPair.wgsl",
        shader,
        ...walk,
        consts: { ...walk.consts, IS_PRODUCT: attrs.isProduct },
        code: `${walk.code}
fn center_of(result: u32) -> f32 { return ${center ? "load_center(result)" : "0.0f"}; }`,
        sizes: { ...walk.sizes, block: BLOCK * walk.sizes.stride },
      };
    },
  },
  lower: (node, profile) => {
    const { axes, parts } = node.attrs as unknown as PairAttrs;
    const [a] = node.inputs as [Node];
    const results = sizeOf(node.shape);
    const count = parts === undefined ? partsFor(results, sizeOf(a.shape) / results, profile, WORTH_PARTS) : 1;
    if (count < 2) return node;
    const made = sumPairOp(node.inputs, { ...(node.attrs as unknown as PairAttrs), parts: count });
    return sumPairOp([made, output(made, 1)], { axes: [partsAxis(a.shape, axes, node.shape)], isProduct: false });
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/**
 * Σa and Σa·(b − center) along `axes`, which keep size 1. `a` and `b` have one shape and are not empty; `center` has a value for each result,
 * or is left out.
 */
export function sumPair(a: Node, b: Node, axes: readonly number[], center?: Node): [sum: Node, product: Node] {
  const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  if (sameShape(shape, a.shape)) return [a, mul(a, center ? sub(b, reshape(center, shape)) : b)];
  const kept = a.shape.filter((_, axis) => !axes.includes(axis));
  const made = sumPairOp(center ? [a, b, reshape(center, kept)] : [a, b], { axes, isProduct: true });
  return [reshape(made, shape), reshape(output(made, 1), shape)];
}

/** Σa and Σa·(b − center) down to `shape`, which broadcasts to that of `a` and `b`. */
export function sumPairTo(a: Node, b: Node, shape: Shape, center?: Node): [sum: Node, product: Node] {
  const lead = a.shape.length - shape.length;
  const axes = a.shape.map((_, axis) => axis).filter((axis) => axis < lead || shape[axis - lead] === 1);
  const [first, second] = sumPair(a, b, axes, center);
  return [reshape(first, shape), reshape(second, shape)];
}

export const sumPairOps = { sumPair: sumPairOp };
