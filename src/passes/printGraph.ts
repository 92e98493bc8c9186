// Graphs for people.
import { showShape } from "../core/shape.ts";
import { type Node, topological } from "../graph/node.ts";

/** One line a node: name = op(inputs) {options} : dtype[shape]. */
export function printGraph(outputs: readonly Node[]): string {
  const names = new Map<Node, string>();
  const lines = topological(outputs).map((node) => {
    const name = `%${names.size}`;
    names.set(node, name);
    const { shape: _, dtype: __, leaf: ___, ...options } = node.attrs as Record<string, unknown>;
    const shown = Object.keys(options).length > 0 ? ` ${JSON.stringify(options)}` : "";
    const mark = outputs.includes(node) ? "  → output" : "";
    return `${name} = ${node.op.name}(${node.inputs.map((input) => names.get(input)).join(", ")})${shown} : ${node.dtype}${showShape(node.shape)}${mark}`;
  });
  return lines.join("\n");
}
