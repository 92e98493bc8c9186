// Reverse-mode differentiation: a graph in, a larger graph out.
import { ShapeError } from "../core/error.ts";
import { showShape } from "../core/shape.ts";
import { type Node, topological } from "../graph/node.ts";
import { within } from "../graph/origin.ts";
import { add } from "../ops/arithmetic.ts";
import { fill, zerosLike } from "../ops/constant.ts";

/** Gradients of a scalar `y` with respect to nodes. Zeros where y does not depend on one. */
export function gradients(y: Node, wrt: readonly Node[]): Node[] {
  if (y.shape.length !== 0 && y.shape.some((extent) => extent !== 1)) {
    throw new ShapeError(`grad: the function must return a scalar: got ${showShape(y.shape)}. Take its mean or sum`);
  }
  return autodiff(y, fill(y.shape, 1), wrt).map((gradient, i) => gradient ?? zerosLike(wrt[i] as Node));
}

/** The gradients of Σ dy·y with respect to `wrt`: undefined where y does not depend on it. `dy` defaults to 1 for a scalar y. */
export function autodiff(y: Node, dy: Node, wrt: readonly Node[]): (Node | undefined)[] {
  const needed = dependents(y, wrt);
  const grads = new Map<Node, (Node | undefined)[]>([[y, [dy]]]);
  for (const node of topological([y]).reverse()) {
    const dys = grads.get(node);
    if (!dys || !node.inputs.some((input) => needed.has(input))) continue;
    if (node.op.picks) {
      accumulate(grads, node.inputs[0] as Node, dys[0] as Node, node.op.picks(node.attrs));
      continue;
    }
    const [first] = dys;
    const { grad } = node.op;
    if (!grad) {
      if (node.dtype !== "f32") continue;
      throw new ShapeError(
        `grad: ${node.op.name} has no gradient: its result ${showShape(node.shape)} is on the path to what is differentiated`,
      );
    }
    within({ ...node.origin, isBackward: true }, () => {
      const given = grad({ x: node.inputs, y: node, dy: first ?? zerosLike(node), dys, attrs: node.attrs });
      node.inputs.forEach((input, i) => {
        const gradient = given[i];
        if (gradient && input.dtype === "f32" && needed.has(input)) accumulate(grads, input, gradient, 0);
      });
    });
  }
  return wrt.map((x) => grads.get(x)?.[0]);
}

function accumulate(grads: Map<Node, (Node | undefined)[]>, node: Node, gradient: Node, index: number): void {
  const list = grads.get(node) ?? [];
  const before = list[index];
  list[index] = before ? add(before, gradient) : gradient;
  grads.set(node, list);
}

/** Nodes on a path from `wrt` to `y`. */
function dependents(y: Node, wrt: readonly Node[]): Set<Node> {
  const needed = new Set<Node>(wrt);
  for (const node of topological([y])) {
    if (node.inputs.some((input) => needed.has(input))) needed.add(node);
  }
  return needed;
}
