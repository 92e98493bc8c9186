// Positions of extremes: argmax and argmin.

import argShader from "../../shaders/argReduce.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { axesOf, showShape, sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Profile } from "../graph/form.ts";
import type { Node, Spec } from "../graph/node.ts";
import { equal, where } from "./arithmetic.ts";
import { isNan, logicalOr } from "./binary.ts";
import { expand, expandBack, type ReduceOptions, reducedShape, reshape } from "./broadcast.ts";
import { fill, iota } from "./constant.ts";
import { mapIndex } from "./indexing.ts";
import { floatLibrary } from "./libraries.ts";
import { type Axes, max, min } from "./reduce.ts";
import { loadReductions } from "./reduction.ts";
import { besideOf, partsFor } from "./reductionKernel.ts";
import { forEachReduced } from "./reductionReference.ts";
import { splitAxes } from "./splitAxes.ts";
import { teamFor } from "./team.ts";

interface ArgAttrs {
  readonly axes: readonly number[];
  readonly largest: boolean;
  readonly last: boolean;
}

const argOp = defineOp<ArgAttrs>({
  name: "argReduce",
  inputs: ["x"],
  infer: ([x], { axes }) => ({ shape: reducedShape((x as Spec).shape, axes), dtype: "i32" }),
  reference: ([x], { inputs: [from], outputs: [output], attrs }) => {
    const y = new Float64Array(sizeOf((output as Spec).shape));
    const best = new Float64Array(y.length);
    forEachReduced((from as Spec).shape, attrs.axes, (result, element, step) => {
      const value = x?.[element] as number;
      if (step > 0 && !isBetter(value, best[result] as number, attrs)) return;
      best[result] = value;
      y[result] = step;
    });
    return y;
  },
  grad: () => [undefined],
  kernel: {
    load: loadReductions, // a long search is lowered to reductions
    build: ({ inputs: [from], outputs: [output], attrs, profile }) => {
      const { shape, dtype } = from as Spec;
      const { kept, reduced } = splitAxes(shape, attrs.axes);
      const results = sizeOf((output as Spec).shape);
      const wins = `v ${attrs.largest ? ">" : "<"}${attrs.last ? "=" : ""} best`;
      const better =
        dtype !== "f32"
          ? wins
          : attrs.last
            ? `is_nan(v) || (!is_nan(best) && ${wins})`
            : `!is_nan(best) && (is_nan(v) || ${wins})`;
      const count = sizeOf(reduced.map(({ size }) => size));
      const team = teamFor({ results, count, isContiguous: besideOf(reduced) > 1 }, profile, [
        ["best_of_team", "Found", bestOfTwo(attrs.last)],
      ]);
      return {
        file: "argReduce.wgsl",
        shader: argShader,
        ...team,
        types: { Element: dtype },
        libraries: [floatLibrary],
        code: `${team.code}
fn first_of(i: u32) -> u32 { return ${mapIndex(kept, "i")}; }
fn step_of(r: u32) -> u32 { return ${mapIndex(reduced, "r")}; }
fn better(v: Element, best: Element) -> bool { return ${better}; }`,
        sizes: { results, reduced: count },
      };
    },
  },
  lower: (node, profile) => byExtreme(node, profile),
});

/** WGSL that takes the better of two lanes' finds `a` and `b`; of equal ones the first, or the last. */
const bestOfTwo = (last: boolean) => `let is_better = better(b.value, a.value);
  let is_later = b.at > a.at;
  if (select(is_better, is_later == ${last}, is_better == better(a.value, b.value))) { return b; }
  return a;`;

/** NaN counts as the extreme, as in NumPy and PyTorch. */
function isBetter(value: number, best: number, { largest, last }: ArgAttrs): boolean {
  if (Number.isNaN(best)) return last && Number.isNaN(value);
  if (Number.isNaN(value)) return true;
  return (largest ? value > best : value < best) || (last && value === best);
}

/** A long search with few results finds the extreme first, then the first (or last) position that holds it; both run in parts. */
function byExtreme(node: Node, profile: Profile): Node {
  const { axes, largest, last } = node.attrs as unknown as ArgAttrs;
  const x = node.inputs[0] as Node;
  const count = sizeOf(x.shape) / sizeOf(node.shape);
  if (partsFor(sizeOf(node.shape), count, profile) < 2) return node;
  const extreme = expandBack((largest ? max : min)(x, axes), x.shape, axes);
  const hit = x.dtype === "f32" ? logicalOr(equal(x, extreme), isNan(x)) : equal(x, extreme);
  const along = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  const position = expand(reshape(iota(count, "i32"), along), x.shape);
  return last ? max(where(hit, position, -1), axes) : min(where(hit, position, count), axes);
}

/** Options of `argmax` and `argmin`. */
export interface ArgOptions extends ReduceOptions {
  /** Among equal elements takes the last instead of the first. */
  readonly selectLastIndex?: boolean;
}

function argOf(call: string, x: Node, largest: boolean, axes: Axes | undefined, options: ArgOptions): Node {
  if (x.dtype === "bool") throw new ShapeError(`${call}: takes numbers: got bool. Use cast`);
  const over = axesOf(call, axes, x.shape.length);
  const shape = reducedShape(x.shape, over, options.keepDims);
  if (sizeOf(shape) === 0) return fill(shape, 0, "i32");
  if (sizeOf(x.shape) === 0) throw new ShapeError(`${call}: nothing to choose from: ${showShape(x.shape)}`);
  if (over.every((axis) => x.shape[axis] === 1)) return fill(shape, 0, "i32");
  return reshape(argOp([x], { axes: over, largest, last: options.selectLastIndex ?? false }), shape);
}

/**
 * Where the largest element lies along `axes` (all when left out), as i32: the first of equal ones. Several axes count as one, in row-major
 * order. NaN counts as largest.
 * @throws ShapeError when there is nothing to choose from
 * @example
 * argmax(logits, -1); // the class of each row
 */
export function argmax(x: Node, axes?: Axes, options: ArgOptions = {}): Node {
  return argOf("argmax", x, true, axes, options);
}

/**
 * Where the smallest element lies along `axes`; otherwise as `argmax`.
 * @throws ShapeError when there is nothing to choose from
 */
export function argmin(x: Node, axes?: Axes, options: ArgOptions = {}): Node {
  return argOf("argmin", x, false, axes, options);
}

export const argOps = { argReduce: argOp };
