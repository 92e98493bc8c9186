// What gradients of piecewise functions are made of.
import type { Node } from "../graph/node.ts";
import { where } from "./arithmetic.ts";
import { zerosLike } from "./constant.ts";

/** dy where `condition` holds, 0 elsewhere. */
export function passWhere(condition: Node, dy: Node): Node {
  return where(condition, dy, zerosLike(dy));
}
