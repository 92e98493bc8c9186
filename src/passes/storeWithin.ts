// What is stored inside a kernel that runs a whole step, where groups take no dispatch each.
import { sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { readsBy } from "./store.ts";

/** What another turn of the one workgroup that runs everything costs, in additions. */
const BARRIER = 48;

/** Where groups take no dispatch each, even a scalar is stored that many elements would otherwise work out again. */
export function isWorthBarrier(node: Node, cost: number, users: ReadonlyMap<Node, readonly Node[]>): boolean {
  const size = sizeOf(node.shape);
  if (cost < 2 || node.inputs.length === 0 || size === 0) return false;
  const reads = (value: Node): number => {
    let [total, follows] = [0, false];
    for (const reader of users.get(value) ?? []) {
      const { kernel, pointwise } = reader.op;
      if (kernel) total += sizeOf(value.shape) * readsBy(reader, value);
      else if (pointwise?.startsAt?.(reader.inputs, reader.attrs) !== undefined) total += reads(reader);
      else if (!pointwise?.aligned) total += sizeOf(reader.shape);
      else follows = true; // who follows element by element ends up in one group
    }
    return follows ? total + sizeOf(value.shape) : total;
  };
  return cost * (reads(node) - size) > BARRIER;
}
