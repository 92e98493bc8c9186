// What a group reads: the stored values at the ends of everything that is worked out on the way.
import type { Node } from "../graph/node.ts";

/** A stored value (or leaf) that an expression reads; `aligned` when only at the result's own index. */
export interface Reference {
  readonly node: Node;
  readonly aligned: boolean;
  /** The first element read, where only a contiguous run of `node` is: runs that start elsewhere are bound apart. */
  readonly start: number;
}

/** Looks through values that are not stored. Answers are remembered. */
export class Reader {
  readonly #stored: ReadonlySet<Node>;
  readonly #known = new Map<Node, readonly Reference[]>();

  constructor(stored: ReadonlySet<Node>) {
    this.#stored = stored;
  }

  /** True for nodes that run a shader file of their own. */
  isKernel(node: Node): boolean {
    return node.op.kernel !== undefined && this.#stored.has(node);
  }

  /** True for each result of such a node. */
  isKernelValue(node: Node): boolean {
    return node.op.picks !== undefined || this.isKernel(node);
  }

  /** True for values that lie in memory when somebody outside their group reads them. */
  isMaterial(node: Node): boolean {
    return this.#stored.has(node) || Boolean(node.op.leaf || node.op.places || node.op.watches || node.op.picks);
  }

  /** What the expression of `node` reads, each stored value once; it is aligned only if every reading is. */
  references(node: Node): readonly Reference[] {
    const known = this.#known.get(node);
    if (known) return known;
    const found = new Map<string, Reference>();
    const aligned = node.op.pointwise?.aligned ?? false;
    const note = (read: Node, isAligned: boolean, start: number) => {
      const key = `${read.id}+${start}`;
      found.set(key, { node: read, aligned: (found.get(key)?.aligned ?? true) && isAligned, start });
    };
    const run = this.#runOf(node);
    if (run) note(run.node, aligned && run.start === 0, run.start);
    for (const input of run ? [] : node.inputs) {
      if (this.isMaterial(input)) note(input, aligned, 0);
      else for (const inner of this.references(input)) note(inner.node, aligned && inner.aligned, inner.start);
    }
    const list = [...found.values()];
    this.#known.set(node, list);
    return list;
  }

  /** The stored value that `node` is a contiguous run of, if it is one. */
  #runOf(node: Node): { node: Node; start: number } | undefined {
    const shift = node.op.pointwise?.startsAt?.(node.inputs, node.attrs);
    const [input] = node.inputs;
    if (shift === undefined || !input) return undefined;
    if (this.isMaterial(input)) return { node: input, start: shift };
    const inner = this.#runOf(input);
    return inner && { node: inner.node, start: inner.start + shift };
  }

  /** What the loads of a kernel read. */
  inputsOf(kernel: Node): readonly Reference[] {
    return kernel.inputs.flatMap((input) =>
      this.isMaterial(input)
        ? [{ node: input, aligned: false, start: 0 }]
        : this.references(input).map((reference) => ({ ...reference, aligned: false })),
    );
  }

  /** The inlined value below `roots` to store when a group reads too much: the one that reads most, but at most `limit`. */
  busiestInlined(roots: readonly Node[], except: ReadonlySet<Node>, limit: number): Node | undefined {
    const seen = new Set<Node>();
    const walk = (node: Node) => {
      if (seen.has(node) || (this.isMaterial(node) && !roots.includes(node))) return;
      seen.add(node);
      node.inputs.forEach(walk);
    };
    roots.forEach(walk);
    const reads = (node: Node) => this.references(node).length;
    const inlined = [...seen].filter((node) => !this.isMaterial(node) && !except.has(node) && reads(node) > 1);
    const within = inlined.filter((node) => reads(node) <= limit).sort((a, b) => reads(b) - reads(a));
    return within[0] ?? inlined.sort((a, b) => reads(a) - reads(b))[0];
  }
}
