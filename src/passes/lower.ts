// Lets each op rewrite itself into what suits the adapter, inputs first.
import type { Profile } from "../graph/form.ts";
import { makeNode, type Node, topological } from "../graph/node.ts";

/** The same values, computed by nodes that suit `profile`. */
export function lower(outputs: readonly Node[], profile: Profile): Node[] {
  const now = new Map<Node, Node>();
  for (const node of topological(outputs)) {
    const inputs = node.inputs.map((input) => now.get(input) as Node);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const moved = same ? node : makeNode(node.op, inputs, node.attrs);
    const lowered = moved.op.lower?.(moved, profile) ?? moved;
    now.set(node, lowered === moved ? moved : (lower([lowered], profile)[0] as Node));
  }
  return outputs.map((node) => now.get(node) as Node);
}
