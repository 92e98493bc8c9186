// Joining and parting tensors along an axis: concat, stack, split, and the paddings that repeat or mirror the border.
import { OptionError, ShapeError } from "../core/error.ts";
import { axisOf, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { unsqueeze } from "./arrange.ts";
import { expand } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { flip, padConstant, sliceAxis } from "./layout.ts";

const concatOp = defineOp<{ readonly axis: number }>({
  name: "concat",
  inputs: ["x…"],
  infer: ([first, ...rest], { axis }) => {
    const { shape, dtype } = first as Spec;
    const total = rest.reduce((sum, x) => sum + (x.shape[axis] as number), shape[axis] as number);
    return { shape: shape.map((size, k) => (k === axis ? total : size)), dtype };
  },
  reference: (values, { inputs, outputs: [output], attrs: { axis } }) => {
    const { shape } = output as Spec;
    const y = new Float64Array(sizeOf(shape));
    const pitch = sizeOf(shape.slice(axis));
    let column = 0;
    values.forEach((value, k) => {
      const width = sizeOf((inputs[k] as Spec).shape.slice(axis));
      for (let row = 0; row * width < value.length; row++)
        y.set(value.subarray(row * width, (row + 1) * width), row * pitch + column);
      column += width;
    });
    return y;
  },
  grad: ({ x, dy, attrs: { axis } }) => {
    let start = 0;
    return x.map(({ shape }) => {
      const size = shape[axis] as number;
      start += size;
      return sliceAxis(dy, axis, start - size, size);
    });
  },
  pointwise: {
    aligned: false,
    cost: 4,
    rereads: (inputs, y) => sizeOf(y.shape) / Math.min(...inputs.map((input) => sizeOf(input.shape))), // all are worked out everywhere
    expression: ({ load, index, local, inputs, output: { shape }, attrs: { axis } }) => {
      const pitch = sizeOf(shape.slice(axis));
      const row = axis === 0 || sizeOf(shape.slice(0, axis)) === 1 ? "0u" : local("u32", `${index} / ${pitch}u`);
      const column = row === "0u" ? index : local("u32", `${index} % ${pitch}u`);
      let start = 0;
      let text = "";
      inputs.forEach((input, k) => {
        const width = sizeOf(input.shape.slice(axis));
        const here = local("bool", `(${column} - ${start}u) < ${width}u`);
        const at = `select(0u, ${row === "0u" ? "" : `${row} * ${width}u + `}(${column} - ${start}u), ${here})`;
        text = k === 0 ? load(k, at) : `select(${text}, ${load(k, at)}, ${here})`;
        start += width;
      });
      return text;
    },
  },
});

/** Inputs that one concat joins at most: each is a binding of its kernel. */
const MOST_JOINED = 4;

/**
 * Joins tensors along `axis`; all other sizes must agree.
 * @throws ShapeError when there is nothing to join, or ranks, sizes or dtypes differ
 * @example
 * concat([a, b], -1); // side by side
 */
export function concat(xs: readonly Node[], axis = 0): Node {
  if (!xs[0]) throw new ShapeError("concat: nothing to join: []");
  return join(xs, axisOf("concat", axis, xs[0].shape.length));
}

function join(xs: readonly Node[], at: number): Node {
  const first = xs[0] as Node;
  for (const x of xs) {
    const fits =
      x.shape.length === first.shape.length && x.shape.every((size, k) => k === at || size === first.shape[k]);
    if (!fits || x.dtype !== first.dtype) {
      throw new ShapeError(`concat: only axis ${at} may differ: ${showAll(xs)}`);
    }
  }
  let parts = xs.filter((x) => x.shape[at] !== 0);
  if (parts.length === 0 || sizeOf((parts[0] as Node).shape) === 0) {
    const total = xs.reduce((sum, x) => sum + (x.shape[at] as number), 0);
    return fill(
      first.shape.map((size, k) => (k === at ? total : size)),
      0,
      first.dtype,
    );
  }
  while (parts.length > 1) {
    const groups = Array.from({ length: Math.ceil(parts.length / MOST_JOINED) }, (_, g) =>
      parts.slice(g * MOST_JOINED, (g + 1) * MOST_JOINED),
    );
    parts = groups.map((group) => (group.length === 1 ? (group[0] as Node) : concatOp(group, { axis: at })));
  }
  return parts[0] as Node;
}

/**
 * Joins tensors of one shape along a new axis.
 * @throws ShapeError when there is nothing to join, or shapes or dtypes differ
 * @example
 * stack([a, b]).shape; // [2, 3] where a and b are [3]
 */
export function stack(xs: readonly Node[], axis = 0): Node {
  const [first] = xs;
  if (!first) throw new ShapeError("stack: nothing to join: []");
  const at = axisOf("stack", axis, first.shape.length + 1);
  if (!xs.every((x) => sameShape(x.shape, first.shape) && x.dtype === first.dtype)) {
    throw new ShapeError(`stack: shapes or element types differ: ${showAll(xs)}`);
  }
  return join(
    xs.map((x) => unsqueeze(x, at)),
    at,
  );
}

const showAll = (xs: readonly Node[]) => xs.map(({ shape, dtype }) => `${dtype}${showShape(shape)}`).join(", ");

/**
 * Parts `x` along `axis`, into pieces of the given sizes or into so many equal ones.
 * @throws ShapeError when the sizes do not add up
 * @example
 * const [first, rest] = split(x, [1, 9]);
 */
export function split(x: Node, sizes: number | readonly number[], axis = 0): Node[] {
  const at = axisOf("split", axis, x.shape.length);
  const extent = x.shape[at] as number;
  const list = typeof sizes === "number" ? new Array<number>(sizes).fill(extent / sizes) : sizes;
  const total = list.reduce((sum, size) => sum + size, 0);
  if (total !== extent || !list.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(
      `split: ${typeof sizes === "number" ? `${sizes} equal pieces` : `sizes [${list.join(", ")}]`} of axis ${at}: it has ${extent} elements`,
    );
  }
  let start = 0;
  return list.map((size) => {
    start += size;
    return sliceAxis(x, at, start - size, size);
  });
}

/** What stands in the padding. */
export type PadMode = "constant" | "edge" | "reflect" | "symmetric";

/** Options of `pad`. */
export interface PadOptions {
  /** What the new elements are: `value`, the border repeated, or the inside mirrored without ("reflect") or with ("symmetric") the border. */
  readonly mode?: PadMode;
  readonly value?: number;
}

/**
 * Adds `padding[k] = [before, after]` elements to axis k.
 * @throws ShapeError when a mirrored padding is longer than what it mirrors
 * @example
 * pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], { mode: "reflect" });
 */
export function pad(
  x: Node,
  padding: readonly (readonly [number, number])[],
  { mode = "constant", value = 0 }: PadOptions = {},
): Node {
  if (padding.length !== x.shape.length || !padding.flat().every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ShapeError(
      `pad: needs [before, after] for each axis of ${showShape(x.shape)}: [${padding.map((pair) => `[${pair.join(", ")}]`).join(", ")}]`,
    );
  }
  if (mode === "constant")
    return padConstant(
      x,
      padding.map(([before]) => before),
      padding.map(([, after]) => after),
      value,
    );
  if (mode !== "edge" && mode !== "reflect" && mode !== "symmetric")
    throw new OptionError(`pad: no such mode: ${mode}`);
  return padding.reduce((padded, [before, after], axis) => padAxis(padded, axis, before, after, mode), x);
}

function padAxis(x: Node, axis: number, before: number, after: number, mode: Exclude<PadMode, "constant">): Node {
  const size = x.shape[axis] as number;
  const most =
    mode === "edge" ? (size > 0 ? Number.POSITIVE_INFINITY : 0) : mode === "reflect" ? Math.max(0, size - 1) : size;
  if (Math.max(before, after) > most) {
    throw new ShapeError(
      `pad: "${mode}" adds at most ${most} elements on a side of axis ${axis}: [${before}, ${after}], shape ${showShape(x.shape)}`,
    );
  }
  const border = (count: number, start: number) =>
    mode === "edge"
      ? expand(
          sliceAxis(x, axis, start, 1),
          x.shape.map((extent, k) => (k === axis ? count : extent)),
        )
      : flip(sliceAxis(x, axis, start, count), axis);
  const skip = mode === "reflect" ? 1 : 0;
  const parts = [x];
  if (before > 0) parts.unshift(border(before, mode === "edge" ? 0 : skip));
  if (after > 0) parts.push(border(after, mode === "edge" ? size - 1 : size - after - skip));
  return concat(parts, axis);
}

export const joinOps = { concat: concatOp };
