// The one place where the adapter computes: a graph and the elements of its leaves in, the elements of its roots out.
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { constantData } from "../../src/ops/constant.ts";

/** Where `compute` runs: "cpu", or the name of a GPU. */
export async function device(): Promise<string> {
  return "cpu";
}

/** The elements of `roots`, floats rounded to f32. */
export async function compute(roots: readonly Node[], leaves: ReadonlyMap<Node, Values>): Promise<Values[]> {
  const results = evaluate(roots, (leaf) => {
    const values = leaves.get(leaf) ?? constantData(leaf);
    if (!values) throw new Error(`no values for input "${leaf.attrs.name}"`);
    return Float64Array.from(values);
  });
  return results.map((values, i) => (roots[i]?.dtype === "f32" ? values.map(Math.fround) : values));
}
