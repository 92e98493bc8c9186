// What all reductions share: the op, its reference loop, and the kernel `reduce.wgsl`, one thread for each result.
// A long reduction with few results is split in parts first, so that enough threads have work; the order stays fixed.
import reduceShader from "../../shaders/reduce.wgsl?raw";
import type { DType } from "../core/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { GradContext, Node, Spec, Tolerance, Values } from "../graph/node.ts";
import { type Axis, dot, forEachCoordinate, mapIndex } from "./indexing.ts";

export interface ReduceAttrs {
  readonly axes: readonly number[];
  /** Folds every `parts`-th element on its own: the result gets an axis of `parts` results, last if the last axis is reduced, else first. */
  readonly parts?: number;
}

interface Reduction {
  /** `a` (so far) with `b` (the next element), as WGSL and in float64. */
  readonly wgsl: (dtype: DType) => string;
  readonly cpu: (a: number, b: number) => number;
  /** Shader library files that `wgsl` calls. */
  readonly uses?: readonly string[];
  readonly grad?: (context: GradContext<ReduceAttrs>) => readonly (Node | undefined)[];
  readonly tolerance?: Tolerance;
}

/** Axes of `shape` that stay and axes that are reduced, with the strides that walk them. */
export function splitAxes(shape: Shape, axes: readonly number[]): { kept: Axis[]; reduced: Axis[] } {
  const strides = stridesOf(shape);
  const all = shape.map((size, axis) => ({ size, stride: strides[axis] as number }));
  return { kept: all.filter((_, axis) => !axes.includes(axis)), reduced: all.filter((_, axis) => axes.includes(axis)) };
}

const partsLast = (shape: Shape, axes: readonly number[]) => axes.includes(shape.length - 1);

/** The shape of the parts of a reduction whose results have the shape `kept`: an axis more, last if the last axis is reduced, else first. */
export function partsShape(shape: Shape, axes: readonly number[], parts: number, kept: Shape): number[] {
  return partsLast(shape, axes) ? [...kept, parts] : [parts, ...kept];
}

/** The axis of `partsShape` that the parts lie along. */
export function partsAxis(shape: Shape, axes: readonly number[], kept: Shape): number {
  return partsLast(shape, axes) ? kept.length : 0;
}

function reducedShape(shape: Shape, { axes, parts }: ReduceAttrs): number[] {
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  return parts === undefined ? kept : partsShape(shape, axes, parts, kept);
}

/** Defines an op that folds elements along axes. The public function deals with empty tensors and keepDims. */
// @__NO_SIDE_EFFECTS__
export function reduction(name: string, { wgsl, cpu, uses = [], grad, tolerance }: Reduction): OpFunction<ReduceAttrs> {
  const make: OpFunction<ReduceAttrs> = defineOp<ReduceAttrs>({
    name,
    inputs: ["x"],
    infer: ([x], attrs) => ({ shape: reducedShape((x as Spec).shape, attrs), dtype: (x as Spec).dtype }),
    reference: ([x], { inputs: [from], attrs }) => fold(x as Values, (from as Spec).shape, attrs, cpu),
    kernel: {
      build: (context) => reduceKernel(context, context.attrs, wgsl((context.inputs[0] as Spec).dtype), uses),
    },
    lower: (node, profile) => inParts(node, profile, make),
    ...(grad && { grad }),
    ...(tolerance && { tolerance }),
  });
  return make;
}

/** Calls `visit(result, element)` for every element of a tensor, each result's elements in row-major order. */
export function forEachReduced(
  shape: Shape,
  axes: readonly number[],
  visit: (result: number, element: number, step: number) => void,
): void {
  const { kept, reduced } = splitAxes(shape, axes);
  const strides = reduced.map((axis) => axis.stride);
  const offsets: number[] = [];
  forEachCoordinate(
    reduced.map((axis) => axis.size),
    (at) => offsets.push(dot(at, strides)),
  );
  forEachCoordinate(
    kept.map((axis) => axis.size),
    (at, result) => {
      const base = dot(
        at,
        kept.map((axis) => axis.stride),
      );
      for (let step = 0; step < offsets.length; step++) visit(result, base + (offsets[step] as number), step);
    },
  );
}

