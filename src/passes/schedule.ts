// All passes from a traced graph to a plan, on one page.
import { sizeOf } from "../core/shape.ts";
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import { copy } from "../ops/state.ts";
import { fuse } from "./fuse.ts";
import { lower } from "./lower.ts";
import { orderGroups } from "./order.ts";
import { packedBelow, placeOnce } from "./place.ts";
import { type Plan, plan } from "./plan.ts";
import { simplify } from "./simplify.ts";

/** Values to compute, and which of them replace which state. */
export interface Wanted {
  readonly outputs: readonly Node[];
  readonly donations: ReadonlyMap<Node, Node>;
  readonly keepsAll?: boolean;
}

/** The plan of a graph for an adapter, and the nodes that stand for the outputs in it. */
export function schedule(wanted: Wanted, profile: Profile): { plan: Plan; outputs: readonly Node[] } {
  const lowered = placeOnce(lower(simplify([...wanted.outputs, ...wanted.donations.keys()]), profile));
  const packed = packedBelow(lowered);
  const outputs = ownMemory(lowered.slice(0, wanted.outputs.length), packed);
  const states = [...wanted.donations.values()];
  let updates = ownMemory(lowered.slice(wanted.outputs.length), packed);
  for (;;) {
    const roots = [...outputs, ...updates].filter((node) => sizeOf(node.shape) > 0);
    const donations = new Map(updates.map((value, i) => [value, states[i] as Node]));
    const fusion = fuse(roots, profile, donations);
    const { inPlace } = orderGroups(fusion, donations);
    if (updates.every((value) => inPlace.has(value) || sizeOf(value.shape) === 0))
      return { plan: plan(fusion, { outputs, donations, keepsAll: wanted.keepsAll ?? false }), outputs };
    updates = updates.map((value) => (inPlace.has(value) ? value : copy(value)));
  }
}

/** Gives a value of its own to each output that is a leaf, a pack, packed, or wanted twice. */
function ownMemory(nodes: readonly Node[], packed: ReadonlySet<Node>): Node[] {
  const seen = new Set<Node>();
  return nodes.map((node) => {
    const needsCopy = seen.has(node) || packed.has(node) || node.op.leaf || node.op.places;
    seen.add(node);
    return needsCopy ? copy(node) : node;
  });
}
