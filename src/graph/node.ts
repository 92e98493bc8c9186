// What a program is made of: immutable, interned nodes. Equal nodes are one node, so common subexpressions cost nothing.
// A node knows its op, its inputs and its attributes; an op knows everything else about itself.
import type { DType, Storage } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import type { Kernel, KernelContext, PointwiseContext, Profile } from "./form.ts";
import { type Origin, originNow } from "./origin.ts";

/** Shape and element type of one value. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Options of an op as plain data (numbers, strings, booleans and lists of them). */
export type Attrs = { readonly [name: string]: unknown };

/**
 * One value of a program that is being built: what every op takes and returns.
 * An op with several results is one node of its first result; `output(node, i)` names the others.
 */
export interface Node extends Spec {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Node[];
  readonly attrs: Attrs;
  /** All results; the node itself stands for the first. */
  readonly outputs: readonly Spec[];
  /** Where it was made first; for labels alone. */
  readonly origin: Origin | undefined;
}

/** What ops accept: nodes, and plain numbers, which become scalars of the dtype they meet. */
export type Input = Node | number | boolean;

/** Elements of one value in the reference: always float64, whatever the dtype. */
export type Values = Float64Array;

export interface ReferenceContext<A = Attrs> {
  readonly attrs: A;
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
}

/** What an op computes, in float64. */
export type Reference<A = Attrs> = (
  inputs: readonly Values[],
  context: ReferenceContext<A>,
) => Values | readonly Values[];

export interface GradContext<A = Attrs> {
  readonly x: readonly Node[];
  readonly y: Node;
  /** Gradient of the first result; zeros if only others were used. */
  readonly dy: Node;
  /** Gradients of all results; undefined where none arrived. */
  readonly dys: readonly (Node | undefined)[];
  readonly attrs: A;
}

/** What a lowering may ask for. */
export interface LowerContext {
  /** True when `input` of the node is read by nobody else: it may be taken apart. */
  readonly isOnlyReader: (input: number) => boolean;
}

/** An op, whole: shape rule, float64 reference, gradient, and one GPU form (pointwise, kernel, or none for leaves and placements). */
export interface Op<A = Attrs> {
  readonly name: string;
  /** Names of the inputs; the last may end in "…" when the op takes any number. */
  readonly inputs: readonly string[];
  /** How many of the last inputs may be left out. */
  readonly optional?: number;
  /** Names of the results, "y" unless there are several. */
  readonly results: readonly string[];
  readonly infer: (inputs: readonly Spec[], attrs: A) => Spec | readonly Spec[];
  /** Left out by ops that every page that trains downloads: theirs stands in a file of its own, named in `cpu/references.ts`. */
  readonly reference?: Reference<A>;
  /** Gradients of the inputs, in order; undefined where an input takes none. */
  readonly grad?: (context: GradContext<A>) => readonly (Node | undefined)[];
  /** Computed element by element; fuses into its consumers' loads and its producers' stores. */
  readonly pointwise?: Pointwise<A>;
  /** Computed by a shader file of its own. */
  readonly kernel?: KernelForm<A>;
  /** A simpler node of the same value, where there is one. */
  readonly simplify?: (node: Node) => Node | undefined;
  /** Rewrites one node of this op into others that suit the adapter better; the node itself when there is nothing to gain. */
  readonly lower?: (node: Node, profile: Profile, context: LowerContext) => Node;
  /**
   * One node that does this one's work and finds the largest of each of `windows` (the options of `maxPool`) as it goes, with that
   * op's results; undefined where the adapter has no kernel for both.
   */
  readonly withLargest?: (node: Node, windows: Attrs, profile: Profile) => Node | undefined;
  /** A leaf: its memory is given from outside. */
  readonly leaf?: boolean;
  /** One of a node's further results. */
  readonly picks?: (attrs: A) => number;
  /** A placement: the inputs are written straight into this value's memory, at these element offsets. */
  readonly places?: (inputs: readonly Spec[], attrs: A) => readonly number[];
  /** A flag, kept in the memory of input 0, that whatever computes the other inputs raises when a value is not finite. */
  readonly watches?: boolean;
  /** Result index → input index whose memory the result takes over (state that is updated where it lies). */
  readonly inPlace?: Readonly<Record<number, number>>;
  /** Never falls as its one input rises, gives NaN for NaN alone, and is flat only where its gradient is 0: it commutes with a maximum. */
  readonly monotone?: (attrs: A) => boolean;
  /** Gets a dispatch of its own: never joins another group. */
  readonly alone?: boolean;
  /** Relative and absolute error that f32 may show against the reference. */
  readonly tolerance?: Tolerance;
}

