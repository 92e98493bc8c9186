// What all reductions share: the op, its reference loop, and the kernel `reduce.wgsl`, a thread or a team of threads for each result.
// A long reduction with few results is split in parts first, so that enough threads have work; the order stays fixed.
import reduceShader from "../../shaders/reduce.wgsl?raw";
import type { DType } from "../core/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { GradContext, Node, Spec, Tolerance, Values } from "../graph/node.ts";
import { type Axis, dot, forEachCoordinate, mapIndex, mergeAxes } from "./indexing.ts";
import { mostLanes, type Team, teamFold, teamFor } from "./team.ts";

export interface ReduceAttrs {
  readonly axes: readonly number[];
  /** Folds so many parts on their own: the result gets an axis of `parts` results, last if the last axis is reduced, else first. */
  readonly parts?: number;
  /** A part is a run of neighbours; every `parts`-th element when left out. */
  readonly isInRuns?: boolean;
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
      build: (context) => reduceKernel(context, wgsl((context.inputs[0] as Spec).dtype), uses),
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
  const y = new Float64Array(sizeOf(reducedShape(shape, attrs)));
  const isBegun = new Uint8Array(y.length);
  const at = partPlace(shape, attrs);
  forEachReduced(shape, attrs.axes, (result, element, step) => {
    const i = at(result, step);
    const value = x[element] as number;
    y[i] = isBegun[i] ? combine(y[i] as number, value) : value;
    isBegun[i] = 1;
  });
  return y;
}

/** The elements of a result that are never parted, and how many of them each run has; the first `more` runs have one more. */
function runsOf(reduced: number, parts: number): { unit: number; each: number; more: number } {
  const unit = reduced % 4 === 0 ? 4 : 1;
  const units = reduced / unit;
  return { unit, each: Math.floor(units / parts), more: units % parts };
}

/** Where step `step` of a result goes: the linear index among all parts of all results. */
export function partPlace(
  shape: Shape,
  { axes, parts = 1, isInRuns }: ReduceAttrs,
): (result: number, step: number) => number {
  const kept = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  const { unit, each, more } = runsOf(sizeOf(shape) / kept, parts);
  const longer = more * (each + 1);
  const run = (at: number) => (at < longer ? Math.floor(at / (each + 1)) : more + Math.floor((at - longer) / each));
  const part = (step: number) => (isInRuns ? run(Math.floor(step / unit)) : step % parts);
  return partsLast(shape, axes)
    ? (result, step) => result * parts + part(step)
    : (result, step) => part(step) * kept + result;
}

/** True where elements of a result lie side by side in memory. */
export const isContiguous = (reduced: readonly Axis[]): boolean => besideOf(reduced) > 1;

/** How many of them do, row after row. */
function besideOf(reduced: readonly Axis[]): number {
  const last = mergeAxes(reduced).at(-1);
  return last?.stride === 1 ? last.size : 1;
}

/** What a kernel that folds elements along axes needs. */
interface Walk extends Required<Pick<Kernel, "consts" | "code" | "sizes" | "workgroups">> {
  readonly team: Team;
  /** Elements side by side that a thread takes at a time. */
  readonly width: number;
}

/** Index functions, sizes and workgroups of a kernel with a team for each part of each result. A thread takes `most` elements at a time where so many lie side by side. */
export function reducedWalk(shape: Shape, attrs: ReduceAttrs, profile: Profile, most = 1): Walk {
  const { axes, parts = 1, isInRuns = parts === 1 } = attrs;
  const { kept, reduced } = splitAxes(shape, axes);
  const keptCount = sizeOf(kept.map((axis) => axis.size));
  const count = sizeOf(reduced.map((axis) => axis.size));
  const results = keptCount * parts;
  const hasRuns = isInRuns && isContiguous(reduced);
  const width = hasRuns && besideOf(reduced) % most === 0 ? most : 1;
  const { unit, each, more } = runsOf(count, parts);
  const shares = { results, count: isInRuns ? unit * each : Math.floor(count / parts), isContiguous: hasRuns, width };
  const team = teamFor(shares, profile);
  const [result, part] = partsLast(shape, axes)
    ? ["i / sizes.parts", "i % sizes.parts"]
    : ["i % sizes.kept", "i / sizes.kept"];
  const cut = (p: string) => `${unit}u * (${p} * sizes.each + min(${p}, sizes.more))`;
  const [first, end] =
    parts === 1
      ? ["0u", "sizes.reduced"]
      : isInRuns
        ? [cut(`(${part})`), cut(`(${part} + 1u)`)]
        : [part, "sizes.reduced"];
  const step = isInRuns ? width : parts;
  return {
    team,
    width,
    consts: team.consts,
    code: `${team.text}
fn result_of(i: u32) -> u32 { return ${parts === 1 ? "i" : result}; }
fn start_of(i: u32) -> u32 { return ${first} + member * sizes.step; }
fn end_of(i: u32) -> u32 { return ${end}; }
fn first_of(i: u32) -> u32 { return ${mapIndex(kept, "i")}; }
fn step_of(r: u32) -> u32 { return ${mapIndex(reduced, "r")}; }`,
    sizes: { results, kept: keptCount, parts, each, more, reduced: count, step, stride: step * team.lanes },
    workgroups: team.workgroups,
  };
}

