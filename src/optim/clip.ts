// Gradient clipping, as torch.nn.utils.clip_grad_value_ and clip_grad_norm_, on one flat array of all gradients.
import { OptionError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import type { Node } from "../graph/node.ts";
import { add, div, mul } from "../ops/arithmetic.ts";
import { maximum, minimum, pow } from "../ops/binary.ts";
import { sum } from "../ops/broadcast.ts";
import { max } from "../ops/reduce.ts";
import { abs, sqrt } from "../ops/unary.ts";

function checkLimit(call: string, limit: number): void {
  if (!(limit > 0)) throw new OptionError(`${call}: the limit must be a positive number: got ${limit}`);
}

/** Every element between −limit and limit. */
export function clipByValue(g: Node, limit: number): Node {
  checkLimit("clipByValue", limit);
  return maximum(minimum(g, limit), -limit);
}

/** Norm of all gradients: p = 1, 2 (default), any other above 0, or Infinity (the largest |g|). */
export function globalNorm(g: Node, p = 2): Node {
  if (!(p > 0)) throw new OptionError(`globalNorm: p must be above 0: got ${p}`);
  if (p === Number.POSITIVE_INFINITY) return max(abs(g));
  if (p === 1) return sum(abs(g));
  return p === 2 ? sqrt(sum(mul(g, g))) : pow(sum(pow(abs(g), p)), 1 / p);
}

const EPS = 1e-6; // PyTorch's

/** Scales gradients by min(1, limit / (norm + 1e-6)), so that their common norm stays within `limit`. */
export function clipByGlobalNorm(g: Node, limit: number, p = 2): Node {
  checkLimit("clipByGlobalNorm", limit);
  return mul(g, minimum(div(limit, add(globalNorm(g, p), EPS)), 1));
}

/** Bounds for gradients. */
export interface ClipOptions {
  /** The largest norm of all gradients together. */
  readonly norm?: number;
  /** The largest magnitude of each element; after the norm where both are given. */
  readonly value?: number;
}

/**
 * Clipping for a trainer.
 * @throws OptionError when a limit is not positive, or when there is none
 * @example
 * createTrainer(device, model, { ..., clip: optim.clip({ norm: 1 }) });
 */
export function clip(options: ClipOptions): (g: Node) => Node {
  checkKnown("clip", options, ["norm", "value"]);
  const { norm, value } = options;
  if (norm === undefined && value === undefined)
    throw new OptionError("clip: there is no limit. Pass { norm } or { value }");
  if (norm !== undefined) checkLimit("clip: norm", norm);
  if (value !== undefined) checkLimit("clip: value", value);
  return (g) => {
    const scaled = norm === undefined ? g : clipByGlobalNorm(g, norm);
    return value === undefined ? scaled : clipByValue(scaled, value);
  };
}
