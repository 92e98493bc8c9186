// Picking by index: the adjoint pair gather ↔ scatterAdd, and one-hot vectors.
import chainShader from "../../shaders/chain.wgsl?raw";
import scatterShader from "../../shaders/scatterAdd.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { axisOf, checkShape, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { add, cast, equal } from "./arithmetic.ts";
import { unsqueeze } from "./arrange.ts";
import { reshape } from "./broadcast.ts";
import { fill, iota } from "./constant.ts";
import { wrapped } from "./gatherReference.ts";
import { around, type GatherAttrs, gathering, wrappedText } from "./pickRows.ts";
import { NUMBERS } from "./pointwise.ts";

const gatherOp: OpFunction<GatherAttrs> = defineOp<GatherAttrs>({
  ...gathering,
  grad: ({ x: [x, indices], dy, attrs: { axis } }) => [
    scatter(dy, indices as Node, axis, (x as Node).shape[axis] as number),
    undefined,
  ],
});

/**
 * Picks slices of `x` along `axis`, as NumPy's take: the axis is replaced by the shape of `indices` (i32 or u32).
 * Negative indices count from the end; those out of range take the nearest slice.
 * @throws ShapeError when indices are not integers or there is nothing to pick from
 * @example
 * gather(table, words); // an embedding: [batch, length, width] for words [batch, length]
 */
export function gather(x: Node, indices: Node, axis = 0): Node {
  const at = axisOf("gather", axis, x.shape.length);
  checkIndices("gather", indices);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  checkShape("gather", shape);
  if (sizeOf(shape) === 0) return fill(shape, 0, x.dtype);
  if (x.shape[at] === 0) throw new ShapeError(`gather: axis ${at} of ${showShape(x.shape)} has nothing to pick from`);
  return gatherOp([x, indices], { axis: at });
}

function checkIndices(call: string, indices: Node): void {
  if (indices.dtype !== "i32" && indices.dtype !== "u32") {
    throw new ShapeError(`${call}: indices must be i32 or u32: got ${indices.dtype}. Use cast`);
  }
}

interface ChainAttrs {
  readonly rows: number;
}

const chainOp = defineOp<ChainAttrs>({
  name: "chain",
  inputs: ["indices"],
  results: ["next", "first"],
  infer: ([indices], { rows }) => [
    { shape: [sizeOf((indices as Spec).shape)], dtype: "u32" },
    { shape: [rows], dtype: "u32" },
  ],
  reference: ([indices], { attrs: { rows } }) => {
    const targets = indices as Float64Array;
    const next = new Float64Array(targets.length);
    const first = new Float64Array(rows).fill(targets.length);
    for (let j = targets.length - 1; j >= 0; j--) {
      const row = wrapped(targets[j] as number, rows);
      next[j] = first[row] as number;
      first[row] = j;
    }
    return [next, first];
  },
  grad: () => [undefined],
  kernel: {
    reads: [64],
    build: ({ inputs: [indices], attrs: { rows } }) => {
      const { shape, dtype } = indices as Spec;
      const count = sizeOf(shape);
      return {
        file: "chain.wgsl",
        shader: chainShader,
        code: `fn row_of(j: u32) -> u32 { let index = load_indices(j); return ${wrappedText("index", rows, dtype)}; }`,
        sizes: { count, rows },
        workgroups: Math.ceil((count + rows) / THREADS),
      };
    },
  },
});

interface ScatterAttrs extends GatherAttrs {
  readonly rows: number;
}

const THREADS = 64;
/** Columns that one thread adds up. */
const COLUMNS = 4;

const scatterOp: OpFunction<ScatterAttrs> = defineOp<ScatterAttrs>({
  name: "scatterAdd",
  inputs: ["updates", "indices", "next", "first"],
  infer: ([updates, indices], { axis, rows }) => {
    const { shape, dtype } = updates as Spec;
    return { shape: [...shape.slice(0, axis), rows, ...shape.slice(axis + (indices as Spec).shape.length)], dtype };
  },
  reference: ([updates, indices], { outputs: [output], attrs: { axis, rows } }) => {
    const { outer, inner } = around(output as Spec, axis);
    const [values, targets] = [updates as Float64Array, indices as Float64Array];
    const y = new Float64Array(outer * rows * inner);
    for (let o = 0; o < outer; o++) {
      targets.forEach((target, j) => {
        const to = (o * rows + wrapped(target, rows)) * inner;
        const from = (o * targets.length + j) * inner;
        for (let c = 0; c < inner; c++) y[to + c] = (y[to + c] as number) + (values[from + c] as number);
      });
    }
    return y;
  },
  grad: ({ x: [, indices], dy, attrs: { axis } }) => [gatherOp([dy, indices as Node], { axis })],
  kernel: {
    reads: [1, 0, 1, 1],
    build: ({ inputs: [updates, indices], outputs: [result], attrs: { axis, rows } }) => {
      const { outer, inner } = around(result as Spec, axis);
      const blocks = Math.ceil(inner / COLUMNS);
      return {
        file: "scatterAdd.wgsl",
        shader: scatterShader,
        types: { Element: (updates as Spec).dtype },
        sizes: { outer, count: sizeOf((indices as Spec).shape), rows, inner, blocks },
        workgroups: Math.ceil((outer * rows * blocks) / THREADS),
      };
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** The sum of the updates that point at each of `rows` slices: the adjoint of gather. */
function scatter(updates: Node, indices: Node, axis: number, rows: number): Node {
  const next = chainOp([indices], { rows });
  return scatterOp([updates, indices, next, output(next, 1)], { axis, rows });
}

/**
 * `x` with `updates` added: slice j of `updates` along `axis` goes to slice indices[j] of `x`. Repeated indices add up, in their order.
 * The shape of `updates` is that of `gather(x, indices, axis)`.
 * @throws ShapeError when shapes or dtypes do not fit
 * @example
 * scatterAdd(counts, classes, ones); // counts[c] + how often c occurs in classes
 */
export function scatterAdd(x: Node, indices: Node, updates: Node, axis = 0): Node {
  const at = axisOf("scatterAdd", axis, x.shape.length);
  checkIndices("scatterAdd", indices);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  if (!sameShape(updates.shape, shape) || updates.dtype !== x.dtype || !NUMBERS.includes(x.dtype)) {
    throw new ShapeError(
      `scatterAdd: updates must be ${x.dtype}${showShape(shape)} for ${showShape(x.shape)} at ${showShape(indices.shape)}: got ${updates.dtype}${showShape(updates.shape)}`,
    );
  }
  if (sizeOf(shape) === 0) return x;
  if (x.shape[at] === 0) throw new ShapeError(`scatterAdd: axis ${at} of ${showShape(x.shape)} has no slices`);
  return add(x, scatter(updates, indices, at, x.shape[at] as number));
}

/**
 * Vectors of `depth` with 1 at each index and 0 elsewhere, along a new last axis; all 0 where an index is out of range.
 * @throws ShapeError unless indices are i32 or u32
 * @example
 * oneHot(labels, 10); // [batch, 10]
 */
export function oneHot(indices: Node, depth: number, dtype: "f32" | "i32" | "u32" | "bool" = "f32"): Node {
  checkIndices("oneHot", indices);
  checkShape("oneHot", [depth]);
  const classes = reshape(iota(depth, indices.dtype as "i32" | "u32"), [...indices.shape.map(() => 1), depth]);
  return cast(equal(unsqueeze(indices, -1), classes), dtype);
}

export const gatherOps = { gather: gatherOp, scatterAdd: scatterOp };
