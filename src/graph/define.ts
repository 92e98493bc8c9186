// The one way to make an op. `defineOp` returns the function that builds its nodes; the op itself hangs on it as `.op`.
import { ShapeError } from "../core/error.ts";
import { makeNode, type Node, type Op, type Spec } from "./node.ts";

/** Everything an op says of itself; `results` defaults to one result named "y". */
export type OpDefinition<A> = Omit<Op<A>, "results"> & { readonly results?: readonly string[] };

/** Builds nodes of one op from its inputs and attributes. */
export interface OpFunction<A> {
  (inputs: readonly Node[], attrs: A): Node;
  readonly op: Op<A>;
}

// @__NO_SIDE_EFFECTS__
export function defineOp<A = Record<string, never>>(definition: OpDefinition<A>): OpFunction<A> {
  const op: Op<A> = { results: ["y"], ...definition };
  const variadic = op.inputs.at(-1)?.endsWith("…") ?? false;
  const make = (inputs: readonly Node[], attrs: A): Node => {
    const least = op.inputs.length - (variadic ? 1 : (op.optional ?? 0));
    if (inputs.length < least || (!variadic && inputs.length > op.inputs.length)) {
      throw new ShapeError(
        `${op.name}: takes ${op.inputs.length} inputs (${op.inputs.join(", ")}): got ${inputs.length}`,
      );
    }
    return makeNode(op, inputs, attrs);
  };
  return Object.assign(make, { op });
}

interface OutputAttrs {
  readonly index: number;
}

const outputOp = defineOp<OutputAttrs>({
  name: "output",
  inputs: ["x"],
  picks: (attrs) => attrs.index,
  infer: ([x], { index }) => (x as Node).outputs[index] as Spec,
  reference: ([x]) => x as Float64Array,
});

/** Result `index` of a node with several results; result 0 is the node itself. */
export function output(node: Node, index: number): Node {
  if (index === 0) return node;
  if (!node.outputs[index]) {
    throw new ShapeError(`output: ${node.op.name} has ${node.outputs.length} results: asked for result ${index}`);
  }
  return outputOp([node], { index });
}
