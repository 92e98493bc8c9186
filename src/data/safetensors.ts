// Reads safetensors: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes without gaps.
// https://github.com/huggingface/safetensors#format. A file may be hostile: every number is checked before it is used.
import { DataError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";
import { duplicateKey } from "./jsonKeys.ts";

/** The element types that are read. */
export type SafetensorsDType = "F64" | "F32" | "I32" | "U32" | "F16" | "BF16" | "U8" | "BOOL";
/** The arrays that tensors of files become. */
export type SafetensorsArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** A tensor of a file, row-major. F16 and BF16 are widened to f32, which is exact; BOOL is 0 or 1 in bytes. */
export type SafetensorsEntry = {
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  readonly data: SafetensorsArray;
};

/** A file's tensors by name, and its notes. They are maps, so that no name means anything to JavaScript. */
export type Safetensors = {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
};

export const MAX_HEADER_BYTES = 100_000_000; // the reference implementation's limit
export const MAX_TENSORS = 65_536;
const MAX_RANK = 32;

type Format = { readonly bytes: number; readonly decode: (bytes: ArrayBuffer) => SafetensorsArray };

// Typed arrays are little-endian, as the file is, wherever WebGPU runs.
const FORMATS: Readonly<Record<SafetensorsDType, Format>> = {
  F64: { bytes: 8, decode: (bytes) => new Float64Array(bytes) },
  F32: { bytes: 4, decode: (bytes) => new Float32Array(bytes) },
  I32: { bytes: 4, decode: (bytes) => new Int32Array(bytes) },
  U32: { bytes: 4, decode: (bytes) => new Uint32Array(bytes) },
  F16: { bytes: 2, decode: (bytes) => Float32Array.from(new Uint16Array(bytes), widenFloat16) },
  BF16: { bytes: 2, decode: (bytes) => widenBfloat16(new Uint16Array(bytes)) },
  U8: { bytes: 1, decode: (bytes) => new Uint8Array(bytes) },
  BOOL: { bytes: 1, decode: (bytes) => new Uint8Array(bytes) },
};

type Fail = (problem: string, cause?: unknown) => never;
/** Where a tensor lies: bytes begin … end − 1 after the header. */
type Place = {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
};

/**
 * Reads a safetensors file; the arrays are copies. `name` stands for the file in messages.
 * Throws DataError for whatever the format forbids: a header or tensors that do not fit the file, overlaps, gaps, keys given twice,
 * unknown fields and types, sizes that are not whole; and for a header above 100 MB or more than 65,536 tensors.
 *
 * @example
 * const { tensors } = readSafetensors(new Uint8Array(await file.arrayBuffer()), file.name);
 * const weight = tensors.get("0.weight")?.data;
 */
export function readSafetensors(file: Uint8Array, name = "file"): Safetensors {
  const fail: Fail = (problem, cause) => {
    throw new DataError(`readSafetensors (${name}): ${problem}`, {
      file: name,
      ...(cause === undefined ? {} : { cause }),
    });
  };
  const { header, start } = readHeader(file, fail);
  const metadata = readMetadata(header, fail);
  const names = Object.keys(header).filter((key) => key !== "__metadata__");
  if (names.length > MAX_TENSORS) fail(`too many tensors: ${names.length} > ${MAX_TENSORS}`);
  const places = names.map((tensor) => readPlace(tensor, header[tensor], fail));
  checkCoverage(places, file.length - start, fail);

  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name: tensor, dtype, shape, begin, end } of places) {
    const bytes = new ArrayBuffer(end - begin);
    new Uint8Array(bytes).set(file.subarray(start + begin, start + end));
    const data = FORMATS[dtype].decode(bytes);
    const wrong = dtype === "BOOL" ? (data as Uint8Array).find((value) => value > 1) : undefined;
    if (wrong !== undefined) fail(`tensor ${show(tensor)} holds a BOOL that is neither 0 nor 1: ${wrong}`);
    tensors.set(tensor, { dtype, shape, data });
  }
  return { tensors, metadata };
}

