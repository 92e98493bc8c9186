// Leaves out what changes nothing: each op knows when it does nothing itself (x + 0, x · 1, a choice already made).
import type { Node } from "../graph/node.ts";
import { rewrite } from "./rewrite.ts";

/** The same values by fewer nodes. */
export function simplify(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => node.op.simplify?.(node) ?? node);
}
