// Sums and products so far, along an axis. Both are one recurrence, and so are their gradients.
import scanShader from "../../shaders/scan.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { axisOf, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Profile } from "../graph/form.ts";
import type { Node, Spec } from "../graph/node.ts";
import { add, mul } from "./arithmetic.ts";
import { reshape } from "./broadcast.ts";
import { fill, filledWith } from "./constant.ts";
import { padConstant, sliceAxis } from "./layout.ts";
import { partsFor } from "./reductionKernel.ts";

interface ScanAttrs {
  readonly axis: number;
  readonly reverse: boolean;
}

const scanOp: OpFunction<ScanAttrs> = defineOp<ScanAttrs>({
  name: "scan",
  inputs: ["a", "b"],
  infer: ([, b]) => b as Spec,
  reference: ([a, b], { outputs: [output], attrs }) => {
    const { length, stride, lines } = linesOf((output as Spec).shape, attrs.axis);
    const y = new Float64Array(lines * length);
    for (let line = 0; line < lines; line++) {
      const first = Math.floor(line / stride) * stride * length + (line % stride);
      let before: number | undefined;
      for (let k = 0; k < length; k++) {
        const i = first + (attrs.reverse ? length - 1 - k : k) * stride;
        before = before === undefined ? (b?.[i] as number) : (a?.[i] as number) * before + (b?.[i] as number);
        y[i] = before;
      }
    }
    return y;
  },
  // y(k) = a(k)·y(k−1) + b(k): with g(k) = dy(k) + a(k+1)·g(k+1), db = g and da(k) = g(k)·y(k−1).
  grad: ({ x: [a], y, dy, attrs: { axis, reverse } }) => {
    const later = scanOp([shift(a as Node, axis, !reverse), dy], { axis, reverse: !reverse });
    return [mul(later, shift(y, axis, reverse)), later];
  },
  kernel: {
    build: ({ outputs: [output], attrs }) => {
      const { shape, dtype } = output as Spec;
      const { length, stride, lines } = linesOf(shape, attrs.axis);
      return {
        file: "scan.wgsl",
        shader: scanShader,
        consts: { REVERSE: attrs.reverse },
        types: { Element: dtype },
        sizes: { lines, length, stride },
        workgroups: Math.ceil(lines / 64),
      };
    },
  },
  lower: (node, profile) => inBlocks(node, profile),
  tolerance: { relative: 3e-5, absolute: 1e-6 }, // errors of long lines add up
});

function linesOf(shape: readonly number[], axis: number): { length: number; stride: number; lines: number } {
  const length = shape[axis] as number;
  return { length, stride: sizeOf(shape.slice(axis + 1)), lines: sizeOf(shape) / Math.max(1, length) };
}

/** Moves elements one place along `axis`, away from the start of the count; what comes in is `first`. */
function shift(x: Node, axis: number, reverse: boolean, first = 0): Node {
  const kept = sliceAxis(x, axis, reverse ? 1 : 0, (x.shape[axis] as number) - 1);
  const one = x.shape.map((_, k) => (k === axis ? 1 : 0));
  const none = x.shape.map(() => 0);
  return padConstant(kept, reverse ? none : one, reverse ? one : none, first);
}

/** A long recurrence with few lines runs as blocks side by side, then adds what came before each block. */
function inBlocks(node: Node, profile: Profile): Node {
  const { axis, reverse } = node.attrs as unknown as ScanAttrs;
  const { length, stride, lines } = linesOf(node.shape, axis);
  const blocks = partsFor(lines, length, profile, 0, profile.family);
  if (blocks < 2) return node;
  const size = Math.ceil(length / blocks);
  const inBlock = { axis: 2, reverse };
  const [a, b] = node.inputs.map((input) => {
    const value = filledWith(input);
    const shape = [lines / stride, blocks, size, stride];
    if (value !== undefined) return fill(shape, value, input.dtype);
    const flat = reshape(input, [lines / stride, length, stride]);
    const extra = [0, blocks * size - length, 0];
    return reshape(padConstant(flat, reverse ? extra : [0, 0, 0], reverse ? [0, 0, 0] : extra, 0), shape);
  }) as [Node, Node];
  const own = scanOp([a, b], inBlock);
  const weight = filledWith(a) === 1 ? a : product(a, inBlock);
  const end = (x: Node) => sliceAxis(x, 2, reverse ? 0 : size - 1, 1);
  const carried = scanOp([end(weight), end(own)], { axis: 1, reverse });
  const before = shift(carried, 1, reverse);
  const whole = reshape(add(own, mul(weight, before)), [lines / stride, blocks * size, stride]);
  return reshape(sliceAxis(whole, 1, reverse ? blocks * size - length : 0, length), node.shape);
}

/** Products so far: the recurrence that starts from the first element and adds nothing. */
function product(x: Node, attrs: ScanAttrs): Node {
  const start = sliceAxis(x, attrs.axis, attrs.reverse ? (x.shape[attrs.axis] as number) - 1 : 0, 1);
  const rest = x.shape.map((size, k) => (k === attrs.axis ? size - 1 : 0));
  const none = x.shape.map(() => 0);
  return scanOp([x, padConstant(start, attrs.reverse ? rest : none, attrs.reverse ? none : rest, 0)], attrs);
}

/** Options of `cumsum` and `cumprod`. */
export interface CumulativeOptions {
  /** Leaves the element itself out: the first result is 0 (or 1 for products). */
  readonly exclusive?: boolean;
  /** Counts from the end. */
  readonly reverse?: boolean;
}

/**
 * The sum of all elements up to each one, along `axis`.
 * @example
 * cumsum(x, 0, { exclusive: true }); // 0 1 3 6 for 1 2 3 4
 */
export function cumsum(x: Node, axis: number, options: CumulativeOptions = {}): Node {
  if (x.dtype === "bool") throw new ShapeError("cumsum: takes numbers: got bool. Use cast");
  const attrs = { axis: axisOf("cumsum", axis, x.shape.length), reverse: Boolean(options.reverse) };
  if (sizeOf(x.shape) === 0) return x;
  return scanOp([fill(x.shape, 1, x.dtype), options.exclusive ? shift(x, attrs.axis, attrs.reverse) : x], attrs);
}

/**
 * The product of all elements up to each one, along `axis`.
 * @example
 * cumprod(x, 0); // 1 2 6 24 for 1 2 3 4
 */
export function cumprod(x: Node, axis: number, options: CumulativeOptions = {}): Node {
  if (x.dtype === "bool") throw new ShapeError("cumprod: takes numbers: got bool. Use cast");
  const attrs = { axis: axisOf("cumprod", axis, x.shape.length), reverse: Boolean(options.reverse) };
  if (sizeOf(x.shape) === 0) return x;
  return product(options.exclusive ? shift(x, attrs.axis, attrs.reverse, 1) : x, attrs);
}

export const cumulativeOps = { scan: scanOp };
