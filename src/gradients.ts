// Gradients of a node, as more nodes.
import { ShapeError } from "./core/error.ts";
import { showShape } from "./core/shape.ts";
import type { Node } from "./graph/node.ts";
import { fill, zerosLike } from "./ops/constant.ts";
import { autodiff } from "./passes/autodiff.ts";

/** Gradients of a scalar `y` with respect to nodes. Zeros where y does not depend on one. */
export function gradients(y: Node, wrt: readonly Node[]): Node[] {
  if (y.shape.length !== 0 && y.shape.some((extent) => extent !== 1)) {
    throw new ShapeError(`grad: the function must return a scalar: got ${showShape(y.shape)}. Take its mean or sum`);
  }
  return autodiff(y, fill(y.shape, 1), wrt).map((gradient, i) => gradient ?? zerosLike(wrt[i] as Node));
}
