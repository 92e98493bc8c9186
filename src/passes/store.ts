// Decides which values get memory: what kernels compute, what must lie somewhere, and what is better stored than worked out again by each reader.
import { sizeOf } from "../core/shape.ts";
import type { Profile } from "../graph/form.ts";
import type { Node } from "../graph/node.ts";

/** More extra work than this is worth a dispatch and a round trip through memory. */
const WORTH_STORING = 262_144;
/** What storing an element and loading it again costs, in additions. */
const ROUND_TRIP = 12;
/** Work per element from which elementwise readers in different groups should not each repeat it. */
const WORTH_SHARING = 16;
/** A contraction this small is worked out where it is read … */
const WORTH_INLINING = 524_288;
/** … if, on a GPU, each result of the reader takes no more of its additions than this: they come one after the other, a dispatch sooner. */
const SERIAL = 128;

/** Who reads each node. */
export function usersOf(order: readonly Node[]): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>();
  for (const node of order) for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  return users;
}

/** Kernel nodes, and the pointwise values that are better stored than worked out again by each reader. */
export function chooseStored(
  order: readonly Node[],
  outputs: readonly Node[],
  forced: ReadonlySet<Node>,
  { family, within }: Profile,
): Set<Node> {
  const serial = family === "gpu" ? SERIAL : Number.POSITIVE_INFINITY;
  const users = usersOf(order);
  const must = new Set<Node>([...outputs, ...forced]);
  for (const node of order) {
    if (node.op.places) for (const input of node.inputs) must.add(input);
    if (node.op.watches) for (const input of node.inputs.slice(1)) must.add(input);
    for (const name of node.op.kernel?.raw ?? []) must.add(node.inputs[node.op.inputs.indexOf(name)] as Node);
  }
  const stored = new Set<Node>();
  const cost = new Map<Node, number>();
  const anchors = new Anchors(stored);
  for (const node of order) {
    const { pointwise, kernel } = node.op;
    if (node.op.leaf || node.op.places || node.op.watches || node.op.picks) continue;
    const readers = readersThroughViews(node, users, must);
    const isInlined = pointwise && !within && !must.has(node) && isSmallContraction(node, users, must, serial);
    if (kernel && !isInlined) {
      stored.add(node);
      continue;
    }
    if (!pointwise || kernel) continue; // a small contraction, already weighed
    const isAlias = pointwise.startsAt?.(node.inputs, node.attrs) !== undefined;
    const own = isAlias ? 0 : pointwise.work ? pointwise.work(node.inputs, node.attrs) : pointwise.cost;
    const total = node.inputs.reduce((sum, input) => sum + (cost.get(input) ?? 0), own);
    const isWorth = isWorthStoring(node, total, readers, anchors.of(node) !== undefined);
    if (must.has(node) || node.op.alone || isWorth || within?.isWorthStoring(node, total, users)) {
      stored.add(node);
    } else {
      cost.set(node, sizeOf(node.shape) === 1 ? Math.min(total, 1) : total); // one element is worked out once, ahead
    }
  }
  return stored;
}

/** Finds the kernel in whose store a value can be computed: whose result it follows element by element, needing nothing that comes of that result first. */
class Anchors {
  readonly #stored: ReadonlySet<Node>;
  readonly #known = new Map<Node, Node | undefined>();
  readonly #behind = new Map<Node, ReadonlySet<Node>>();

  constructor(stored: ReadonlySet<Node>) {
    this.#stored = stored;
  }

  of(node: Node): Node | undefined {
    if (this.#known.has(node)) return this.#known.get(node);
    const anchor = this.#kernelOf(node) ?? (node.op.pointwise?.aligned ? this.#followed(node) : undefined);
    this.#known.set(node, anchor);
    return anchor;
  }

  #followed(node: Node): Node | undefined {
    const anchors = node.inputs.map((input) => this.of(input));
    return anchors.find(
      (kernel) =>
        kernel && node.inputs.every((input, i) => anchors[i] === kernel || !this.#kernelsBehind(input).has(kernel)),
    );
  }

  /** The node whose shader file computes this value. */
  #kernelOf(node: Node): Node | undefined {
    if (node.op.picks) return node.inputs[0];
    return node.op.kernel && this.#stored.has(node) ? node : undefined;
  }

