// Decides which values get memory and which kernel computes what. One group is one dispatch: a kernel (or none) with pointwise
// values computed in its loads and stores. Everything that is not stored is computed where it is read.
import { sizeOf } from "../core/shape.ts";
import type { Profile } from "../graph/form.ts";
import { type Node, topological } from "../graph/node.ts";
import { Reader, type Reference } from "./references.ts";
import { chooseStored, usersOf } from "./store.ts";

/** One dispatch. */
export interface Group {
  readonly index: number;
  /** The node whose shader file runs; undefined for a purely pointwise group. */
  readonly kernel: Node | undefined;
  /** Values computed at each result of the kernel, inputs first (pointwise groups have one list). */
  readonly values: Node[][];
  /** Flags that this group raises: [value, flag]. */
  readonly watches: [Node, Node][];
}

export interface Fusion {
  readonly groups: readonly Group[];
  /** Where a stored value is computed. */
  readonly placeOf: ReadonlyMap<Node, Place>;
  /** Values that go to memory. */
  readonly written: ReadonlySet<Node>;
  readonly reader: Reader;
}

export interface Place {
  readonly group: Group;
  /** The kernel result it hangs on. */
  readonly result: number;
}

/** Groups the graph of `outputs` for an adapter. `donations`: outputs that replace a state → that state (a leaf). */
export function fuse(
  outputs: readonly Node[],
  profile: Profile,
  donations: ReadonlyMap<Node, Node> = new Map(),
): Fusion {
  const changes: Changes = { stored: new Set(), apart: new Set() };
  for (;;) {
    const fusion = attempt(outputs, profile, donations, changes);
    if ("groups" in fusion) return fusion;
    changes[fusion.change].add(fusion.node);
  }
}

/** What must be done so that no group binds too much. */
interface Changes {
  /** Values that are stored although they could be worked out where they are read. */
  readonly stored: Set<Node>;
  /** Values that join no group of others. */
  readonly apart: Set<Node>;
}

