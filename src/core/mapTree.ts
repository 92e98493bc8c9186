// Trees made of other trees, leaf by leaf.
import type { IsLeaf } from "./tree.ts";

/** What is left of a tree's type when each leaf of type `From` becomes `To`. */
export type MapTree<T, From, To> = T extends From
  ? To
  : T extends readonly unknown[] | object
    ? { [K in keyof T]: MapTree<T[K], From, To> }
    : T;

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
