// Trees: nested records and arrays with leaves, as parameters and batches are. Leaves are named by path, "0.weight".

export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

export type IsLeaf<Leaf> = (value: unknown) => value is Leaf;

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
