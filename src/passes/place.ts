// A packed value lies in its pack, so it can lie nowhere else: what is packed twice, or has memory of its own already, is copied.
import { makeNode, type Node, topological } from "../graph/node.ts";
import { copy } from "../ops/state.ts";
import { rewrite } from "./rewrite.ts";

/** The same values, each packed at most once and nothing packed that lies elsewhere. */
export function placeOnce(outputs: readonly Node[]): Node[] {
  const placed = new Set<Node>();
  const settled = new Set<Node>();
  return rewrite(outputs, (node) => {
    if (!node.op.places || settled.has(node)) return node;
    const inputs = node.inputs.map((input) => {
      const { leaf, places, watches, inPlace } = input.op;
      const isElsewhere = leaf || places || watches || inPlace || placed.has(input);
      placed.add(input);
      return isElsewhere ? copy(input) : input;
    });
    const better = makeNode(node.op, inputs, node.attrs);
    settled.add(better);
    return better;
  });
}

/** Values that lie in a pack. */
export function packedBelow(outputs: readonly Node[]): Set<Node> {
  return new Set(topological(outputs).flatMap((node) => (node.op.places ? node.inputs : [])));
}
