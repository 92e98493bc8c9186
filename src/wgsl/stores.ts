// What a group stores: the lines that work out the values hanging on one result and put away what somebody else reads.
import type { Node } from "../graph/node.ts";
import { floatLibrary } from "../ops/libraries.ts";
import type { Group } from "../passes/fuse.ts";
import { Body, type BodyOptions, behind, encode, type Module } from "./expression.ts";
import type { FourPlaces, Places } from "./places.ts";

/** Where the values of an element go. */
export interface Sink {
  /** The name of the element's index. */
  readonly index: string;
  /** The name of what the kernel gives; "value" when left out. */
  readonly given?: string;
  /** The statement that stores a value, if there is one. */
  readonly store: (node: Node, name: string) => string | undefined;
  /** The statement that raises a flag; watches are left out where there is none. */
  readonly flag?: (flag: Node) => string;
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
  { index, given = "value", store, flag: raise }: Sink,
): string[] {
  const lines: string[] = [];
  for (const node of group.values[result] ?? []) {
    const isOwn = group.kernel === node || (group.kernel !== undefined && node.op.picks !== undefined);
    if (isOwn) body.give(node, index, given);
    const name = body.value(node, index);
    const stored = store(node, name);
    if (stored) lines.push(stored);
    for (const [watched, flag] of group.watches) {
      if (watched === node && raise) lines.push(raisedUnless([name], raise(flag), module));
    }
  }
  return lines;
}

/** The statement that raises a flag unless all numbers are finite. */
function raisedUnless(names: readonly string[], raise: string, module: Pick<Module, "use">): string {
  module.use(floatLibrary);
  return `if (!(${names.map((name) => `is_finite(${name})`).join(" & ")})) { ${raise} }`;
}

export const AXES = ["x", "y", "z", "w"] as const;

/** The lines that do the same for elements `i` … `i` + 3 at once; undefined where something is not read at its own element. */
export function storeFourLines(
  group: Group,
  result: number,
  places: FourPlaces,
  module: Module,
  options: BodyOptions,
): { readonly body: Body; readonly stores: readonly string[] } | undefined {
  const nodes = group.values[result] ?? [];
  if (!places.holdsFours(nodes)) return undefined;
  const read: Module["read"] = (node, index, offset) => {
    const [first, by = 0] = body.fourOf(index) ?? [];
    const four = first && places.readFour(node, first, offset);
    return four ? `${body.local("vec4f", four)}.${AXES[by]}` : places.read(node, index, offset);
  };
  const body: Body = new Body({ ...module, read }, { ...options, inFours: true });
  const lanes = new Map<Node, string[]>();
  AXES.forEach((_, lane) => {
    const index = behind("i", lane);
    const store = (node: Node, name: string) => void lanes.set(node, [...(lanes.get(node) ?? []), name]);
    storeLines(group, result, body, module, { index, given: `v${lane}`, store });
  });
  const flags = group.watches.flatMap(([watched, flag]) => {
    const names = lanes.get(watched);
    return names ? [raisedUnless(names, places.flag(flag), module)] : [];
  });
  const isApart = [...body.ahead, ...body.lines].some((line) => /\(i \+ [1-3]u\)/.test(line));
  if (isApart || !places.holdsFours(nodes)) return undefined; // what was read may have bound the same memory otherwise
  const stores = nodes.flatMap((node) => {
    const target = places.targetFour(node);
    return target ? [`${target} = vec4f(${lanes.get(node)?.join(", ")});`] : [];
  });
  return { body, stores: [...stores, ...flags] };
}
