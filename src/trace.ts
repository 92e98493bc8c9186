// Capture: runs user code on symbolic tensors, and differentiates it while it does.
import type { DType } from "./core/dtype.ts";
import { DataError, ShapeError } from "./core/error.ts";
import { type Shape, showShape } from "./core/shape.ts";
import { leavesOf, type MapTree, mapTree } from "./core/tree.ts";
import { isNode, type Node } from "./graph/node.ts";
import { fill, input, zerosLike } from "./ops/constant.ts";
import { autodiff } from "./passes/autodiff.ts";

/** Shape and dtype of an argument; a bare shape means f32. */
export type TensorSpec = Shape | { readonly shape: Shape; readonly dtype?: DType };

export function isTensorSpec(value: unknown): value is TensorSpec {
  if (Array.isArray(value)) return value.every((extent) => typeof extent === "number");
  return typeof value === "object" && value !== null && Array.isArray((value as { shape?: unknown }).shape);
}

/** Runs `fn` on one symbolic tensor for each leaf of `specs`. */
export function trace<Result>(
  fn: (...args: never[]) => Result,
  specs: readonly unknown[],
): { inputs: Node[]; result: Result } {
  const inputs: Node[] = [];
  const args = specs.map((spec, i) =>
    mapTree(spec, isTensorSpec, (leaf: TensorSpec, path) => {
      const { shape, dtype = "f32" } = (Array.isArray(leaf) ? { shape: leaf } : leaf) as {
        shape: Shape;
        dtype?: DType;
      };
      const node = input(path ? `${i}.${path}` : `${i}`, shape, dtype);
      inputs.push(node);
      return node;
    }),
  );
  const result = fn(...(args as never[]));
  if (result instanceof Promise)
    throw new DataError("compile: the function is async. It only describes the computation: await outside of it");
  return { inputs, result };
}

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
