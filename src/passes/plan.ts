// Gives every stored value a place in memory: state where it lies, packed values in their pack, the rest in buffers shared by lifetime.
import { STORED_TYPE, storedBytes } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import { type Node, storageOf, topological } from "../graph/node.ts";
import type { Fusion, Group } from "./fuse.ts";
import { orderGroups, readsOf, stateBehind } from "./order.ts";

/** A piece of device memory: given from outside (state, inputs) or made by the program. */
export interface MemoryPlan {
  readonly id: number;
  /** The leaf whose memory this is. */
  readonly leaf?: Node;
  readonly kind: "leaf" | "pack" | "output" | "shared";
  readonly bytes: number;
}

/** Where a value lies: elements `offset` … of a memory. */
export interface Location {
  readonly memory: number;
  readonly offset: number;
}

export interface Plan {
  readonly groups: readonly Group[];
  readonly fusion: Fusion;
  readonly memories: readonly MemoryPlan[];
  readonly locationOf: ReadonlyMap<Node, Location>;
  /** Sum of the shared memories, and the least that any plan would need. */
  readonly shared: { readonly bytes: number; readonly peakLive: number };
}

/** What a graph must do with its results. */
export interface Outcome {
  /** Shares no memory between values, so that all of them can be looked at. */
  readonly keepsAll?: boolean;
  readonly outputs: readonly Node[];
  /** New state → the state (a leaf) whose memory it takes over. */
  readonly donations: ReadonlyMap<Node, Node>;
}

interface Tenant {
  readonly nodes: Node[];
  readonly bytes: number;
  birth: number;
  death: number;
}

/** Lays out the values of `fusion`. Donations that cannot happen in place must have been turned into copies before. */
export function plan(fusion: Fusion, { outputs, donations, keepsAll = false }: Outcome): Plan {
  const { groups, inPlace } = orderGroups(fusion, donations);
  const memories: MemoryPlan[] = [];
  const locationOf = new Map<Node, Location>();
  const take = (kind: MemoryPlan["kind"], bytes: number, leaf?: Node): number => {
    memories.push({ id: memories.length, kind, bytes, ...(leaf ? { leaf } : {}) });
    return memories.length - 1;
  };

  const order = topological([...outputs, ...donations.keys(), ...donations.values()]);
  for (const node of order) {
    if (node.op.leaf)
      locationOf.set(node, { memory: take("leaf", storedBytes(storageOf(node), sizeOf(node.shape)), node), offset: 0 });
  }
  for (const node of order) {
    if (!node.op.places) continue;
    const memory = take("pack", 4 * sizeOf(node.shape));
    locationOf.set(node, { memory, offset: 0 });
    const offsets = node.op.places(node.inputs, node.attrs);
    node.inputs.forEach((input, i) => {
      if (locationOf.has(input)) throw internal(`pack: ${input.op.name} already has a place`);
      locationOf.set(input, { memory, offset: offsets[i] as number });
    });
  }
  for (const node of order) {
    const state = inPlace.get(node) ?? stateBehind(node);
    const location = locationOf.get(state);
    if (state !== node && location) locationOf.set(node, location);
  }
  for (const node of outputs) {
    if (!locationOf.has(node)) locationOf.set(node, { memory: take("output", bytesOf(node)), offset: 0 });
  }

  const tenants = tenantsOf(groups, fusion, locationOf, keepsAll);
  const rooms: { memory: Tenant[]; bytes: number }[] = [];
  for (const tenant of tenants.toSorted((a, b) => b.bytes - a.bytes || a.birth - b.birth)) {
    const free = (keepsAll ? [] : rooms).filter((room) =>
      room.memory.every((other) => other.death < tenant.birth || tenant.death < other.birth),
    );
    const room = free.sort((a, b) => a.bytes - b.bytes)[0];
    if (room) room.memory.push(tenant);
    else rooms.push({ memory: [tenant], bytes: tenant.bytes });
  }
  for (const room of rooms) {
    const memory = take("shared", room.bytes);
    for (const node of room.memory.flatMap((tenant) => tenant.nodes)) locationOf.set(node, { memory, offset: 0 });
  }
  const bytes = rooms.reduce((sum, room) => sum + room.bytes, 0);
  return { groups, fusion, memories, locationOf, shared: { bytes, peakLive: peakOf(tenants, groups.length) } };
}

function bytesOf(node: Node): number {
  return 4 * sizeOf(node.shape);
}

/** Values that need a place of their own, each with the span of groups in which it must be kept; a value that can overwrite a dying one joins it. */
function tenantsOf(
  groups: readonly Group[],
  fusion: Fusion,
  placed: ReadonlyMap<Node, Location>,
  keepsAll: boolean,
): Tenant[] {
  const tenantOf = new Map<Node, Tenant>();
  const lastRead = new Map<Node, number>();
  groups.forEach((group, at) => {
    const { loads, stores } = readsOf(group, fusion);
    for (const { node } of [...loads, ...stores]) lastRead.set(node, at);
  });
  groups.forEach((group, at) => {
    const { loads, stores } = readsOf(group, fusion);
    const loaded = new Set(loads.map(({ node }) => node));
    const taken = new Set<Tenant>();
    const isOneList = !keepsAll && group.values.filter((list) => list.length > 0).length === 1;
    for (const node of group.values.flat()) {
      if (!fusion.written.has(node) || placed.has(node)) continue;
      const death = lastRead.get(node) ?? at;
      const dying = stores.find(({ node: read, aligned }) => {
        const tenant = tenantOf.get(read);
        const isAlike = STORED_TYPE[read.dtype] === STORED_TYPE[node.dtype] && tenant?.bytes === bytesOf(node);
        const fits = tenant && isAlike && tenant.death === at && !taken.has(tenant);
        const alignedOnly = stores.every((other) => other.node !== read || other.aligned);
        return (
          isOneList && fits && aligned && alignedOnly && !loaded.has(read) && sizeOf(read.shape) === sizeOf(node.shape)
        );
      });
      const tenant = dying && tenantOf.get(dying.node);
      if (tenant) {
        tenant.nodes.push(node);
        tenant.death = death;
        taken.add(tenant);
        tenantOf.set(node, tenant);
      } else {
        tenantOf.set(node, { nodes: [node], bytes: bytesOf(node), birth: at, death });
      }
    }
  });
  return [...new Set(tenantOf.values())];
}

function peakOf(tenants: readonly Tenant[], steps: number): number {
  let peak = 0;
  for (let at = 0; at < steps; at++) {
    let live = 0;
    for (const { birth, death, bytes } of tenants) if (birth <= at && at <= death) live += bytes;
    peak = Math.max(peak, live);
  }
  return peak;
}
