// What becomes of each parameter of a model, and where it lies: parameters of one role are packed in one array.
import { ShapeError } from "../core/error.ts";
import { type Shape, sameShape, showShape } from "../core/shape.ts";
import { treeOf } from "../core/tree.ts";
import type { Node } from "../graph/node.ts";
import type { ApplyContext, NodeTree, Parameter } from "../nn/layer.ts";
import { unpack } from "../ops/state.ts";
import type { Tensor } from "../tensor.ts";

/** What changes a parameter: the optimiser ("trained"), a layer that keeps statistics ("running"), or nothing ("fixed"). */
export type Role = "trained" | "running" | "fixed";

/** A parameter's name, shape and role. */
export interface ParameterSlot {
  readonly path: string;
  readonly shape: Shape;
  readonly role: Role;
}

/** The array of each role; a role that no parameter has needs none. */
export type Arrays = Readonly<Record<Role, Tensor | undefined>>;

/** The slots of one role, in order. */
export function slotsOf(slots: readonly ParameterSlot[], role: Role): ParameterSlot[] {
  return slots.filter((slot) => slot.role === role);
}

/** The parameters inside a graph, in the order of `slots`: views into the arrays of their roles. */
export function nodesOf(slots: readonly ParameterSlot[], arrays: Arrays): Node[] {
  const shapesOf = (role: Role) => slotsOf(slots, role).map(({ shape }) => shape);
  const viewsOf = (role: Role) => {
    const array = arrays[role];
    return (array ? unpack(array.node, shapesOf(role)) : []).values();
  };
  const views = { trained: viewsOf("trained"), running: viewsOf("running"), fixed: viewsOf("fixed") };
  return slots.map(({ role }) => views[role].next().value as Node);
}

/** Parameters as the tree that layers take. */
export function parameterTree(slots: readonly ParameterSlot[], nodes: readonly Node[]): NodeTree {
  return treeOf(slots.map(({ path }, i) => [path, nodes[i] as Node] as const)) as NodeTree;
}

/** Collects what layers say that their statistics become: `next`, by parameter. */
export function replacements(slots: readonly ParameterSlot[], nodes: readonly Node[]) {
  const next = new Map<Node, Node>();
  /** What goes into `ApplyContext.replace`. @throws ShapeError for another shape, and for what is no such parameter */
  const replace: NonNullable<ApplyContext["replace"]> = (state, value) => {
    const slot = slots[nodes.indexOf(state)];
    if (!slot || slot.role === "trained") {
      throw new ShapeError(
        `replace: ${slot ? `parameter ${slot.path} is trained` : "this is no parameter"}: only those that are not trainable can be replaced`,
      );
    }
    if (!sameShape(state.shape, value.shape) || value.dtype !== "f32") {
      throw new ShapeError(
        `replace: parameter ${slot.path} is f32 ${showShape(state.shape)}: got ${value.dtype} ${showShape(value.shape)}`,
      );
    }
    next.set(state, value);
  };
  return { next, replace };
}

/** A parameter with its name, as `init` gave it. */
export type Leaf = Parameter & { readonly path: string };

export const isTrained = ({ isTrainable = true }: Leaf): boolean => isTrainable;
