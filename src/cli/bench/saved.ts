// What a plan saves in memory: values written where another one lay, and values that are worked out again instead of stored.
import { sizeOf } from "../../core/shape.ts";
import { type Node, topological } from "../../graph/node.ts";
import { trafficOf } from "../../passes/order.ts";
import type { Plan } from "../../passes/plan.ts";

export interface Saved {
  /** Written over what the same dispatch read: state, and activations that nobody needs again. */
  readonly inPlaceBytes: number;
  /** Would be stored if more than one dispatch did not compute them for itself. */
  readonly recomputedBytes: number;
}

export function savedBy({ groups, fusion, locationOf }: Plan): Saved {
  const { reader, placeOf } = fusion;
  const placeOfValue = (node: Node) => {
    const location = locationOf.get(node);
    return location && `${location.memory} ${location.offset}`;
  };
  let inPlaceBytes = 0;
  const computedIn = new Map<Node, number>(); // dispatches that compute a value which is not stored
  for (const group of groups) {
    const { reads, writes } = trafficOf(group, fusion);
    const taken = new Set(reads.map(placeOfValue));
    for (const node of writes) if (taken.has(placeOfValue(node))) inPlaceBytes += bytesOf(node);
    const isRead = (node: Node) => reader.isMaterial(node) && placeOf.get(node)?.group !== group;
    for (const node of topological(group.values.flat(), isRead)) {
      if (node.op.pointwise && !reader.isMaterial(node) && sizeOf(node.shape) > 1)
        computedIn.set(node, (computedIn.get(node) ?? 0) + 1);
    }
  }
  const again = [...computedIn].filter(([, dispatches]) => dispatches > 1).map(([node]) => bytesOf(node));
  return { inPlaceBytes, recomputedBytes: again.reduce((sum, bytes) => sum + bytes, 0) };
}

function bytesOf(node: Node): number {
  return 4 * sizeOf(node.shape);
}