  /** Kernels that must have run before this value is known. */
  #kernelsBehind(node: Node): ReadonlySet<Node> {
    const known = this.#behind.get(node);
    if (known) return known;
    const own = this.#kernelOf(node);
    const all = new Set([...node.inputs.flatMap((input) => [...this.#kernelsBehind(input)]), ...(own ? [own] : [])]);
    this.#behind.set(node, all);
    return all;
  }
}

/** Who reads `node`, looking through reshapes that take no memory of their own. */
function readersThroughViews(node: Node, users: ReadonlyMap<Node, readonly Node[]>, must: ReadonlySet<Node>): Node[] {
  return (users.get(node) ?? []).flatMap((reader) =>
    isView(reader) && !must.has(reader) ? readersThroughViews(reader, users, must) : [reader],
  );
}

/** What a chain of views shows. */
function viewed(node: Node): Node {
  return isView(node) ? viewed(node.inputs[0] as Node) : node;
}

/** All elements of the input, in order. */
function isView(node: Node): boolean {
  const start = node.op.pointwise?.startsAt?.(node.inputs, node.attrs);
  return start === 0 && sizeOf(node.shape) === sizeOf((node.inputs[0] as Node).shape);
}

/** How often `reader` reads each element of `node`. */
export function readsBy(reader: Node, node: Node): number {
  const { pointwise, kernel } = reader.op;
  if (kernel) {
    const reads = typeof kernel.reads === "function" ? kernel.reads(reader.inputs, reader.attrs) : kernel.reads;
    return Math.max(...reader.inputs.map((input, i) => (viewed(input) === viewed(node) ? (reads?.[i] ?? 1) : 1)));
  }
  return Math.max(1, pointwise?.rereads?.(reader.inputs, reader, reader.attrs) ?? 1);
}

function isWorthStoring(node: Node, cost: number, readers: readonly Node[], anchored: boolean): boolean {
  const size = sizeOf(node.shape);
  if (cost === 0 || node.inputs.length === 0 || size === 0) return false;
  const crossing = readers.some((reader) => reader.op.kernel || !reader.op.pointwise?.aligned);
  if (anchored && crossing) return true; // it rides in a store that happens anyway
  if (size === 1) return false;
  let reads = 0;
  let elementwise = 0;
  for (const reader of readers) {
    if (reader.op.pointwise?.aligned && !reader.op.kernel) elementwise++;
    else reads += readsBy(reader, node);
  }
  reads += cost < WORTH_SHARING ? Math.min(1, elementwise) : elementwise; // cheap elementwise readers mostly end up in one group
  return size * (cost * (reads - 1) - ROUND_TRIP) > WORTH_STORING;
}

/** True for a contraction that one kernel reads and had better work out itself. `serial`: additions for each of its results. */
function isSmallContraction(
  node: Node,
  users: ReadonlyMap<Node, readonly Node[]>,
  must: ReadonlySet<Node>,
  serial: number,
): boolean {
  if (node.outputs.length > 1) return false;
  let value = node;
  for (;;) {
    const [reader, ...others] = users.get(value) ?? [];
    if (!reader || others.length > 0 || must.has(value)) return false;
    const { kernel, pointwise } = reader.op;
    if (kernel) {
      const at = reader.inputs.indexOf(value);
      if (kernel.raw?.includes(reader.op.inputs[at] ?? "")) return false;
      const work = node.op.pointwise?.work?.(node.inputs, node.attrs) ?? Number.POSITIVE_INFINITY;
      return (
        sizeOf(node.shape) * work * readsBy(reader, value) <= Math.min(WORTH_INLINING, serial * sizeOf(reader.shape))
      );
    }
    if (!pointwise?.aligned || pointwise.cost > 0) return false;
    value = reader;
  }
}
