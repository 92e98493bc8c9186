// Gradients of functions, worked out on the graph that they make while they run.
import { ShapeError } from "./core/error.ts";
import { type MapTree, mapTree } from "./core/mapTree.ts";
import { showShape } from "./core/shape.ts";
import { leavesOf } from "./core/tree.ts";
import { isNode, type Node } from "./graph/node.ts";
import { fill, zerosLike } from "./ops/constant.ts";
import { autodiff } from "./passes/autodiff.ts";

/** Gradients of a scalar `y` with respect to nodes. Zeros where y does not depend on one. */
export function gradients(y: Node, wrt: readonly Node[]): Node[] {
  if (y.shape.length !== 0 && y.shape.some((extent) => extent !== 1)) {
    throw new ShapeError(`grad: the function must return a scalar: got ${showShape(y.shape)}. Take its mean or sum`);
  }
  return autodiff(y, fill(y.shape, 1), wrt).map((gradient, i) => gradient ?? zerosLike(wrt[i] as Node));
}

/**
 * The function that returns `fn`'s value and its gradients with respect to its first argument, a tree of tensors.
 * @example
 * const step = await compile(device, (w, x, y) => valueAndGrad((v) => mse(matmul(x, v), y))(w), [[3, 1], [8, 3], [8, 1]]);
 */
export function valueAndGrad<Params, Rest extends unknown[]>(
  fn: (params: Params, ...rest: Rest) => Node,
): (params: Params, ...rest: Rest) => { value: Node; grads: MapTree<Params, Node, Node> } {
  return (params, ...rest) => {
    const value = fn(params, ...rest);
    const leaves = leavesOf(params, isNode).map(({ leaf }) => leaf);
    const found = gradients(value, leaves);
    let next = 0;
    return { value, grads: mapTree(params, isNode, () => found[next++] as Node) };
  };
}

/** The function that returns the gradients of `fn` with respect to its first argument. */
export function grad<Params, Rest extends unknown[]>(
  fn: (params: Params, ...rest: Rest) => Node,
): (params: Params, ...rest: Rest) => MapTree<Params, Node, Node> {
  const both = valueAndGrad(fn);
  return (params, ...rest) => both(params, ...rest).grads;
}
