// Rebuilds a graph node by node, inputs first, with a rule that may put another node in place of each.
import { makeNode, type Node, topological } from "../graph/node.ts";

/** The same values by other nodes: `rule` sees each node with its inputs rewritten already, and what it gives is rewritten in turn. */
export function rewrite(outputs: readonly Node[], rule: (node: Node) => Node): Node[] {
  const now = new Map<Node, Node>();
  const settle = (roots: readonly Node[]): void => {
    for (const node of topological(roots, (each) => now.has(each))) {
      if (now.has(node)) continue;
      const inputs = node.inputs.map((input) => now.get(input) as Node);
      const isSame = inputs.every((input, i) => input === node.inputs[i]);
      const moved = isSame ? node : makeNode(node.op, inputs, node.attrs);
      const better = rule(moved);
      if (better !== moved) settle([better]);
      now.set(node, better === moved ? moved : (now.get(better) as Node));
    }
  };
  settle(outputs);
  return outputs.map((node) => now.get(node) as Node);
}
