// Which parameters a layer keeps by itself: asked only where some are not trainable.
import type { Shape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { fill, input } from "../ops/constant.ts";
import { isTrained, type Leaf, type ParameterSlot, parameterTree, replacements } from "./slots.ts";

/** Gives each parameter its role: builds the training graph once on symbols and sees which of those that are not trainable are replaced. */
export function assignRoles(
  model: Layer,
  leaves: readonly Leaf[],
  { input: shape, inputDType = "f32" }: { readonly input: Shape; readonly inputDType?: "f32" | "i32" | undefined },
): (ParameterSlot & Leaf)[] {
  const slots = leaves.map((leaf) => ({ ...leaf, role: isTrained(leaf) ? ("trained" as const) : ("fixed" as const) }));
  const nodes = slots.map((slot) => input(slot.path, slot.shape));
  const { next, replace } = replacements(slots, nodes);
  const x = input("x", [2, ...shape], inputDType); // two examples: enough for any statistic
  let stream = 0;
  model.apply(parameterTree(slots, nodes), x, {
    training: true,
    random: () => ({ seed: 0, stream: stream++, counter: fill([], 0, "u32") }),
    replace,
  });
  return slots.map((slot, i) => (next.has(nodes[i] as Node) ? { ...slot, role: "running" as const } : slot));
}
