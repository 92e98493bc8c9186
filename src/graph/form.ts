// The two ways an op runs on a GPU: an expression per element, or a shader file with functions as holes.
import type { Node, Spec } from "./node.ts";

/** What a pointwise op sees while its element is written as WGSL. */
export interface PointwiseContext<A> {
  readonly attrs: A;
  readonly inputs: readonly Spec[];
  readonly output: Spec;
  /** The linear index of the result element: a u32 expression without side effects. */
  readonly index: string;
  /** Element `index` of input `input` (its own linear index) as an expression. */
  readonly load: (input: number, index: string) => string;
  /** Binds an expression to a name. */
  readonly local: (type: string, expression: string) => string;
  /** A running sum: starts from `initial`, adds `term(k)` for k below `count`; returns its name. */
  readonly accumulate: (type: string, initial: string, count: number, term: (k: string) => string) => string;
  /** Makes the functions of a shader library available, given its text. */
  readonly use: (library: string) => void;
}

/** What adapters differ in, as far as kernels care. */
export interface Profile {
  readonly family: "software" | "gpu";
  /** Lanes of a subgroup when fixed and usable; undefined without subgroups. */
  readonly subgroup?: number;
  /** Lanes that the adapter computes at a time, whether or not it has subgroups; undefined where it does not say. */
  readonly width?: number;
  /** Most storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  /** Most workgroups in one dimension. */
  readonly workgroups: number;
  /** Threads of the workgroup in which whole steps of a small network run as one kernel, the first number that serves; undefined where they never do. */
  readonly solo?: readonly number[];
  /** How matrix products are done. */
  readonly products?: Products;
  /** In such a kernel: what is done otherwise there. */
  readonly within?: Within;
  /** For tests and tuning: one of the forms that a kernel may take, by name; undefined leaves the choice to the kernel. */
  readonly choose?: (choice: string, forms: readonly string[]) => string | undefined;
}

/** What differs inside a kernel that runs a whole step. It comes with the code that makes such kernels, which is loaded where it is needed. */
export interface Within {
  /** Threads of the workgroup. */
  readonly lanes: number;
  /** Whether a value of so much work an element is better stored than worked out by each of its readers. */
  readonly isWorthStoring: (node: Node, work: number, users: ReadonlyMap<Node, readonly Node[]>) => boolean;
}

/** Kernels for matrix products that suit an adapter. They come with code that is loaded for it. */
export interface Products {
  /** In how many parts the sums of a product are best worked out, and what adds up their results. In one part when left out. */
  readonly split?: {
    readonly partsOf: (product: ProductSizes, profile: Profile) => number;
    readonly sumParts: (results: readonly Node[]) => Node;
  };
  /** With `parts`, the results are sums of so many parts of the k's. */
  readonly kernel: (product: ProductSizes, context: Omit<KernelContext<unknown>, "attrs">, parts?: number) => Kernel;
}

/** One product: its sizes, and the steps between elements along each axis. */
export interface ProductSizes {
  readonly B: number;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly a_m: number;
  readonly a_k: number;
  readonly b_k: number;
  readonly b_n: number;
}

export interface KernelContext<A> {
  readonly attrs: A;
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly profile: Profile;
}

/** A shader file filled in for one node. */
export interface Kernel {
  /** Name of the file, for messages and labels: "softmax.wgsl". */
  readonly file: string;
  /** Which of several forms was chosen, for whoever prints the plan: "4 pixels of 8 images × 16 columns". */
  readonly form?: string;
  /** Its text. It calls `load_<input>(i)` and `store_<result>(i, value)`, `workgroup_index(…)` and reads `sizes.<name>`. */
  readonly shader: string;
  /** Inputs that it also reads as `load4_<input>(i)`: four in a row, where i is a multiple of four. */
  readonly vectors?: readonly string[];
  /** The input of which it keeps rows: `keep_<input>(row)` puts one into its array `kept`. */
  readonly kept?: string;
  /** Results that it also stores as `store4_<result>(i, value)`: four in a row, where i is a multiple of four. */
  readonly vectorResults?: readonly string[];
  /** WGSL extensions that the file needs. */
  readonly enables?: readonly string[];
  /** Module constants: what changes the code. */
  readonly consts?: Readonly<Record<string, number | boolean>>;
  /** Type aliases, such as `{ Element: "f32" }`. */
  readonly types?: Readonly<Record<string, string>>;
  /** Functions written for this node (an index map, a combining rule), appended to the file. */
  readonly code?: string;
  /** Texts of the shader libraries it calls. */
  readonly libraries?: readonly string[];
  /** Run-time values (u32), read as `sizes.NAME`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Number of workgroups; folded into two dimensions when too many. */
  readonly workgroups: number;
  /** How many threads have something to do, the first ones; all when left out. */
  readonly threads?: number;
  /** It calls `element(i, ahead())` for each i below the size `count`, and does nothing else. */
  readonly elements?: boolean;
}