/** |got − expected| ≤ absolute + relative · largest |expected| of the tensor. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export interface Pointwise<A = Attrs> {
  /** Element `context.index` of the result as a WGSL expression. */
  readonly expression: (context: PointwiseContext<A>) => string;
  /** True when every input is read at the result's own linear index. */
  readonly aligned: boolean;
  /** Work per element, an addition being 1. */
  readonly cost: number;
  /** Work per element where it depends on the shapes; for ops that also have a kernel, what it is if computed where it is read instead. */
  readonly work?: (inputs: readonly Spec[], attrs: A) => number;
  /** How often each input element is read at most, when more than once per result element of equal count. */
  readonly rereads?: (inputs: readonly Spec[], output: Spec, attrs: A) => number;
  /** The result is a contiguous run of input 0 that starts at this element. */
  readonly startsAt?: (inputs: readonly Spec[], attrs: A) => number | undefined;
}

export interface KernelForm<A = Attrs> {
  /** Loads what `build` and `lower` need, where not every page that knows the op should: awaited before either. */
  readonly load?: () => Promise<void>;
  readonly build: (context: KernelContext<A>) => Kernel;
  /** Multiplications and additions; one for each element of each input when left out. */
  readonly flops?: (inputs: readonly Spec[], attrs: A) => number;
  /** How often the kernel reads each element of each input (default 1). */
  readonly reads?: readonly number[] | ((inputs: readonly Spec[], attrs: A) => readonly number[]);
  /** Inputs the shader addresses itself, as arrays named after the input: nothing fuses into them. */
  readonly raw?: readonly string[];
  /** Results the shader addresses itself, as arrays named after the result: nothing fuses onto them. */
  readonly rawResults?: readonly string[];
}

let nextId = 0;
const interned = new Map<string, WeakRef<Node>>();
const forget = new FinalizationRegistry<string>((key) => {
  if (interned.get(key)?.deref() === undefined) interned.delete(key);
});

/** The node of `op` over `inputs`: a new one, or the one that exists already. Shapes are checked here, by the op. */
export function makeNode<A>(op: Op<A>, inputs: readonly Node[], attrs: A): Node {
  const key = `${op.name}|${inputs.map((input) => input.id).join(",")}|${keyOf(attrs)}`;
  const known = interned.get(key)?.deref();
  if (known) return known;
  const inferred = op.infer(inputs, attrs);
  const outputs = Array.isArray(inferred) ? (inferred as readonly Spec[]) : [inferred as Spec];
  const { shape, dtype } = outputs[0] as Spec;
  const node: Node = Object.freeze({
    id: nextId++,
    op: op as unknown as Op,
    inputs,
    attrs: attrs as Attrs,
    outputs,
    shape,
    dtype,
    origin: originNow(),
  });
  interned.set(key, new WeakRef(node));
  forget.register(node, key);
  return node;
}

/** Tells attributes apart, NaN, infinities and −0 included. */
function keyOf(attrs: unknown): string {
  return JSON.stringify(attrs, (_, value) =>
    typeof value === "number" && !(Number.isFinite(value) && !Object.is(value, -0))
      ? `#${Object.is(value, -0) ? "-0" : value}`
      : value,
  );
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "op" in value && "outputs" in value && "inputs" in value;
}

/** Nodes that `roots` depend on, themselves included, inputs before users. What lies behind a node where `isEnd` holds is left out. */
export function topological(roots: readonly Node[], isEnd: (node: Node) => boolean = () => false): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: Node; next: number };
      const child = isEnd(top.node) ? undefined : top.node.inputs[top.next++];
      if (child === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ node: child, next: 0 });
      }
    }
  }
  return order;
}

/** How a leaf's elements lie in memory. */
export function storageOf(node: Node): Storage {
  return (node.attrs.storage as Storage | undefined) ?? node.dtype;
}
