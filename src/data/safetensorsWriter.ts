// Writes safetensors files that readSafetensors (and every other reader) takes: no gaps, every tensor aligned to its type.
import { DataError } from "../core/error.ts";
import { checkShape, type Shape, showShape, sizeOf } from "../core/shape.ts";
import { isUnsafeName, MAX_TENSORS, type SafetensorsArray, type SafetensorsDType } from "./safetensors.ts";

/** A tensor to write: F64, F32, I32, U32 or U8 by the kind of its array, or `dtype: "BOOL"` with 0 and 1 in a Uint8Array or Uint32Array. */
export type SafetensorsInput = {
  readonly shape: Shape;
  readonly data: SafetensorsArray;
  readonly dtype?: "BOOL";
};

type Entry = {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
};

/**
 * Writes tensors and notes as one file. Wider types lie first, so that all are aligned.
 * Throws DataError for a name given twice or reserved, and for a shape that does not fit its data.
 *
 * @example
 * const file = writeSafetensors([["0.weight", { shape: [2, 3], data: new Float32Array(6) }]], { layout: "[in, out]" });
 */
export function writeSafetensors(
  tensors: Iterable<readonly [name: string, tensor: SafetensorsInput]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors].map(([name, tensor]) => entryOf(name, tensor));
  checkNames(entries);
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== "string")
      throw new DataError(`writeSafetensors: metadata is not text: ${key} is ${String(text)}`);
  }

  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set("__metadata__", metadata);
  const inFile = [...entries].sort((a, b) => widthOf(b) - widthOf(a));
  let end = 0;
  for (const { name, dtype, shape, bytes } of inFile) {
    header.set(name, { dtype, shape, data_offsets: [end, end + bytes.length] });
    end += bytes.length;
  }

  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / 8) * 8; // filled up with spaces, so that the tensors start aligned
  const file = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const { bytes } of inFile) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function entryOf(name: string, { shape, data, dtype }: SafetensorsInput): Entry {
  checkShape(`writeSafetensors (${name})`, shape);
  if (sizeOf(shape) !== data.length) {
    throw new DataError(
      `writeSafetensors (${name}): shape does not fit its data: ${showShape(shape)}, ${data.length} values`,
    );
  }
  if (dtype === undefined) {
    return { name, dtype: dtypeOf(data), shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  }
  const at = data.findIndex((value) => value !== 0 && value !== 1);
  if (at >= 0) throw new DataError(`writeSafetensors (${name}): a BOOL is neither 0 nor 1: ${data[at]} at ${at}`);
  return { name, dtype, shape, bytes: Uint8Array.from(data) };
}

function checkNames(entries: readonly Entry[]): void {
  if (entries.length > MAX_TENSORS) {
    throw new DataError(`writeSafetensors: too many tensors: ${entries.length} > ${MAX_TENSORS}`);
  }
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new DataError(`writeSafetensors: a name is given twice: ${name}`, { name });
    if (name === "__metadata__" || isUnsafeName(name)) {
      throw new DataError(`writeSafetensors: a name is reserved: ${name}`, { name });
    }
    seen.add(name);
  }
}

function dtypeOf(data: SafetensorsArray): SafetensorsDType {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Int32Array) return "I32";
  return data instanceof Uint32Array ? "U32" : "U8";
}

function widthOf({ bytes, shape }: Entry): number {
  return bytes.length / Math.max(1, sizeOf(shape));
}
