// Where the values that a group reads and writes lie, as its text names them: in bound memory, or in one kernel's own.
import type { Node } from "../graph/node.ts";

export interface Places {
  /** The same places by vectors of four, where memory may be bound so. */
  readonly fours?: FourPlaces;
  /** WGSL that reads element `index` + `offset` of a value that lies in memory; undefined when it does not, for this group. */
  read(node: Node, index: string, offset: number): string | undefined;
  /** The WGSL place where a value of this group is stored; undefined when nobody else reads it. */
  target(node: Node, index: string): string | undefined;
  /** The statement that raises a flag. */
  flag(flag: Node): string;
}

/** Places in memory that may be bound as vectors. */
export interface FourPlaces extends Places {
  /** The same as `read` for elements `first` + `offset` … + 3 of an f32 value, or of bytes; undefined where they are not one aligned vector. */
  readFour(node: Node, first: string, offset: number): string | undefined;
  /** The place of elements `i` … `i` + 3 of a value, where `holdsFours`. */
  targetFour(node: Node): string | undefined;
  /** True where these values of the group, if they are stored, are stored as aligned vectors. */
  holdsFours(nodes: readonly Node[]): boolean;
}
