// Runs a graph with the ops' float64 references: the oracle that kernels are checked against, and the device of last resort.
import type { DType } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import { type Node, topological, type Values } from "../graph/node.ts";
import { constantData } from "../ops/constant.ts";
import { referenceOf } from "./references.ts";

/** Computes `roots`, given the elements of every leaf they need but constants, which bring theirs; values that are `known` already are not computed again. */
export function evaluate(
  roots: readonly Node[],
  leaf: (node: Node) => Values,
  known: ReadonlyMap<Node, Values> = new Map(),
): Values[] {
  const results = new Map<Node, readonly Values[]>();
  const value = (node: Node): Values => {
    const given = known.get(node);
    if (given) return given;
    const index = node.op.picks?.(node.attrs);
    const found = index === undefined ? results.get(node)?.[0] : results.get(node.inputs[0] as Node)?.[index];
    if (!found) throw internal(`${node.op.name} was used before it was computed`);
    return found;
  };
  for (const node of topological(roots, (node) => known.has(node))) {
    if (node.op.picks || known.has(node)) continue;
    if (node.op.leaf) {
      const constant = constantData(node);
      results.set(node, [constant ? Float64Array.from(constant) : leaf(node)]);
      continue;
    }
    const context = { attrs: node.attrs, inputs: node.inputs, outputs: node.outputs };
    const computed = referenceOf(node.op)(node.inputs.map(value), context);
    const list = Array.isArray(computed) ? (computed as readonly Values[]) : [computed as Values];
    results.set(
      node,
      list.map((values, i) => wrap(values, node.outputs[i]?.dtype ?? "f32")),
    );
  }
  return roots.map(value);
}

/** Integers wrap at 32 bits, as they do on a GPU. */
function wrap(values: Values, dtype: DType): Values {
  if (dtype === "i32") return values.map((value) => value | 0);
  return dtype === "u32" ? values.map((value) => value >>> 0) : values;
}
