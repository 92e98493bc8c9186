// Gradients of functions, worked out on the graph that they make while they run.
import { type MapTree, mapTree } from "./core/mapTree.ts";
import { leavesOf } from "./core/tree.ts";
import { isNode, type Node } from "./graph/node.ts";
import { gradients } from "./passes/autodiff.ts";

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
