// Functions of a trainer's model as it is: their programs read the arrays that training writes. Loaded only where they are wanted.
import { type Compiled, type CompileOptions, compile } from "../compile.ts";
import type { Node } from "../graph/node.ts";
import type { ApplyContext, NodeTree } from "../nn/layer.ts";
import { nodesOf, parameterTree } from "./slots.ts";
import type { ModelState } from "./state.ts";
import { type Blueprint, forward } from "./step.ts";

/** A trainer's model inside a compiled function. */
export interface ModelInGraph {
  /** All parameters, nested as the layers are: whatever they are when the function runs. */
  readonly parameters: NodeTree;
  /** What the model makes of a batch `x` [batch, ...input], dropout left out. `note` is told the output of each layer by its path. */
  apply(x: Node, options?: Pick<ApplyContext, "note">): Node;
}

/** Compiles `fn` of the model and of tensors of the given shapes. */
export function compileModel<Result>(
  blueprint: Blueprint,
  state: ModelState,
  fn: (model: ModelInGraph, ...args: Node[]) => Result,
  specs: readonly unknown[],
  options?: CompileOptions,
): Promise<Compiled<Result>> {
  const leaves = nodesOf(blueprint.slots, state.arrays);
  const model: ModelInGraph = {
    parameters: parameterTree(blueprint.slots, leaves),
    apply: (x, more = {}) => forward(blueprint, leaves, x, { ...more, counter: state.counter.node, training: false }),
  };
  return compile(state.device, (...args) => fn(model, ...args), specs, options);
}
