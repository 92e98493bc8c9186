// Trees: nested records and arrays with leaves, as parameters and batches are. Leaves are named by path, "0.weight".

export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

export type IsLeaf<Leaf> = (value: unknown) => value is Leaf;

/** What is left of a tree's type when each leaf of type `From` becomes `To`. */
export type MapTree<T, From, To> = T extends From
  ? To
  : T extends readonly unknown[] | object
    ? { [K in keyof T]: MapTree<T[K], From, To> }
    : T;

/** Calls `visit` for every leaf in a fixed order: array order, and for records the order of their keys. */
export function forEachLeaf<Leaf>(
  tree: unknown,
  isLeaf: IsLeaf<Leaf>,
  visit: (leaf: Leaf, path: string) => void,
  path = "",
): void {
  if (isLeaf(tree)) {
    visit(tree, path);
    return;
  }
  if (tree === null || typeof tree !== "object") return;
  for (const [name, child] of Object.entries(tree)) forEachLeaf(child, isLeaf, visit, path ? `${path}.${name}` : name);
}

/** The leaves of a tree with their paths, in the order of `forEachLeaf`. */
export function leavesOf<Leaf>(tree: unknown, isLeaf: IsLeaf<Leaf>): { path: string; leaf: Leaf }[] {
  const leaves: { path: string; leaf: Leaf }[] = [];
  forEachLeaf(tree, isLeaf, (leaf, path) => leaves.push({ path, leaf }));
  return leaves;
}

/** The same tree with every leaf replaced. */
export function mapTree<Leaf, To, T>(
  tree: T,
  isLeaf: IsLeaf<Leaf>,
  to: (leaf: Leaf, path: string) => To,
  path = "",
): MapTree<T, Leaf, To> {
  const walk = (node: unknown, at: string): unknown => {
    if (isLeaf(node)) return to(node, at);
    if (Array.isArray(node)) return node.map((child, i) => walk(child, at ? `${at}.${i}` : `${i}`));
    if (node === null || typeof node !== "object") return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, child]) => [name, walk(child, at ? `${at}.${name}` : name)]),
    );
  };
  return walk(tree, path) as MapTree<T, Leaf, To>;
}

/** Nested records of leaves named by path: the reverse of `leavesOf`. */
export function treeOf<Leaf>(leaves: Iterable<readonly [path: string, leaf: Leaf]>): {
  readonly [name: string]: unknown;
} {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of leaves) {
    const names = path.split(".");
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[names.at(-1) as string] = leaf;
  }
  return root;
}
