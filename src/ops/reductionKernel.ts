// How reductions compute on an adapter: the kernel `reduce.wgsl`, a thread or a team of threads for each result. A long reduction with few
// results is split in parts first, so that enough threads have work; the order stays fixed.
import reduceShader from "../../shaders/reduce.wgsl?raw";
import { type Shape, sizeOf } from "../core/shape.ts";
import type { OpFunction } from "../graph/define.ts";
import type { Kernel, KernelContext, Profile } from "../graph/form.ts";
import type { Node, Spec } from "../graph/node.ts";
import { type Axis, mapIndex, mergeAxes } from "./indexing.ts";
import { partsLast, type ReduceAttrs } from "./reductionShape.ts";
import { splitAxes } from "./splitAxes.ts";
import { teamFor } from "./team.ts";

/** The axis of `partsShape` that the parts lie along. */
export function partsAxis(shape: Shape, axes: readonly number[], kept: Shape): number {
  return partsLast(shape, axes) ? kept.length : 0;
}

/** How many elements of a result lie side by side in memory, row after row. */
export function besideOf(reduced: readonly Axis[]): number {
  const last = mergeAxes(reduced).at(-1);
  return last?.stride === 1 ? last.size : 1;
}

/**
 * What a kernel with a team for each part of each result needs: index functions, sizes, workgroups. A thread takes `most` elements at a time
 * where they lie side by side, else a `width` of 1.
 */
export function reducedWalk(
  shape: Shape,
  { axes, parts = 1 }: ReduceAttrs,
  profile: Profile,
  folds: Parameters<typeof teamFor>[2],
  most = 1,
) {
  const { kept, reduced } = splitAxes(shape, axes);
  const keptCount = sizeOf(kept.map((axis) => axis.size));
  const results = keptCount * parts;
  const count = sizeOf(reduced.map((axis) => axis.size));
  const beside = parts === 1 ? besideOf(reduced) : 1;
  const width = beside % most === 0 ? most : 1;
  const shares = { results, count: Math.floor(count / parts), isContiguous: beside > 1, width };
  const { lanes, ...team } = teamFor(shares, profile, folds);
  const [result, part] = partsLast(shape, axes)
    ? ["i / sizes.parts", "i % sizes.parts"]
    : ["i % sizes.kept", "i / sizes.kept"];
  const step = parts * width;
  return {
    ...team,
    width,
    code: `${team.code}
fn result_of(i: u32) -> u32 { return ${parts === 1 ? "i" : result}; }
fn start_of(i: u32) -> u32 { return ${parts === 1 ? "" : `${part} + `}member * sizes.step; }
fn first_of(i: u32) -> u32 { return ${mapIndex(kept, "i")}; }
fn step_of(r: u32) -> u32 { return ${mapIndex(reduced, "r")}; }`,
    sizes: { results, kept: keptCount, parts, reduced: count, step, stride: step * lanes },
  };
}

/** `reduce.wgsl` over `axes`; `combine` is a WGSL expression of `a` (so far) and `b` (the next element). */
export function reduceKernel(
  { inputs: [x], attrs, profile }: KernelContext<ReduceAttrs>,
  combine: string,
  libraries: readonly string[],
): Kernel {
  const { shape, dtype } = x as Spec;
  const isByFours = profile.family === "gpu" && dtype === "f32";
  const fold = ["fold_team", "Element", "return combine(a, b);"] as const;
  const { width, ...walk } = reducedWalk(shape, attrs, profile, [fold], isByFours ? 4 : 1);
  const value =
    width === 1 ? "return load_x(at);" : "let x = load4_x(at); return combine(combine(x.x, x.y), combine(x.z, x.w));";
  return {
    file: "reduce.wgsl",
    shader: reduceShader,
    ...walk,
    vectors: width === 1 ? [] : ["x"],
    types: { Element: dtype },
    libraries,
    code: `${walk.code}
fn combine(a: Element, b: Element) -> Element { return ${combine}; }
fn value_at(at: u32) -> Element { ${value} }`,
  };
}

/** Teams, or threads that work alone, that keep an adapter busy, the elements that each should have, and from how many on parts pay. */
const ENOUGH = {
  software: { workers: 1024, elements: 256, least: 1024 },
  gpu: { workers: 65_536, elements: 64, least: 256 },
  teams: { workers: 4096, elements: 512, least: 4096 },
} as const;

/**
 * How many parts a reduction of `reduced` elements into each of `results` should be split into. `worth`: elements for each result from
 * which a second dispatch pays on a software adapter. `by`: who takes a part.
 */
export function partsFor(
  results: number,
  reduced: number,
  { family }: Profile,
  worth = 0,
  by: keyof typeof ENOUGH = family === "gpu" ? "teams" : family,
): number {
  const { workers, elements, least } = ENOUGH[by];
  if (reduced < least || (family === "software" && reduced < worth)) return 1;
  return Math.max(1, Math.min(Math.floor(workers / results), Math.ceil(reduced / elements)));
}

/** A long reduction of few results as two: first parts of each, then of the parts. */
export function inParts(node: Node, profile: Profile, make: OpFunction<ReduceAttrs>): Node {
  const { axes, parts } = node.attrs as unknown as ReduceAttrs;
  const x = node.inputs[0] as Node;
  const results = sizeOf(node.shape);
  const count = parts === undefined ? partsFor(results, sizeOf(x.shape) / results, profile) : 1;
  if (count < 2) return node;
  const first = make([x], { axes, parts: count });
  return make([first], { axes: [partsAxis(x.shape, axes, node.shape)] });
}
