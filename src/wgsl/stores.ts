// What a group stores: the lines that work out the values hanging on one result and put away what somebody else reads.
import type { Node } from "../graph/node.ts";
import { floatLibrary } from "../ops/libraries.ts";
import type { Group } from "../passes/fuse.ts";
import { type Body, encode, type Module } from "./expression.ts";
import type { Places } from "./places.ts";

/** Where the values of an element go. */
export interface Sink {
  /** The name of the element's index. */
  readonly index: string;
  /** The statement that stores a value, if there is one. */
  readonly store: (node: Node, name: string) => string | undefined;
  /** The statement that raises a flag. */
  readonly flag: (flag: Node) => string;
}

/** Element `i` of each value in memory. */
export function sinkOf(places: Places): Sink {
  return {
    index: "i",
    store: (node, name) => {
      const target = places.target(node, "i");
      return target && `${target} = ${encode(name, node.dtype)};`;
    },
    flag: (flag) => places.flag(flag),
  };
}

/** Computes the values that hang on one result, then stores what somebody else reads. */
export function storeLines(
  group: Group,
  result: number,
  body: Body,
  module: Pick<Module, "use">,
  { index, store, flag: raise }: Sink,
): string[] {
  const lines: string[] = [];
  for (const node of group.values[result] ?? []) {
    const isOwn = group.kernel === node || (group.kernel !== undefined && node.op.picks !== undefined);
    if (isOwn) body.give(node, index, "value");
    const name = body.value(node, index);
    const stored = store(node, name);
    if (stored) lines.push(stored);
    for (const [watched, flag] of group.watches) {
      if (watched !== node) continue;
      module.use(floatLibrary);
      lines.push(`if (!is_finite(${name})) { ${raise(flag)} }`);
    }
  }
  return lines;
}
