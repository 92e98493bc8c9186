// Slices: the adjoint pair slice ↔ embed, and the functions made of them. Slices that are one run in memory are sections (section.ts).
import { ShapeError } from "../core/error.ts";
import { axesOf, axisOf, type Shape, sameShape, showShape, sizeOf, stridesOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { fill, literal } from "./constant.ts";
import { collect, dot, forEachCoordinate } from "./coordinates.ts";
import { allOf, coordinate, mapIndex } from "./indexing.ts";
import { section } from "./section.ts";

interface SliceAttrs {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly shape: Shape;
}

const sliceOp = defineOp<SliceAttrs>({
  name: "slice",
  inputs: ["x"],
  infer: ([x], { shape }) => ({ shape, dtype: (x as Spec).dtype }),
  reference: ([x], { inputs: [from], attrs: { starts, steps, shape } }) => {
    const strides = stridesOf((from as Spec).shape);
    return collect(
      x as Float64Array,
      shape,
      dot(starts, strides),
      strides.map((stride, axis) => stride * (steps[axis] as number)),
    );
  },
  grad: ({ x: [x], dy, attrs: { starts, steps } }) => [embed(dy, (x as Node).shape, starts, steps)],
  pointwise: {
    aligned: false,
    cost: 2,
    expression: ({ load, index, inputs: [x], attrs: { starts, steps, shape } }) => {
      const strides = stridesOf((x as Spec).shape);
      const along = (sign: number) =>
        mapIndex(
          shape.map((size, k) => ({ size, stride: Math.max(0, sign * (steps[k] as number)) * (strides[k] as number) })),
          index,
        );
      const start = dot(starts, strides);
      return load(
        0,
        steps.some((step) => step < 0)
          ? `${start}u + ${along(1)} - ${along(-1)}`
          : start === 0
            ? along(1)
            : `${start}u + ${along(1)}`,
      );
    },
  },
});

/**
 * Where a slice starts in memory when it is one contiguous run: axes before the first that holds several elements hold one,
 * those after it are whole.
 */
function runOf(from: Shape, starts: readonly number[], steps: readonly number[], shape: Shape): number | undefined {
  const first = shape.findIndex((size) => size > 1);
  const whole = shape.every((size, axis) => axis <= first || size === from[axis]);
  const forward = shape.every((size, axis) => size <= 1 || steps[axis] === 1);
  return first < 0 || (whole && forward) ? dot(starts, stridesOf(from)) : undefined;
}

/**
 * Cuts a box out of `x`, as NumPy's x[start:end:step]. Axes not mentioned are whole. Negative starts and ends count from the end;
 * an end of `undefined` (or none) runs to the far side, which for a negative step is before element 0.
 * @throws ShapeError when a range leaves the axis or a step is 0
 * @example
 * slice(x, [1], [-1]); // all rows but the first and the last
 * slice(x, [], [], [1, -1]); // columns in reverse
 */
export function slice(
  x: Node,
  starts: readonly (number | undefined)[],
  ends: readonly (number | undefined)[] = [],
  steps: readonly number[] = [],
): Node {
  const rank = x.shape.length;
  const given = Math.max(starts.length, ends.length, steps.length);
  if (given > rank) throw new ShapeError(`slice: ${given} ranges for shape ${showShape(x.shape)}`);
  const ranges = x.shape.map((size, axis) => rangeOf(size, starts[axis], ends[axis], steps[axis] ?? 1, axis));
  const shape = ranges.map(({ count }) => count);
  if (sizeOf(shape) === 0) return fill(shape, 0, x.dtype);
  if (sameShape(shape, x.shape) && ranges.every(({ step, count }) => step === 1 || count === 1)) return x;
  const [from, paces] = [ranges.map(({ start }) => start), ranges.map(({ step }) => step)];
  const run = runOf(x.shape, from, paces, shape);
  return run === undefined ? sliceOp([x], { starts: from, steps: paces, shape }) : section(x, run, shape);
}

function rangeOf(size: number, first: number | undefined, last: number | undefined, step: number, axis: number) {
  const wrong = (what: string, value: number) =>
    new ShapeError(`slice: ${what} of axis ${axis} does not fit: ${value}, the axis has ${size} elements`);
  if (!Number.isInteger(step) || step === 0)
    throw new ShapeError(`slice: step of axis ${axis} must be a whole number, not 0: ${step}`);
  const wrap = (value: number) => (value < 0 ? value + size : value);
  const start = wrap(first ?? (step > 0 ? 0 : Math.max(0, size - 1)));
  if (!Number.isInteger(start) || start < 0 || start > size) throw wrong("start", first as number);
  const end = last === undefined ? (step > 0 ? size : -1) : wrap(last);
  if (!Number.isInteger(end) || end > size || (end < 0 && last !== undefined)) throw wrong("end", last as number);
  if (step < 0 && start === size && end < start - 1) throw wrong("start", start);
  return { start, step, count: size === 0 ? 0 : Math.max(0, Math.ceil((end - start) / step)) };
}

/** `size` elements of one axis, from `start` on. */
export function sliceAxis(x: Node, axis: number, start: number, size: number): Node {
  const at = axisOf("slice", axis, x.shape.length);
  const starts = x.shape.map((_, k) => (k === at ? start : 0));
  const ends = x.shape.map((extent, k) => (k === at ? start + size : extent));
  return slice(x, starts, ends);
}

/**
 * Reverses the order of elements along `axes` (all of them when left out).
 * @example
 * flip(x, -1); // each row reversed
 */
export function flip(x: Node, axes?: number | readonly number[]): Node {
  const over = axesOf("flip", axes, x.shape.length);
  return slice(
    x,
    [],
    [],
    x.shape.map((size, axis) => (over.includes(axis) && size > 1 ? -1 : 1)),
  );
}

interface EmbedAttrs extends SliceAttrs {
  readonly value: number;
}

const embedOp = defineOp<EmbedAttrs>({
  name: "embed",
  inputs: ["x"],
  infer: ([x], { shape }) => ({ shape, dtype: (x as Spec).dtype }),
  reference: ([x], { inputs: [from], attrs: { starts, steps, shape, value } }) => {
    const strides = stridesOf(shape);
    const y = new Float64Array(sizeOf(shape)).fill(value);
    forEachCoordinate((from as Spec).shape, (at, i) => {
      y[
        dot(
          at.map((k, axis) => (starts[axis] as number) + k * (steps[axis] as number)),
          strides,
        )
      ] = (x as Float64Array)[i] as number;
    });
    return y;
  },
  grad: ({ x: [x], dy, attrs: { starts, steps } }) => [sliceOp([dy], { starts, steps, shape: (x as Node).shape })],
  pointwise: {
    aligned: false,
    cost: 4,
    rereads: ([x], y) => sizeOf(y.shape) / sizeOf((x as Spec).shape), // it is worked out where it does not count, too
    expression: ({ load, index, local, inputs: [x], output, attrs: { starts, steps, shape, value } }) => {
      const from = (x as Spec).shape;
      const strides = stridesOf(from);
      const inside: string[] = [];
      const terms: string[] = [];
      from.forEach((size, axis) => {
        const start = starts[axis] as number;
        const step = steps[axis] as number;
        const at = coordinate(shape, axis, index);
        const covers = size === shape[axis] && step === 1;
        const distance = covers ? at : local("u32", step > 0 ? `${at} - ${start}u` : `${start}u - ${at}`);
        const pace = Math.abs(step);
        if (!covers) inside.push(`${distance} < ${(size - 1) * pace + 1}u`); // a distance below 0 has wrapped round to a large one
        if (pace > 1) inside.push(`${distance} % ${pace}u == 0u`);
        if (size > 1) terms.push(`${pace > 1 ? `${distance} / ${pace}u` : distance} * ${strides[axis]}u`);
      });
      const source = terms.join(" + ") || "0u";
      if (inside.length === 0) return load(0, source);
      const hit = local("bool", allOf(inside));
      return `select(${literal(value, output.dtype)}, ${load(0, `select(0u, ${source}, ${hit})`)}, ${hit})`;
    },
  },
});

/** The adjoint of a slice: `value` everywhere, but x[k] at start + k·step. */
function embed(x: Node, shape: Shape, starts: readonly number[], steps: readonly number[], value = 0): Node {
  if (sizeOf(x.shape) === 0) return fill(shape, value, x.dtype);
  return sameShape(x.shape, shape) && steps.every((step) => step === 1)
    ? x
    : embedOp([x], { starts, steps, shape, value });
}

/** Adds `before` and `after` elements of `value` to each axis. Use `pad`, which also mirrors and repeats. */
export function padConstant(x: Node, before: readonly number[], after: readonly number[], value = 0): Node {
  const shape = x.shape.map((size, axis) => size + (before[axis] as number) + (after[axis] as number));
  return embed(
    x,
    shape,
    before,
    shape.map(() => 1),
    value,
  );
}

export const layoutOps = { slice: sliceOp, embed: embedOp };
