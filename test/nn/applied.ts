// A layer on numbers: its first parameters and its output, computed by the reference.

import { mapTree } from "../../src/core/mapTree.ts";
import type { Shape } from "../../src/core/shape.ts";
import { leavesOf } from "../../src/core/tree.ts";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node } from "../../src/graph/node.ts";
import { isParameter, type Layer, type NodeTree, type Parameter } from "../../src/nn/layer.ts";
import { input } from "../../src/ops/constant.ts";

export interface Applied {
  readonly y: number[];
  readonly shape: Shape;
  /** Output shape that `init` promised for one example. */
  readonly output: Shape;
  /** What `init` made, by path. */
  readonly leaves: readonly { readonly path: string; readonly leaf: Parameter }[];
  /** First values by path. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** Outputs of inner layers, as `note` told them: "0.1 (relu)" → shape. */
  readonly noted: Readonly<Record<string, Shape>>;
}

/** Runs `layer` on a batch `x` of shape [batch, ...example], with its first parameters or with `weights`. */
export function applied(
  layer: Layer,
  shape: Shape,
  x: readonly number[],
  weights: Readonly<Record<string, { readonly data: Float32Array }>> = {},
): Applied {
  let stream = 0;
  const { params, output } = layer.init(shape.slice(1), { seed: 1, nextStream: () => stream++ });
  const batch = input("x", shape);
  const given = new Map<Node, Float64Array>([[batch, Float64Array.from(x)]]);
  const nodes = mapTree(params, isParameter, ({ shape: own, data }: Parameter, path) => {
    const leaf = input(path, own);
    given.set(leaf, Float64Array.from(weights[path]?.data ?? data));
    return leaf;
  }) as unknown as NodeTree;
  const noted: Record<string, Shape> = {};
  const y = layer.apply(nodes, batch, {
    training: false,
    random: () => ({ seed: 0, stream: 0, counter: input("counter", [], "u32") }),
    note: (path, node) => {
      noted[path] = node.shape;
    },
  });
  const leaves = leavesOf<Parameter>(params, isParameter);
  return {
    y: [...(evaluate([y], (leaf) => given.get(leaf) as Float64Array)[0] as Float64Array)],
    shape: y.shape,
    output,
    leaves,
    parameters: Object.fromEntries(leaves.map(({ path, leaf }) => [path, [...leaf.data]])),
    noted,
  };
}
