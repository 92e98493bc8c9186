// Rebuilds a graph node by node, inputs first, with a rule that may put another node in place of each.
import { type LowerContext, makeNode, type Node, topological } from "../graph/node.ts";
import { within } from "../graph/origin.ts";

/** The same values by other nodes: `rule` sees each node with its inputs rewritten already, and what it gives is rewritten in turn. */
export function rewrite(outputs: readonly Node[], rule: (node: Node, context: LowerContext) => Node): Node[] {
  const now = new Map<Node, Node>();
  const uses = countUses(outputs);
  const settle = (roots: readonly Node[]): void => {
    for (const node of topological(roots, (each) => now.has(each))) {
      if (now.has(node)) continue;
      const inputs = node.inputs.map((input) => now.get(input) as Node);
      const isSame = inputs.every((input, i) => input === node.inputs[i]);
      const isOnlyReader = (input: number) => uses.get(node.inputs[input] as Node) === 1;
      const [moved, better] = within(node.origin, () => {
        const same = isSame ? node : makeNode(node.op, inputs, node.attrs);
        return [same, rule(same, { isOnlyReader })];
      });
      if (better !== moved) settle([better]);
      now.set(node, better === moved ? moved : (now.get(better) as Node));
    }
  };
  settle(outputs);
  return outputs.map((node) => now.get(node) as Node);
}

/** How many nodes read each node; being wanted counts, too. */
function countUses(outputs: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  const use = (node: Node) => uses.set(node, (uses.get(node) ?? 0) + 1);
  outputs.forEach(use);
  for (const node of topological(outputs)) node.inputs.forEach(use);
  return uses;
}
