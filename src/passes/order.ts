// Puts groups in the order in which they run, and decides which new state can be written over the old one.
import { sizeOf } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import type { Fusion, Group, Place } from "./fuse.ts";
import type { Reference } from "./references.ts";

/** Everything a group reads, split by where it reads it. */
export interface Reads {
  /** In the kernel's loads. */
  readonly loads: readonly Reference[];
  /** In pointwise values, at each stored element. */
  readonly stores: readonly Reference[];
}

export function readsOf(group: Group, fusion: Fusion): Reads {
  const { reader } = fusion;
  return {
    loads: group.kernel ? reader.inputsOf(group.kernel) : [],
    stores: group.values.flat().flatMap((node) => (reader.isKernelValue(node) ? [] : reader.references(node))),
  };
}

/** The values that a group takes from memory and those that it leaves there. */
export function trafficOf(group: Group, fusion: Fusion): { readonly reads: Node[]; readonly writes: Node[] } {
  const { loads, stores } = readsOf(group, fusion);
  const read = new Set([...loads, ...stores].map(({ node }) => node));
  return {
    reads: [...read].filter((node) => fusion.placeOf.get(node)?.group !== group),
    writes: group.values.flat().filter((node) => fusion.written.has(node)),
  };
}

export interface Order {
  readonly groups: readonly Group[];
  /** New state → the old state whose memory it takes; the rest of the donations need a copy at the end. */
  readonly inPlace: ReadonlyMap<Node, Node>;
}

/** Orders `fusion` such that every state is read before it is replaced. `donations` maps new state to old state (a leaf). */
export function orderGroups(fusion: Fusion, donations: ReadonlyMap<Node, Node>): Order {
  const inPlace = new Map([...donations].filter(([value, state]) => mayReplace(value, state, fusion)));
  for (;;) {
    const { groups, stuck } = sort(fusion, inPlace);
    if (stuck.length === 0) return { groups, inPlace };
    const victim = [...inPlace.keys()].find(
      (value) => stuck.includes((fusion.placeOf.get(value) as Place).group) && !replaces(value),
    );
    if (!victim) throw new Error("internal: groups depend on each other");
    inPlace.delete(victim);
  }
}

/** The input whose memory a value takes over by its op's own rule. */
export function replaces(value: Node): Node | undefined {
  const producer = value.op.picks ? (value.inputs[0] as Node) : value;
  const index = value.op.picks?.(value.attrs) ?? 0;
  const input = producer.op.inPlace?.[index];
  return input === undefined ? undefined : producer.inputs[input];
}

/** The memory `node` shares by its op's own rule, followed to its start. */
export function stateBehind(node: Node): Node {
  const before = replaces(node);
  return before ? stateBehind(before) : node;
}

/** New state may overwrite old state element by element if nobody in its group reads the old one elsewhere. */
function mayReplace(value: Node, state: Node, fusion: Fusion): boolean {
  if (stateBehind(value) === state) return true;
  const place = fusion.placeOf.get(value);
  if (!place || value.op.watches || sizeOf(value.shape) !== sizeOf(state.shape)) return false;
  if (place.group.values.filter((list) => list.length > 0).length > 1) return false; // other results store at other times
  const { loads, stores } = readsOf(place.group, fusion);
  return !loads.some(({ node }) => node === state) && stores.every(({ node, aligned }) => node !== state || aligned);
}

function sort(fusion: Fusion, inPlace: ReadonlyMap<Node, Node>): { groups: Group[]; stuck: Group[] } {
  const before = new Map<Group, Set<Group>>(fusion.groups.map((group) => [group, new Set()]));
  const groupsBehind = (node: Node): Group[] => {
    if (node.op.places || node.op.watches) return node.inputs.flatMap(groupsBehind);
    const place = fusion.placeOf.get(node);
    return place ? [place.group] : [];
  };
  const readersOf = new Map<Node, Group[]>();
  for (const group of fusion.groups) {
    const { loads, stores } = readsOf(group, fusion);
    for (const { node } of [...loads, ...stores]) {
      readersOf.set(node, [...(readersOf.get(node) ?? []), group]);
      for (const other of groupsBehind(node)) if (other !== group) before.get(group)?.add(other);
    }
  }
  for (const [value, state] of [...inPlace, ...ownReplacements(fusion)]) {
    const writer = fusion.placeOf.get(value)?.group;
    if (!writer) continue;
    for (const reader of readersOf.get(state) ?? []) if (reader !== writer) before.get(writer)?.add(reader);
  }
  const groups: Group[] = [];
  const left = new Set(fusion.groups);
  for (;;) {
    const next = [...left].find((group) => [...(before.get(group) ?? [])].every((other) => !left.has(other)));
    if (!next) return { groups, stuck: [...left] };
    groups.push(next);
    left.delete(next);
  }
}

function ownReplacements(fusion: Fusion): [Node, Node][] {
  return [...fusion.placeOf.keys()].flatMap((value) => {
    const state = replaces(value);
    return state ? [[value, state] as [Node, Node]] : [];
  });
}
