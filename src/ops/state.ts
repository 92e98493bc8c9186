// Ops of the step loop: state that is packed into one array, guarded against values that are not finite, and logged on the device.

import recordShader from "../../shaders/record.wgsl?raw";
import { ShapeError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Node, Spec } from "../graph/node.ts";
import { section } from "./section.ts";
import { sumOf, teamFor } from "./team.ts";

const copyOp = defineOp<{ readonly slot: number }>({
  name: "copy",
  inputs: ["x"],
  infer: ([x]) => x as Spec,
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

/** The layout of these arrays. */
export const layoutOf = (inputs: readonly Spec[]) => packLayout(inputs.map((input) => sizeOf(input.shape)));

const packOp = defineOp({
  name: "pack",
  inputs: ["x…"],
  infer: (inputs) => ({ shape: [layoutOf(inputs).total], dtype: inputs[0]?.dtype ?? "f32" }),
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
  return shapes.map((shape, i) => section(flat, offsets[i] as number, shape));
}

const finiteCheckOp = defineOp({
  name: "finiteCheck",
  inputs: ["flag", "x…"],
  infer: ([flag]) => flag as Spec,
  watches: true,
  inPlace: { 0: 0 },
});

/** `flag` ([] u32), raised to 1 once any element of `xs` is infinite or NaN. It stays up, so later steps can hold still. */
export function finiteCheck(flag: Node, xs: readonly Node[]): Node {
  return finiteCheckOp([flag, ...xs], {});
}

export interface RecordAttrs {
  /** The column of the first value. */
  readonly first: number;
}

const batchOf = (values: readonly Spec[]) => Math.max(...values.map(({ shape }) => sizeOf(shape)));

/** Logs some values; the last of several counts up. */
function recordingOp(name: string, counts: boolean): OpFunction<RecordAttrs> {
  return defineOp<RecordAttrs>({
    name,
    inputs: ["ring", "counter", "values…"],
    results: counts ? ["ring_next", "counter_next"] : ["ring_next"],
    infer: ([ring, counter, ...values], { first }) => {
      const batch = batchOf(values);
      const fits = values.every(({ shape }) => shape.length === 0 || (shape.length === 1 && shape[0] === batch));
      if (ring?.shape.length !== 2 || first + values.length > (ring.shape[1] as number) || !fits) {
        const shapes = [ring as Spec, ...values].map(({ shape }) => showShape(shape)).join(", ");
        throw new ShapeError(`record: the ring must be [rows, columns], each value [batch] or []: got ${shapes}`);
      }
      return counts ? [ring, counter as Spec] : ring;
    },
    inPlace: counts ? { 0: 0, 1: 1 } : { 0: 0 },
    kernel: {
      rawResults: counts ? ["ring_next", "counter_next"] : ["ring_next"],
      build: ({ inputs: [ring, , ...values], attrs: { first }, profile }) => {
        const [rows, columns] = (ring as Spec).shape as [number, number];
        const batch = batchOf(values);
        const shares = { results: values.length, count: batch, isContiguous: true };
        const team = teamFor(shares, profile, [sumOf("f32")], profile.within?.lanes);
        const cases = values.map(({ shape }, i) =>
          shape.length === 0
            ? `case ${i}u: { return select(0.0, load_values${i}(0u), b == 0u); }`
            : `case ${i}u: { return load_values${i}(b); }`,
        );
        return {
          file: "record.wgsl",
          shader: recordShader,
          consts: team.consts,
          code: `${team.code}
fn load_value(i: u32, b: u32) -> f32 {
switch i {
${cases.join("\n")}
default: { return 0.0; }
}
}
fn step_now() -> u32 { return ${counts ? "counter_next[0]" : "load_counter(0u)"}; }
fn count_up(step: u32) { ${counts ? "counter_next[0] = step + 1u; " : ""}}`,
          sizes: { rows, columns, first, count: values.length, batch },
          workgroups: 1,
        };
      },
    },
  });
}

const recordOp = recordingOp("record", true);
const recordSomeOp = recordingOp("recordSome", false);

/** Values that one dispatch logs: each may be a binding. */
const MOST_LOGGED = 6;

/**
 * Sums each of `values`, [batch] or [], into its column of row `counter mod rows` of `ring` [rows, columns], and counts up.
 * Losses and metrics of many steps wait there until the host fetches them.
 */
export function record(ring: Node, counter: Node, values: readonly Node[]): Node {
  const last = Math.floor((values.length - 1) / MOST_LOGGED) * MOST_LOGGED;
  let log = ring;
  for (let first = 0; first < last; first += MOST_LOGGED)
    log = recordSomeOp([log, counter, ...values.slice(first, first + MOST_LOGGED)], { first });
  return recordOp([log, counter, ...values.slice(last)], { first: last });
}

export const stateOps = {
  copy: copyOp,
  pack: packOp,
  finiteCheck: finiteCheckOp,
  record: recordOp,
  recordSome: recordSomeOp,
};
