// What a group reads: the stored values at the ends of everything that is worked out on the way.
import { type Node, topological } from "../graph/node.ts";

/** A stored value (or leaf) that an expression reads; `aligned` when only at the result's own index. */
export interface Reference {
  readonly node: Node;
  readonly aligned: boolean;
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
    const found = new Map<Node, boolean>();
    const aligned = node.op.pointwise?.aligned ?? false;
    const note = (read: Node, isAligned: boolean) => found.set(read, (found.get(read) ?? true) && isAligned);
    for (const input of node.inputs) {
      if (this.isMaterial(input)) note(input, aligned);
      else for (const reference of this.references(input)) note(reference.node, aligned && reference.aligned);
    }
    const list = [...found].map(([read, isAligned]) => ({ node: read, aligned: isAligned }));
    this.#known.set(node, list);
    return list;
  }

  /** What the loads of a kernel read. */
  inputsOf(kernel: Node): readonly Reference[] {
    return kernel.inputs.flatMap((input) =>
      this.isMaterial(input)
        ? [{ node: input, aligned: false }]
        : this.references(input).map(({ node }) => ({ node, aligned: false })),
    );
  }

  /** The inlined value below `roots` that reads most: the one to store when a group reads too much. */
  busiestInlined(roots: readonly Node[], except: ReadonlySet<Node>): Node | undefined {
    const inlined: Node[] = [];
    const walk = (node: Node) => {
      if (inlined.includes(node)) return;
      if (!this.isMaterial(node) && node.inputs.length > 0 && !except.has(node)) inlined.push(node);
      if (!this.isMaterial(node) || roots.includes(node)) node.inputs.forEach(walk);
    };
    roots.forEach(walk);
    const topmost = inlined.filter((node) => !roots.includes(node) && this.references(node).length > 1);
    return topmost.sort((a, b) => this.references(b).length - this.references(a).length)[0];
  }
}

/** All leaves below `roots`. */
export function leavesBelow(roots: readonly Node[]): Node[] {
  return topological(roots).filter((node) => node.op.leaf);
}