function attempt(
  outputs: readonly Node[],
  profile: Profile,
  donations: ReadonlyMap<Node, Node>,
  { stored: forced, apart }: Changes,
): Fusion | { change: keyof Changes; node: Node } {
  const order = topological(outputs);
  const stored = chooseStored(order, outputs, forced, profile);
  const reader = new Reader(stored);
  const groups: Group[] = [];
  const placeOf = new Map<Node, Place>();
  const dependencies = new Map<Group, Set<Group>>();

  const groupsBehind = (node: Node): Group[] => {
    if (node.op.places || node.op.watches) return node.inputs.flatMap(groupsBehind);
    const place = placeOf.get(node);
    return place ? [place.group] : [];
  };
  const dependsOn = (group: Group, on: Group, seen = new Set<Group>()): boolean => {
    if (group === on) return true;
    if (seen.has(group)) return false;
    seen.add(group);
    for (const next of dependencies.get(group) ?? []) if (dependsOn(next, on, seen)) return true;
    return false;
  };
  const referencesOf = (group: Group): Reference[] => [
    ...(group.kernel ? reader.inputsOf(group.kernel) : []),
    ...group.values.flat().flatMap((node) => (reader.isKernelValue(node) ? [] : reader.references(node))),
  ];
  const memories = (group: Group, extra: Node | undefined): number => {
    const own = [...group.values.flat(), ...(extra ? [extra] : [])];
    const references = [...referencesOf(group), ...(extra ? reader.references(extra) : [])];
    const read = new Set(
      references.filter(({ node }) => !own.includes(node)).map(({ node, start }) => `${node.id}+${start}`),
    );
    const written = own.filter(
      (node) => !reader.isKernelValue(node) || outputs.includes(node) || leavesGroup(node, group, extra),
    );
    // an output that replaces a state shares that state's binding
    const states = new Set(references.map(({ node }) => node).filter((node) => node.op.leaf));
    const inPlace = written.filter((node) => states.has(donations.get(node) as Node));
    const flag = own.some((node) => watched.has(node)) ? 1 : 0;
    return read.size + written.length + flag - inPlace.length;
  };
  const users = usersOf(order);
  // read by somebody outside the group; who has no place yet may still join
  const leavesGroup = (node: Node, group: Group, extra: Node | undefined): boolean =>
    (users.get(node) ?? []).some((user) => {
      if (user === extra || user.op.picks) return false;
      if (stored.has(user)) return !user.op.pointwise?.aligned || (placeOf.get(user)?.group ?? group) !== group;
      return !user.op.pointwise?.aligned || leavesGroup(user, group, extra);
    });
  const watched = new Map<Node, Node>();
  for (const node of order) if (node.op.watches) for (const input of node.inputs.slice(1)) watched.set(input, node);

  const enter = (node: Node, group: Group, result: number): void => {
    group.values[result]?.push(node);
    placeOf.set(node, { group, result });
    const flag = watched.get(node);
    if (flag) group.watches.push([node, flag]);
    const behind = dependencies.get(group) ?? new Set<Group>();
    for (const { node: read } of reader.isKernelValue(node)
      ? reader.inputsOf(group.kernel as Node)
      : reader.references(node)) {
      for (const other of groupsBehind(read)) if (other !== group) behind.add(other);
    }
    dependencies.set(group, behind);
  };
  const mayJoin = (node: Node, group: Group, result: number): boolean => {
    const name = group.kernel?.op.results[result];
    if (name && group.kernel?.op.kernel?.rawResults?.includes(name)) return false;
    for (const { node: read, aligned } of reader.references(node)) {
      const place = placeOf.get(read);
      if (place?.group === group) {
        if (!aligned || place.result !== result || sizeOf(read.shape) !== sizeOf(node.shape)) return false;
      } else if (groupsBehind(read).some((other) => dependsOn(other, group))) return false;
    }
    return memories(group, node) <= profile.storageBuffers;
  };

  for (const node of order) {
    if (reader.isKernel(node)) {
      const group: Group = { index: groups.length, kernel: node, values: node.outputs.map(() => []), watches: [] };
      groups.push(group);
      enter(node, group, 0);
    } else if (reader.isKernelValue(node)) {
      const { group } = placeOf.get(node.inputs[0] as Node) as Place;
      enter(node, group, node.op.picks?.(node.attrs) ?? 0);
    } else if (stored.has(node)) {
      const place = (node.op.alone || apart.has(node) ? undefined : bestPlace(node)) ?? {
        group: newPointwise(),
        result: 0,
      };
      enter(node, place.group, place.result);
    }
  }
  for (const group of groups) {
    if (memories(group, undefined) <= profile.storageBuffers) continue;
    const roots = group.kernel ? group.kernel.inputs : (group.values[0] ?? []);
    const store = reader.busiestInlined(roots, forced, profile.storageBuffers - 1);
    // who joined last found room, but since then a value before it may have turned out to be read elsewhere
    const joined = group.values.flat().filter((node) => !reader.isKernelValue(node));
    const last = joined.slice(group.kernel ? 0 : 1).at(-1);
    if (last && (!store || sizeOf(last.shape) <= sizeOf(store.shape))) return { change: "apart", node: last };
    if (store) return { change: "stored", node: store };
  }

  function newPointwise(): Group {
    const group: Group = { index: groups.length, kernel: undefined, values: [[]], watches: [] };
    groups.push(group);
    return group;
  }
  function bestPlace(node: Node): Place | undefined {
    const references = reader.references(node);
    const size = sizeOf(node.shape);
    const followed = references.filter((reference) => reference.aligned && sizeOf(reference.node.shape) === size);
    const candidates = followed.map((reference) => placeOf.get(reference.node)).filter((place) => place !== undefined);
    candidates.sort((a, b) => b.group.index - a.group.index);
    for (const { group, result } of candidates)
      if (!group.values[result]?.[0]?.op.alone && mayJoin(node, group, result)) return { group, result };
    const read = new Set(references.map((reference) => reference.node));
    for (const group of groups.toReversed()) {
      const first = group.values[0]?.[0];
      if (group.kernel || !first || first.op.alone || sizeOf(first.shape) !== size) continue;
      const shares = referencesOf(group).some((reference) => read.has(reference.node));
      if (shares && mayJoin(node, group, 0)) return { group, result: 0 };
    }
    return undefined;
  }

  return { groups, placeOf, written: findWritten(order, outputs, groups, placeOf, referencesOf), reader };
}

/** Values that someone outside their own group reads. */
function findWritten(
  order: readonly Node[],
  outputs: readonly Node[],
  groups: readonly Group[],
  placeOf: ReadonlyMap<Node, Place>,
  referencesOf: (group: Group) => Reference[],
): Set<Node> {
  const written = new Set<Node>(outputs.filter((node) => placeOf.has(node)));
  for (const node of order) if (node.op.places) for (const input of node.inputs) written.add(input);
  for (const group of groups) {
    for (const { node } of referencesOf(group))
      if (placeOf.has(node) && placeOf.get(node)?.group !== group) written.add(node);
    if (!group.kernel?.op.inPlace) continue;
    for (const node of group.values.flat()) written.add(node);
  }
  return written;
}
