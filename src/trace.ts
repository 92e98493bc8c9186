// Capture: runs user code on symbolic tensors.
import type { DType } from "./core/dtype.ts";
import { DataError } from "./core/error.ts";
import { mapTree } from "./core/mapTree.ts";
import type { Shape } from "./core/shape.ts";
import type { Node } from "./graph/node.ts";
import { input } from "./ops/constant.ts";

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
