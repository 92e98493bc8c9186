// Penalties on parameters, to be added to a loss.
import { OptionError } from "../core/error.ts";
import type { Node } from "../graph/node.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { fill } from "../ops/constant.ts";
import { abs, square } from "../ops/unary.ts";

/** λ·Σ |p| over all parameters. */
export function l1Penalty(parameters: readonly Node[], lambda: number): Node {
  return penalty("l1Penalty", parameters, lambda, abs);
}

/** λ·Σ p² over all parameters. (Weight decay λ of SGD is ½λ·Σ p².) */
export function l2Penalty(parameters: readonly Node[], lambda: number): Node {
  return penalty("l2Penalty", parameters, lambda, square);
}

function penalty(call: string, parameters: readonly Node[], lambda: number, of: (x: Node) => Node): Node {
  if (!(lambda >= 0 && Number.isFinite(lambda))) {
    throw new OptionError(`${call}: the factor must be a number, 0 or more: got ${lambda}`);
  }
  const totals = parameters.map((parameter) => sum(of(parameter)));
  return mul(
    totals.reduce((so, total) => add(so, total), fill([], 0)),
    lambda,
  );
}
