// Values that need no memory (filled constants, counting indices) and the leaves of a graph (inputs, constant arrays).
import type { DType, Storage } from "../core/dtype.ts";
import { DataError, ShapeError } from "../core/error.ts";
import { checkShape, type Shape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp } from "../graph/define.ts";
import { type Input, isNode, type Node } from "../graph/node.ts";

interface FillAttrs {
  readonly shape: Shape;
  readonly value: number;
  readonly dtype: DType;
}

const fillOp = defineOp<FillAttrs>({
  name: "fill",
  inputs: [],
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  grad: () => [],
  pointwise: { aligned: true, cost: 0, expression: ({ attrs }) => literal(attrs.value, attrs.dtype) },
});

/** A tensor of `shape` with every element `value`. */
export function fill(shape: Shape, value: number, dtype: DType = "f32"): Node {
  checkShape("fill", shape);
  return fillOp([], { shape: [...shape], value: Number(value), dtype });
}

/** The value of a filled constant; undefined for any other node. */
export function filledWith(x: Node): number | undefined {
  return x.op === (fillOp.op as unknown) ? (x.attrs["value"] as number) : undefined;
}

export const zerosLike = (x: Node): Node => fill(x.shape, 0, x.dtype);

const iotaOp = defineOp<{ readonly count: number; readonly dtype: DType }>({
  name: "iota",
  inputs: [],
  infer: (_, { count, dtype }) => ({ shape: [count], dtype }),
  pointwise: { aligned: true, cost: 0, expression: ({ index, output }) => `${output.dtype}(${index})` },
});

/** 0, 1, 2 … count − 1. */
export function iota(count: number, dtype: Exclude<DType, "bool"> = "u32"): Node {
  checkShape("iota", [count]);
  return iotaOp([], { count, dtype });
}

interface LeafAttrs {
  /** Tells leaves apart: each one is itself. */
  readonly leaf: number;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly storage: Storage;
}

const inputOp = defineOp<LeafAttrs>({
  name: "input",
  inputs: [],
  leaf: true,
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  reference: () => {
    throw new DataError("input: no value was given");
  },
});

let leaves = 0;
const constants = new WeakMap<Node, ArrayLike<number>>();

/** A leaf whose elements come from outside each time the program runs. Storage "u8" holds bytes; they read as u32. */
export function input(name: string, shape: Shape, dtype: DType = "f32", storage: Storage = dtype): Node {
  checkShape(`input ${name}`, shape);
  if (storage !== dtype && !(storage === "u8" && dtype === "u32")) {
    throw new ShapeError(`input ${name}: ${storage} memory cannot be read as ${dtype}`);
  }
  return inputOp([], { leaf: leaves++, name, shape: [...shape], dtype, storage });
}

/** A constant array, uploaded once. */
export function constant(data: ArrayLike<number>, shape: Shape = [data.length], dtype: DType = "f32"): Node {
  if (sizeOf(shape) !== data.length)
    throw new DataError(`constant: ${data.length} values do not fill shape ${showShape(shape)}`);
  const node = input("constant", shape, dtype);
  constants.set(node, data);
  return node;
}

/** The array behind a leaf made by `constant`. */
export function constantData(node: Node): ArrayLike<number> | undefined {
  return constants.get(node);
}

/** Makes a node of a plain number or boolean; `like` gives the dtype that a number takes. */
export function asNode(call: string, x: Input, like?: Node): Node {
  if (isNode(x)) return x;
  if (typeof x === "boolean") return fill([], x ? 1 : 0, "bool");
  if (typeof x !== "number") {
    throw new ShapeError(
      `${call}: not a tensor or a number: ${typeof x}. Inside a compiled function, pass tensors as its arguments`,
    );
  }
  const dtype = like?.dtype ?? "f32";
  if ((dtype === "i32" || dtype === "u32") && !Number.isInteger(x))
    throw new ShapeError(`${call}: ${x} is not an integer, the other side is ${dtype}`);
  return fill([], x, dtype);
}

/** A number as WGSL text of the given dtype, exact in f32. */
export function literal(value: number, dtype: DType): string {
  if (dtype === "bool") return value ? "true" : "false";
  if (dtype === "u32") return `${Math.trunc(value) >>> 0}u`;
  if (dtype === "i32") return value <= -2147483648 ? "i32(-2147483647 - 1)" : `i32(${Math.trunc(value)})`;
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "bitcast<f32>(sizes.nan_bits)";
  if (!Number.isFinite(rounded))
    return rounded > 0 ? "bitcast<f32>(sizes.infinity_bits)" : "(-bitcast<f32>(sizes.infinity_bits))";
  const text = `${rounded}`;
  return `f32(${Object.is(rounded, -0) ? "-0.0" : text})`;
}
