// Plans for people: one line a dispatch.
import { showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { trafficOf } from "./order.ts";
import type { Plan } from "./plan.ts";

/** One line a dispatch: file, what it computes, what it reads and writes, workgroups. */
export function printPlan(
  plan: Plan,
  modules: readonly {
    readonly label: string;
    readonly file: string;
    readonly form?: string;
    readonly workgroups: readonly number[];
  }[],
): string {
  const place = (node: Node) => {
    const location = plan.locationOf.get(node);
    const kind = location && plan.memories[location.memory]?.kind;
    return location ? `${kind}${location.memory}${location.offset > 0 ? `+${location.offset}` : ""}` : "—";
  };
  const lines = plan.groups.map((group, i) => {
    const { reads, writes } = trafficOf(group, plan.fusion);
    const show = (node: Node) => `${place(node)} ${showShape(node.shape)}`;
    const { label, file, form, workgroups } = modules[i] as (typeof modules)[number];
    return `${String(i + 1).padStart(3)}  ${file.padEnd(18)} ${label}${form ? `  (${form})` : ""}\n       reads ${reads.map(show).join(", ") || "nothing"}\n       writes ${writes.map(show).join(", ")}  workgroups ${workgroups.join("×")}`;
  });
  const { bytes, peakLive } = plan.shared;
  return `${lines.join("\n")}\n${plan.groups.length} dispatches, ${bytes} bytes shared between values (${peakLive} live at the peak)`;
}
