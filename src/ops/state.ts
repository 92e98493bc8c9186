// Ops of the step loop: state that is packed into one array, guarded against values that are not finite, and logged on the device.

import recordShader from "../../shaders/record.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { reshape } from "./broadcast.ts";
import { slice } from "./layout.ts";
import { sumOf, teamFor } from "./team.ts";

const copyOp = defineOp<{ readonly slot: number }>({
  name: "copy",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
  reference: ([x]) => (x as Float64Array).slice(),
  grad: ({ dy }) => [dy],
  alone: true,
  pointwise: { aligned: true, cost: 0, expression: ({ load, index }) => load(0, index) },
});

let slots = 0;

/** The same values in memory of their own, by a dispatch of its own. */
export function copy(x: Node): Node {
  return copyOp([x], { slot: slots++ });
}

/** Elements between the starts of packed arrays: 256 bytes, what binding offsets are aligned to. */
export const PACK_ALIGNMENT = 64;

/** Up to so many elements in all, arrays lie side by side: the gaps would cost an optimiser more than binding them apart saves. */
const SIDE_BY_SIDE = 4096;

/** Where arrays of these sizes lie in one flat array, and how long that is. */
export function packLayout(sizes: readonly number[]): { offsets: number[]; total: number } {
  const isSmall = sizes.reduce((sum, size) => sum + size, 0) <= SIDE_BY_SIDE;
  let total = 0;
  const offsets = sizes.map((size) => {
    const offset = total;
    total += isSmall ? size : Math.ceil(size / PACK_ALIGNMENT) * PACK_ALIGNMENT;
    return offset;
  });
  return { offsets, total };
}

const layoutOf = (inputs: readonly Spec[]) => packLayout(inputs.map((input) => sizeOf(input.shape)));

const packOp = defineOp({
  name: "pack",
  inputs: ["x…"],
  infer: (inputs) => ({ shape: [layoutOf(inputs).total], dtype: inputs[0]?.dtype ?? "f32" }),
  reference: (values, { inputs }) => {
    const { offsets, total } = layoutOf(inputs);
    const y = new Float64Array(total);
    values.forEach((value, i) => {
      y.set(value, offsets[i]);
    });
    return y;
  },
  grad: ({ x, dy }) =>
    unpack(
      dy,
      x.map((input) => input.shape),
    ),
  places: (inputs) => layoutOf(inputs).offsets,
});

/** One flat array of all `xs`, laid out by `packLayout`. Whoever computes them writes straight into it. */
export function pack(xs: readonly Node[]): Node {
  return packOp(xs, {});
}

/** Views into a packed array. */
export function unpack(flat: Node, shapes: readonly (readonly number[])[]): Node[] {
  const { offsets, total } = packLayout(shapes.map(sizeOf));
  if (flat.shape.length !== 1 || flat.shape[0] !== total)
    throw new ShapeError(`unpack: needs ${total} elements: got ${showShape(flat.shape)}`);
  return shapes.map((shape, i) => {
    const start = offsets[i] as number;
    return reshape(slice(flat, [start], [start + sizeOf(shape)]), shape);
  });
}

const finiteCheckOp = defineOp({
  name: "finiteCheck",
  inputs: ["flag", "x…"],
  infer: ([flag]) => flag as Spec,
  reference: ([flag, ...values]) =>
    Float64Array.of(flag?.[0] || values.some((value) => !value.every(Number.isFinite)) ? 1 : 0),
  watches: true,
  inPlace: { 0: 0 },
});

/** `flag` ([] u32), raised to 1 once any element of `xs` is infinite or NaN. It stays up, so later steps can hold still. */
export function finiteCheck(flag: Node, xs: readonly Node[]): Node {
  return finiteCheckOp([flag, ...xs], {});
}

const recordOp = defineOp({
  name: "record",
  inputs: ["ring", "counter", "values"],
  results: ["ring_next", "counter_next"],
  infer: ([ring, counter, values]) => {
    if (ring?.shape.length !== 2 || values?.shape.length !== 2 || ring.shape[1] !== values.shape[0]) {
      throw new ShapeError(
        `record: the ring must be [rows, columns] and the values [columns, batch]: got ${showShape(ring?.shape ?? [])} and ${showShape(values?.shape ?? [])}`,
      );
    }
    return [ring, counter as Spec];
  },
  reference: ([ring, counter, values], { inputs }) => {
    const [ringSpec, , valuesSpec] = inputs as readonly [Spec, Spec, Spec];
    const [rows, columns] = ringSpec.shape as [number, number];
    const batch = valuesSpec.shape[1] as number;
    const at = counter?.[0] as number;
    const next = (ring as Float64Array).slice();
    for (let column = 0; column < columns; column++) {
      let total = 0;
      for (let i = 0; i < batch; i++) total += values?.[column * batch + i] as number;
      next[(at % rows) * columns + column] = total;
    }
    return [next, Float64Array.of(at + 1)];
  },
  inPlace: { 0: 0, 1: 1 },
  kernel: {
    rawResults: ["ring_next", "counter_next"],
    build: ({ inputs, profile }) => {
      const [rows = 0, columns = 0] = inputs[0]?.shape ?? [];
      const batch = inputs[2]?.shape[1] ?? 0;
      const shares = { results: columns, count: batch, isContiguous: true };
      const team = teamFor(shares, profile, [sumOf("f32")], profile.within?.lanes);
      return { file: "record.wgsl", shader: recordShader, ...team, sizes: { rows, columns, batch }, workgroups: 1 };
    },
  },
});

/**
 * Sums `values` [columns, batch] over the batch into row `counter mod rows` of `ring` [rows, columns], and counts up.
 * Losses and metrics of many steps wait there until the host fetches them.
 */
export function record(ring: Node, counter: Node, values: Node): Node {
  return recordOp([ring, counter, values], {});
}

export const stateOps = { copy: copyOp, pack: packOp, finiteCheck: finiteCheckOp, record: recordOp };