function readHeader(file: Uint8Array, fail: Fail): { header: Readonly<Record<string, unknown>>; start: number } {
  if (file.length < 8) fail(`the file ends within its header length: ${file.length} bytes`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(file.length - 8))
    fail(`the header is larger than the file: ${length} of ${file.length - 8} bytes`);
  if (length > MAX_HEADER_BYTES) fail(`the header is too large: ${length} > ${MAX_HEADER_BYTES} bytes`);
  const start = 8 + Number(length);
  let text = "";
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.subarray(8, start));
    header = JSON.parse(text);
  } catch (cause) {
    fail(`the header is not JSON in UTF-8: ${show(text.slice(0, 40))}`, cause);
  }
  if (!isRecord(header) || text[0] !== "{") return fail(`the header is not a JSON object: ${show(header)}`);
  const twice = duplicateKey(text);
  if (twice !== undefined) fail(`a key is given twice: ${show(twice)}`);
  return { header, start };
}

function readMetadata(header: Readonly<Record<string, unknown>>, fail: Fail): Map<string, string> {
  if (!Object.hasOwn(header, "__metadata__")) return new Map();
  const metadata = header.__metadata__;
  if (!isRecord(metadata)) return fail(`__metadata__ is not an object: ${show(metadata)}`);
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== "string") fail(`__metadata__ holds what is not text: ${show(key)} is ${show(text)}`);
  }
  return new Map(Object.entries(metadata as Record<string, string>));
}

function readPlace(name: string, fields: unknown, failFile: Fail): Place {
  const fail: Fail = (problem) => failFile(`tensor ${show(name)} ${problem}`);
  if (isUnsafeName(name)) fail("has a name that is refused: it would reach into JavaScript's own objects");
  if (!isRecord(fields) || Object.keys(fields).sort().join() !== "data_offsets,dtype,shape") {
    return fail(`must have dtype, shape and data_offsets, and nothing else: ${show(fields)}`);
  }
  const { dtype, shape, data_offsets: offsets } = fields;
  if (!isDType(dtype)) {
    return fail(`is of a type that is not supported: ${show(dtype)}. Supported: ${Object.keys(FORMATS).join(", ")}`);
  }
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isCount))
    return fail(`has no proper shape: ${show(shape)}`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isCount(begin) || !isCount(end) || begin > end) return fail(`has no proper data_offsets: ${show(offsets)}`);
  const bytes = shape.reduce((product, extent) => product * extent, FORMATS[dtype].bytes);
  if (!Number.isSafeInteger(bytes) || bytes !== end - begin) {
    fail(`does not fill its bytes: ${dtype} ${showShape(shape)} takes ${bytes}, data_offsets hold ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Every byte after the header must belong to exactly one tensor. */
function checkCoverage(places: readonly Place[], available: number, fail: Fail): void {
  let covered = 0;
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) fail(`tensor ${show(name)} overlaps another: it begins at ${begin}, before ${covered}`);
    if (begin > covered) fail(`tensor ${show(name)} leaves a gap: it begins at ${begin}, after ${covered}`);
    covered = end;
  }
  if (covered > available) fail(`the file is truncated: the tensors take ${covered} bytes, found ${available}`);
  if (covered < available)
    fail(`the file goes on after its last tensor: they take ${covered} bytes, found ${available}`);
}

/** Names are paths; one through `__proto__` or `constructor` would lead whoever builds a tree of them out of it. */
export function isUnsafeName(name: string): boolean {
  return name.split(".").some((part) => part === "__proto__" || part === "constructor");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDType(value: unknown): value is SafetensorsDType {
  return typeof value === "string" && Object.hasOwn(FORMATS, value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** A value of the file as JSON, cut where it would flood the message. */
function show(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
  } catch {
    return "a value nested too deeply to be shown"; // JSON.stringify recurses
  }
}

/** IEEE binary16 → number: sign, 5 bits of exponent (bias 15), 10 of fraction. */
function widenFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16 is the upper half of an f32. */
function widenBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
