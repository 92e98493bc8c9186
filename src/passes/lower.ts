// Lets each op rewrite itself into what suits the adapter.
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";
import { rewrite } from "./rewrite.ts";

/** The same values, computed by nodes that suit `profile`. */
export function lower(outputs: readonly Node[], profile: Profile): Node[] {
  return rewrite(outputs, (node, context) => node.op.lower?.(node, profile, context) ?? node);
}