/** Folds `x` along `axes` in row-major order. No result may be without elements. */
function fold(x: Values, shape: Shape, attrs: ReduceAttrs, combine: (a: number, b: number) => number): Values {
  const { axes, parts = 1 } = attrs;
  const y = new Float64Array(sizeOf(reducedShape(shape, attrs)));
  const at = partPlace(shape, axes, parts);
  forEachReduced(shape, axes, (result, element, step) => {
    const i = at(result, step);
    const value = x[element] as number;
    y[i] = step < parts ? value : combine(y[i] as number, value);
  });
  return y;
}

const THREADS = 64;

/** Where step `step` of a result goes: the linear index among all parts of all results. */
export function partPlace(
  shape: Shape,
  axes: readonly number[],
  parts: number,
): (result: number, step: number) => number {
  const kept = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  return partsLast(shape, axes)
    ? (result, step) => result * parts + (step % parts)
    : (result, step) => (step % parts) * kept + result;
}

/** What a kernel with one thread for each part of each result needs: index functions, sizes, workgroups of 64. */
export function reducedWalk(
  shape: Shape,
  { axes, parts = 1 }: ReduceAttrs,
): Required<Pick<Kernel, "code" | "sizes" | "workgroups">> {
  const { kept, reduced } = splitAxes(shape, axes);
  const keptCount = sizeOf(kept.map((axis) => axis.size));
  const results = keptCount * parts;
  const [result, part] = partsLast(shape, axes)
    ? ["i / sizes.parts", "i % sizes.parts"]
    : ["i % sizes.kept", "i / sizes.kept"];
  return {
    code: `fn result_of(i: u32) -> u32 { return ${parts === 1 ? "i" : result}; }
fn part_of(i: u32) -> u32 { return ${parts === 1 ? "0u" : part}; }
fn first_of(i: u32) -> u32 { return ${mapIndex(kept, "i")}; }
fn step_of(r: u32) -> u32 { return ${mapIndex(reduced, "r")}; }`,
    sizes: { results, kept: keptCount, parts, reduced: sizeOf(reduced.map((axis) => axis.size)) },
    workgroups: Math.ceil(results / THREADS),
  };
}

/** `reduce.wgsl` over `axes`; `combine` is a WGSL expression of `a` (so far) and `b` (the next element). */
function reduceKernel(
  context: KernelContext<unknown>,
  attrs: ReduceAttrs,
  combine: string,
  libraries: readonly string[],
): Kernel {
  const { shape, dtype } = context.inputs[0] as Spec;
  const { code, ...walk } = reducedWalk(shape, attrs);
  return {
    file: "reduce.wgsl",
    shader: reduceShader,
    types: { Element: dtype },
    libraries,
    code: `${code}
fn combine(a: Element, b: Element) -> Element { return ${combine}; }`,
    ...walk,
  };
}

/** Threads that keep an adapter busy, and the elements that each should have at least. */
const ENOUGH = { software: { threads: 1024, elements: 256 }, gpu: { threads: 65536, elements: 64 } } as const;

/**
 * How many parts a reduction of `reduced` elements into each of `results` should be split into. `worth`: elements for each result from
 * which a second dispatch pays on a software adapter.
 */
export function partsFor(results: number, reduced: number, { family }: Profile, worth = 0): number {
  const { threads, elements } = ENOUGH[family];
  if (reduced < 4 * elements || (family === "software" && reduced < worth)) return 1;
  return Math.max(1, Math.min(Math.floor(threads / results), Math.ceil(reduced / elements)));
}

function inParts(node: Node, profile: Profile, make: OpFunction<ReduceAttrs>): Node {
  const { axes, parts } = node.attrs as unknown as ReduceAttrs;
  const x = node.inputs[0] as Node;
  const results = sizeOf(node.shape);
  const count = parts === undefined ? partsFor(results, sizeOf(x.shape) / results, profile) : 1;
  if (count < 2) return node;
  const first = make([x], { axes, parts: count });
  return make([first], { axes: [partsAxis(x.shape, axes, node.shape)] });
}