/** `reduce.wgsl` over `axes`; `combine` is a WGSL expression of `a` (so far) and `b` (the next element). */
function reduceKernel(context: KernelContext<ReduceAttrs>, combine: string, libraries: readonly string[]): Kernel {
  const { shape, dtype } = context.inputs[0] as Spec;
  const hasVectors = context.profile.family === "gpu" && dtype === "f32";
  const { code, team, width, ...walk } = reducedWalk(shape, context.attrs, context.profile, hasVectors ? 4 : 1);
  return {
    file: "reduce.wgsl",
    shader: reduceShader,
    ...(width > 1 ? { vectors: ["x"] } : {}),
    types: { Element: dtype },
    libraries,
    code: `${code}
fn combine(a: Element, b: Element) -> Element { return ${combine}; }
fn value_at(at: u32) -> Element { ${width > 1 ? FOLD_FOUR : "return load_x(at);"} }
${teamFold(team, "fold_team", "Element", "return combine(a, b);")}`,
    ...walk,
  };
}

const FOLD_FOUR = "let x = load4_x(at); return combine(combine(x.x, x.y), combine(x.z, x.w));";

/** Threads that keep an adapter busy, and the elements that each should have at least: alone, or in a team. */
const ENOUGH = {
  software: { threads: 1024, elements: 256 },
  gpu: { threads: 65536, elements: 64 },
  teams: { threads: 131_072, elements: 16 },
} as const;

/**
 * How many parts a reduction of `reduced` elements into each of `results` should be split into. `worth`: elements for each result from
 * which a second dispatch pays on a software adapter. `lanes`: threads that can share a part.
 */
export function partsFor(results: number, reduced: number, { family }: Profile, worth = 0, lanes = 1): number {
  const { threads, elements } = ENOUGH[lanes > 1 ? "teams" : family];
  const least = lanes * elements;
  if (reduced < 4 * least || (family === "software" && reduced < worth)) return 1;
  return Math.max(1, Math.min(Math.floor(threads / (results * lanes)), Math.ceil(reduced / least)));
}

/** The attributes of the first of two dispatches that a long reduction of a tensor of `shape` had better be; undefined where one does. */
export function partsOf(
  shape: Shape,
  { axes, parts }: ReduceAttrs,
  profile: Profile,
  worth = 0,
): Required<ReduceAttrs> | undefined {
  if (parts !== undefined) return undefined;
  const { kept, reduced } = splitAxes(shape, axes);
  const [results, count] = [kept, reduced].map((list) => sizeOf(list.map(({ size }) => size))) as [number, number];
  const shares = { results, isContiguous: isContiguous(reduced) };
  const lanes = mostLanes(shares, profile);
  const made = partsFor(results, count, profile, worth, lanes);
  return made > 1 ? { axes, parts: made, isInRuns: shares.isContiguous && lanes > 1 } : undefined;
}

function inParts(node: Node, profile: Profile, make: OpFunction<ReduceAttrs>): Node {
  const { shape } = node.inputs[0] as Node;
  const attrs = partsOf(shape, node.attrs as unknown as ReduceAttrs, profile);
  if (!attrs) return node;
  return make([make(node.inputs, attrs)], { axes: [partsAxis(shape, attrs.axes, node.shape)] });
}
