// From losses of elements or samples to one number, with masks and weights.
import { OptionError, ShapeError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { div, mul } from "../ops/arithmetic.ts";
import { expand, reshape, sum } from "../ops/broadcast.ts";

/** What becomes of the losses of elements or rows. */
export type Reduction = "mean" | "sum" | "none";

/** How losses are put together. */
export interface ReductionOptions {
  /** One number, averaged ("mean", the default) or added up ("sum"), or every loss for itself ("none"). */
  readonly reduction?: Reduction;
  /** 0 where a sample is padding, else 1: f32 [B], or any leading part of the losses' shape. Means leave padding out. */
  readonly mask?: Node;
  /** Factors of the samples' losses, shaped like `mask`. Means still divide by the number of samples. */
  readonly sampleWeight?: Node;
}

/**
 * Reduces losses. A mean divides by their number, by Σ mask, or by Σ mask·`weight` where losses were weighted by class.
 * @throws OptionError for an unknown reduction, ShapeError where a mask or weight does not fit
 */
export function reduceLosses(call: string, losses: Node, options: ReductionOptions, weight?: Node): Node {
  const { reduction = "mean", mask, sampleWeight } = options;
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none") {
    throw new OptionError(`${call}: reduction must be "mean", "sum" or "none": got "${reduction}"`);
  }
  let each = losses;
  if (sampleWeight) each = mul(each, alongRows(call, "sampleWeight", sampleWeight, losses));
  const kept = mask && alongRows(call, "mask", mask, losses);
  if (kept) each = mul(each, kept);
  if (reduction === "none") return each;
  const total = sum(each);
  if (reduction === "sum") return total;
  const counted = kept && weight ? mul(kept, weight) : (kept ?? weight);
  return counted ? div(total, sum(counted)) : mul(total, 1 / sizeOf(losses.shape));
}

/** `x` with axes added behind until it has the shape of `like`. */
function alongRows(call: string, name: string, x: Node, like: Node): Node {
  const lead = like.shape.slice(0, x.shape.length);
  if (x.dtype !== "f32" || x.shape.length > like.shape.length || lead.some((size, axis) => size !== x.shape[axis])) {
    throw new ShapeError(
      `${call}: ${name} must be f32 with a leading part of the losses' shape ${showShape(like.shape)}: got ${x.dtype} ${showShape(x.shape)}`,
    );
  }
  return expand(reshape(x, [...x.shape, ...like.shape.slice(x.shape.length).map(() => 1)]), like.shape);
}

/** Each sample's mean over everything but the batch axis: [B, …] → [B]. */
export function meanOfSamples(losses: Node): Node {
  const axes = losses.shape.map((_, axis) => axis).slice(1);
  const count = sizeOf(losses.shape.slice(1));
  return count === 1 ? reshape(losses, losses.shape.slice(0, 1)) : mul(sum(losses, axes), 1 / count);
}
