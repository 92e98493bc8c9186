// Two sums over the same elements in one dispatch: what the gradients of a normalisation need, Σ dy and Σ dy·x̂.
import shader from "../../shaders/sumPair.wgsl?raw";
import { type Shape, sameShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { add, mul } from "./arithmetic.ts";
import { expandBack, reshape } from "./broadcast.ts";
import {
  forEachReduced,
  partPlace,
  partsAxis,
  partsFor,
  partsShape,
  type ReduceAttrs,
  reducedWalk,
} from "./reduction.ts";

interface PairAttrs extends ReduceAttrs {
  /** The second sum is of a·b instead of b. */
  readonly isProduct: boolean;
}

/** Elements that are added up apart. */
export const BLOCK = 64;
/** Elements for each result from which a software adapter gains by parts. */
export const WORTH_PARTS = 16_384;

const sumPairOp: OpFunction<PairAttrs> = defineOp<PairAttrs>({
  name: "sumPair",
  inputs: ["a", "b"],
  results: ["first", "second"],
  infer: ([a], { axes, parts }) => {
    const { shape } = a as Spec;
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const spec = { shape: parts === undefined ? kept : partsShape(shape, axes, parts, kept), dtype: "f32" } as const;
    return [spec, spec];
  },
  reference: ([a, b], { inputs: [from], outputs: [to], attrs: { axes, parts = 1, isProduct } }) => {
    const { shape } = from as Spec;
    const first = new Float64Array(sizeOf((to as Spec).shape));
    const second = new Float64Array(first.length);
    const place = partPlace(shape, axes, parts);
    forEachReduced(shape, axes, (result, element, step) => {
      const at = place(result, step);
      const value = (a as Values)[element] as number;
      const other = (b as Values)[element] as number;
      first[at] = (first[at] as number) + value;
      second[at] = (second[at] as number) + (isProduct ? value * other : other);
    });
    return [first, second];
  },
  grad: ({ x, dys: [dfirst, dsecond], attrs: { axes, isProduct } }) => {
    const [a, b] = x as [Node, Node];
    const back = (dy: Node | undefined) => dy && expandBack(dy, a.shape, axes);
    const [one, two] = [back(dfirst), back(dsecond)];
    const second = two && isProduct ? mul(two, b) : undefined; // d Σab = b da + a db
    return [one && second ? add(one, second) : (one ?? second), two && isProduct ? mul(two, a) : two];
  },
  kernel: {
    build: ({ inputs: [a], attrs }) => {
      const { sizes, ...walk } = reducedWalk((a as Spec).shape, attrs);
      const block = BLOCK * (attrs.parts ?? 1);
      return {
        file: "sumPair.wgsl",
        shader,
        consts: { IS_PRODUCT: attrs.isProduct },
        ...walk,
        sizes: { ...sizes, block },
      };
    },
  },
  lower: (node, profile) => {
    const { axes, parts } = node.attrs as unknown as PairAttrs;
    const [a, b] = node.inputs as [Node, Node];
    const results = sizeOf(node.shape);
    const count = parts === undefined ? partsFor(results, sizeOf(a.shape) / results, profile, WORTH_PARTS) : 1;
    if (count < 2) return node;
    const made = sumPairOp([a, b], { ...(node.attrs as unknown as PairAttrs), parts: count });
    return sumPairOp([made, output(made, 1)], { axes: [partsAxis(a.shape, axes, node.shape)], isProduct: false });
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** Σa and Σa·b along `axes`, which keep size 1. `a` and `b` have one shape and are not empty. */
export function sumPair(a: Node, b: Node, axes: readonly number[]): [sum: Node, product: Node] {
  const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  if (sameShape(shape, a.shape)) return [a, mul(a, b)];
  const made = sumPairOp([a, b], { axes, isProduct: true });
  return [reshape(made, shape), reshape(output(made, 1), shape)];
}

/** Σa and Σa·b down to `shape`, which broadcasts to theirs. */
export function sumPairTo(a: Node, b: Node, shape: Shape): [sum: Node, product: Node] {
  const lead = a.shape.length - shape.length;
  const axes = a.shape.map((_, axis) => axis).filter((axis) => axis < lead || shape[axis - lead] === 1);
  const [first, second] = sumPair(a, b, axes);
  return [reshape(first, shape), reshape(second, shape)];
}

export const sumPairOps = { sumPair: sumPairOp };
