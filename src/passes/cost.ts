// What a dispatch is for and how much it is: its layer, its phase, the bytes it must move and the operations it must do.
import { sizeOf } from "../core/shape.ts";
import type { DispatchTime } from "../graph/device.ts";
import { type Node, storageOf, topological } from "../graph/node.ts";
import type { Group } from "./fuse.ts";
import type { Plan } from "./plan.ts";

/** One dispatch, apart from its name and its time. */
export type DispatchCost = Pick<DispatchTime, "layer" | "phase" | "bytesRead" | "bytesWritten" | "flops">;

/** What dispatch `index` of a plan is for and how much it is: walks from what it computes back to what it reads. */
export function costOf({ groups, fusion: { reader, placeOf, written } }: Plan, index: number): DispatchCost {
  const group = groups[index] as Group;
  const { kernel } = group;
  const { inPlace } = kernel?.op ?? {};
  const values = group.values.flat();
  const main = kernel ?? values.find(({ origin }) => origin) ?? (values[0] as Node);
  const { origin } = main;

  const changed = Object.values(inPlace ?? {});
  const loads = kernel?.inputs.map(({ shape }, i) => (changed.includes(i) ? 0 : sizeOf(shape))) ?? [];
  const loaded = loads.reduce((sum, size) => sum + size, 0);
  const most = inPlace ? loaded : Number.POSITIVE_INFINITY; // state changes where it lies, by no more than what goes into it
  const needed = new Map<Node, number>(); // elements of each value
  const need = (node: Node, count: number): void => {
    needed.set(node, Math.min(sizeOf(node.shape), (needed.get(node) ?? 0) + count));
  };
  for (const node of values) need(node, most);

  const isRead = (node: Node) => reader.isMaterial(node) && placeOf.get(node)?.group !== group;
  let [bytesRead, bytesWritten, flops] = [0, 0, 0];
  for (const node of topological(values, isRead).reverse()) {
    const { op, inputs, attrs } = node;
    const count = needed.get(node) ?? 0;
    if (isRead(node)) {
      bytesRead += count * (storageOf(node) === "u8" ? 1 : 4);
      continue;
    }
    const work = op.pointwise?.work?.(inputs, attrs);
    if (node === kernel) {
      flops += op.kernel?.flops?.(inputs, attrs) ?? (work ? count * work : loaded);
      for (const [i, input] of inputs.entries()) need(input, loads[i] as number);
    } else if (op.pointwise) {
      flops += count * (work ?? op.pointwise.cost);
      for (const input of inputs) need(input, op.pointwise.aligned ? count : count * Math.max(1, work ?? 1));
    }
    if (written.has(node)) bytesWritten += 4 * count;
  }
  return {
    ...(origin?.path ? { layer: `${origin.path} ${origin.layer}` } : {}),
    phase: origin?.isBackward ? "backward" : origin || !followsGradients(main) ? "forward" : "update",
    bytesRead,
    bytesWritten,
    flops,
  };
}

/** True when some gradient goes into a value. */
function followsGradients(node: Node): boolean {
  return topological([node]).some(({ origin }) => origin?.isBackward);
}
