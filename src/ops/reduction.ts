// What all reductions share: the reference loop and the kernel `reduce.wgsl`, one thread for each result.

import reduceShader from "../../shaders/reduce.wgsl?raw";
import type { DType } from "../core/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../core/shape.ts";
import type { Kernel, KernelContext } from "../graph/form.ts";
import type { Values } from "../graph/node.ts";
import { type Axis, dot, forEachCoordinate, mapIndex } from "./indexing.ts";

/** Axes of `shape` that stay and axes that are reduced, with the strides that walk them. */
export function splitAxes(shape: Shape, axes: readonly number[]): { kept: Axis[]; reduced: Axis[] } {
  const strides = stridesOf(shape);
  const all = shape.map((size, axis) => ({ size, stride: strides[axis] as number }));
  return { kept: all.filter((_, axis) => !axes.includes(axis)), reduced: all.filter((_, axis) => axes.includes(axis)) };
}

/** Folds `x` along `axes` in row-major order, starting from `initial`. */
export function reduceReference(
  x: Values,
  shape: Shape,
  axes: readonly number[],
  initial: number,
  combine: (a: number, b: number) => number,
): Values {
  const { kept, reduced } = splitAxes(shape, axes);
  const y = new Float64Array(kept.reduce((count, axis) => count * axis.size, 1)).fill(initial);
  forEachCoordinate(
    kept.map((axis) => axis.size),
    (at, i) => {
      const base = dot(
        at,
        kept.map((axis) => axis.stride),
      );
      forEachCoordinate(
        reduced.map((axis) => axis.size),
        (inner) => {
          y[i] = combine(
            y[i] as number,
            x[
              base +
                dot(
                  inner,
                  reduced.map((axis) => axis.stride),
                )
            ] as number,
          );
        },
      );
    },
  );
  return y;
}

const THREADS = 64;

/** `reduce.wgsl` over `axes`; `combine` is a WGSL expression of `a` (so far) and `b` (the next element). */
export function reduceKernel(context: KernelContext<unknown>, axes: readonly number[], combine: string): Kernel {
  const { shape, dtype } = context.inputs[0] as { shape: Shape; dtype: DType };
  const { kept, reduced } = splitAxes(shape, axes);
  const results = sizeOf(kept.map((axis) => axis.size));
  return {
    file: "reduce.wgsl",
    shader: reduceShader,
    types: { Element: dtype },
    code: `fn first_of(i: u32) -> u32 { return ${mapIndex(kept, "i")}; }
fn step_of(r: u32) -> u32 { return ${mapIndex(reduced, "r")}; }
fn combine(a: Element, b: Element) -> Element { return ${combine}; }`,
    sizes: { results, reduced: sizeOf(reduced.map((axis) => axis.size)) },
    workgroups: Math.ceil(results / THREADS),
  };
}
