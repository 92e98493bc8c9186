// Graphs and plans for people: one line a node, one line a dispatch.
import { showShape } from "../core/shape.ts";
import { type Node, topological } from "../graph/node.ts";
import { trafficOf } from "./order.ts";
import type { Plan } from "./plan.ts";

const named = (node: Node, names: ReadonlyMap<Node, string>): string => names.get(node) ?? "?";

/** One line a node: name = op(inputs) {options} : dtype[shape]. */
export function printGraph(outputs: readonly Node[]): string {
  const names = new Map<Node, string>();
  const lines = topological(outputs).map((node) => {
    const name = `%${names.size}`;
    names.set(node, name);
    const { shape: _, dtype: __, leaf: ___, ...options } = node.attrs as Record<string, unknown>;
    const shown = Object.keys(options).length > 0 ? ` ${JSON.stringify(options)}` : "";
    const mark = outputs.includes(node) ? "  → output" : "";
    return `${name} = ${node.op.name}(${node.inputs.map((input) => named(input, names)).join(", ")})${shown} : ${node.dtype}${showShape(node.shape)}${mark}`;
  });
  return lines.join("\n");
}

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
