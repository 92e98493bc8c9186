// IDX, the file format of MNIST (LeCun, Cortes, Burges): 0, 0, type, rank, the sizes as big-endian u32, then the elements, big-endian.
import { DataError } from "../core/error.ts";
import { showShape } from "../core/shape.ts";

/** Element types of IDX files. */
export type IdxType = "u8" | "i8" | "i16" | "i32" | "f32" | "f64";
/** The array that holds a file's elements. */
export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What an IDX file holds: row-major elements. Those of type u8 are a view of the file's bytes, not a copy. */
export type Idx = { readonly type: IdxType; readonly shape: readonly number[]; readonly data: IdxArray };

type Layout = {
  readonly type: IdxType;
  readonly bytes: number;
  readonly read: (view: DataView, start: number, count: number) => IdxArray;
};

const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [0x08, { type: "u8", bytes: 1, read: (v, at, n) => new Uint8Array(v.buffer, v.byteOffset + at, n) }],
  [0x09, { type: "i8", bytes: 1, read: (v, at, n) => new Int8Array(n).map((_, i) => v.getInt8(at + i)) }],
  [0x0b, { type: "i16", bytes: 2, read: (v, at, n) => new Int16Array(n).map((_, i) => v.getInt16(at + 2 * i)) }],
  [0x0c, { type: "i32", bytes: 4, read: (v, at, n) => new Int32Array(n).map((_, i) => v.getInt32(at + 4 * i)) }],
  [0x0d, { type: "f32", bytes: 4, read: (v, at, n) => new Float32Array(n).map((_, i) => v.getFloat32(at + 4 * i)) }],
  [0x0e, { type: "f64", bytes: 8, read: (v, at, n) => new Float64Array(n).map((_, i) => v.getFloat64(at + 8 * i)) }],
] satisfies [number, Layout][]);

/**
 * Reads an IDX file. `name` stands for it in messages.
 * Throws DataError if the bytes are no IDX file, are compressed, end early or go on after the last element.
 *
 * @example
 * const { shape, data } = parseIdx(bytes, "train-images-idx3-ubyte"); // shape [60000, 28, 28]
 */
export function parseIdx(bytes: Uint8Array, name = "file"): Idx {
  const fail = (problem: string): never => {
    throw new DataError(`parseIdx (${name}): ${problem}`, { file: name });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) fail(`the file ends within its magic number: ${bytes.length} bytes`);
  const magic = view.getUint32(0);
  if (magic >>> 16 === 0x1f8b) fail("the file is compressed (gzip). Decompress it first");
  const layout = LAYOUTS.get((magic >>> 8) & 0xff);
  if (magic >>> 16 !== 0 || !layout) return fail(`not an IDX file: it starts with 0x${hex(magic)}`);

  const rank = magic & 0xff;
  const start = 4 + 4 * rank;
  if (bytes.length < start) fail(`the file ends within its sizes: rank ${rank}, ${bytes.length} bytes`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, extent) => product * extent, 1);
  const expected = start + count * layout.bytes;
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? "is truncated" : "goes on after its last element";
    fail(`the file ${how}: ${layout.type} ${showShape(shape)} takes ${expected} bytes, found ${bytes.length}`);
  }
  return { type: layout.type, shape, data: layout.read(view, start, count) };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
