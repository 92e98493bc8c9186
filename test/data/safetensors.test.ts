import { describe, expect, test } from "vitest";
import { duplicateKey } from "../../src/data/jsonKeys.ts";
import { readSafetensors } from "../../src/data/safetensors.ts";
import { type SafetensorsInput, writeSafetensors } from "../../src/data/safetensorsWriter.ts";
import { errorOf } from "../errorOf.ts";

/** A file made by hand: header text (or an object), then `bytes` of tensor data, all 0 unless given. */
function fileOf(header: unknown, data: number | readonly number[] = 0, headerBytes?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const tail = typeof data === "number" ? new Uint8Array(data) : Uint8Array.from(data);
  const file = new Uint8Array(8 + text.length + tail.length);
  new DataView(file.buffer).setBigUint64(0, headerBytes ?? BigInt(text.length), true);
  file.set(text, 8);
  file.set(tail, 8 + text.length);
  return file;
}

const f32 = (begin: number, end: number) => ({ dtype: "F32", shape: [(end - begin) / 4], data_offsets: [begin, end] });
const u8 = (shape: readonly unknown[], begin: unknown, end: unknown) => ({
  dtype: "U8",
  shape,
  data_offsets: [begin, end],
});

describe("reading", () => {
  test("a file made by hand gives its tensors and metadata", () => {
    const file = fileOf(
      { __metadata__: { format: "pt" }, b: { dtype: "F32", shape: [1, 2], data_offsets: [2, 10] }, a: u8([2], 0, 2) },
      [7, 8, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0],
    );
    const { tensors, metadata } = readSafetensors(file);
    expect(Object.fromEntries(tensors)).toEqual({
      a: { dtype: "U8", shape: [2], data: new Uint8Array([7, 8]) },
      b: { dtype: "F32", shape: [1, 2], data: new Float32Array([1, -2.5]) },
    });
    expect(Object.fromEntries(metadata)).toEqual({ format: "pt" });
  });

  test.each([
    ["F64", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], new Float64Array([-1.5])],
    ["I32", [0xfe, 0xff, 0xff, 0xff], new Int32Array([-2])],
    ["U32", [0xfe, 0xff, 0xff, 0xff], new Uint32Array([4294967294])],
    ["BOOL", [1, 0, 1], new Uint8Array([1, 0, 1])],
    ["BF16", [0x80, 0x3f, 0x49, 0xc0, 0x80, 0xff], new Float32Array([1, -3.140625, Number.NEGATIVE_INFINITY])],
    // 1, −2, the greatest, the least subnormal, −0, ∞, NaN
    [
      "F16",
      [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x80, 0x00, 0x7c, 0x01, 0x7e],
      new Float32Array([1, -2, 65504, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NaN]),
    ],
  ])("%s is decoded", (dtype, bytes, data) => {
    const file = fileOf({ x: { dtype, shape: [data.length], data_offsets: [0, bytes.length] } }, bytes);
    expect(readSafetensors(file).tensors.get("x")).toEqual({ dtype, shape: [data.length], data });
  });

  test("a file that lies inside a larger buffer, with a header padded by spaces, is read", () => {
    const file = fileOf(`${JSON.stringify({ x: f32(0, 4) })}   `, [0, 0, 0x80, 0x3f]);
    const larger = new Uint8Array(file.length + 8);
    larger.set(file, 3);
    expect(readSafetensors(larger.subarray(3, 3 + file.length)).tensors.get("x")?.data).toEqual(new Float32Array([1]));
  });

  test("no tensors, empty tensors and scalars are allowed", () => {
    expect(readSafetensors(fileOf({})).tensors.size).toBe(0);
    const file = fileOf({ none: u8([0, 3], 1, 1), one: u8([], 0, 1), first: u8([0], 0, 0) }, [5]);
    expect(readSafetensors(file).tensors.get("none")?.data.length).toBe(0);
    expect(readSafetensors(file).tensors.get("one")).toEqual({ dtype: "U8", shape: [], data: new Uint8Array([5]) });
  });

  const many = Object.fromEntries(Array.from({ length: 65_537 }, (_, i) => [`t${i}`, u8([0], 0, 0)]));
  const hostile: readonly [string, Uint8Array, string][] = [
    ["an empty file", new Uint8Array(0), "the file ends within its header length: 0 bytes"],
    ["a file of 7 bytes", new Uint8Array(7), "the file ends within its header length: 7 bytes"],
    ["a header larger than the file", fileOf({}, 0, 3n), "the header is larger than the file: 3 of 2 bytes"],
    [
      "a header length of 2^64 − 1",
      fileOf({}, 0, 2n ** 64n - 1n),
      "the header is larger than the file: 18446744073709551615 of 2 bytes",
    ],
    ["a header length of 0", fileOf("", 4), 'the header is not JSON in UTF-8: ""'],
    ["a header that is not JSON", fileOf("{x}"), 'the header is not JSON in UTF-8: "{x}"'],
    ["a header cut short", fileOf('{"a":', 4), 'the header is not JSON in UTF-8: "{\\"a\\":"'],
    [
      "a header that is not UTF-8",
      new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff]),
      'the header is not JSON in UTF-8: ""',
    ],
    ["a header with a byte-order mark", fileOf("\ufeff{}"), 'the header is not JSON in UTF-8: "\ufeff{}"'],
    ["a header that is an array", fileOf("[]"), "the header is not a JSON object: []"],
    ["a header that is null", fileOf("null"), "the header is not a JSON object: null"],
    ["a header that begins with a space", fileOf(" {}"), "the header is not a JSON object: {}"],
    ["deep nesting", fileOf(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), 'tensor "a" must have'],
    ["a name given twice", fileOf('{"a":{},"b":{},"a":{}}'), 'a key is given twice: "a"'],
    ["a name given twice through an escape", fileOf('{"a":1,"\\u0061":2}'), 'a key is given twice: "a"'],
    [
      "a field given twice",
      fileOf('{"a":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,1]}}', 1),
      'a key is given twice: "shape"',
    ],
    ["too many tensors", fileOf(many), "too many tensors: 65537 > 65536"],
    ["metadata that is no object", fileOf({ __metadata__: "x" }), '__metadata__ is not an object: "x"'],
    ["metadata that is not text", fileOf({ __metadata__: { a: 1 } }), '__metadata__ holds what is not text: "a" is 1'],
    [
      "a tensor that is no object",
      fileOf({ a: 3 }),
      'tensor "a" must have dtype, shape and data_offsets, and nothing else: 3',
    ],
    [
      "a tensor without a shape",
      fileOf({ a: { dtype: "U8", data_offsets: [0, 1] } }, 1),
      'tensor "a" must have dtype, shape and data_offsets, and nothing else: {"dtype":"U8","data_offsets":[0,1]}',
    ],
    [
      "a tensor with one field more",
      fileOf({ a: { ...u8([1], 0, 1), x: 1 } }, 1),
      'tensor "a" must have dtype, shape and data_offsets',
    ],
    [
      "an unknown type",
      fileOf({ a: { ...u8([1], 0, 8), dtype: "I64" } }, 8),
      'tensor "a" is of a type that is not supported: "I64". Supported: F64, F32',
    ],
    [
      "a type that JavaScript knows",
      fileOf({ a: { ...u8([1], 0, 8), dtype: "toString" } }, 8),
      'tensor "a" is of a type that is not supported: "toString"',
    ],
    ["a negative size", fileOf({ a: u8([-1], 0, 1) }, 1), 'tensor "a" has no proper shape: [-1]'],
    ["a size of 2^53", fileOf({ a: u8([2 ** 53], 0, 1) }, 1), 'tensor "a" has no proper shape: [9007199254740992]'],
    ["a size that is not whole", fileOf({ a: u8([0.5, 2], 0, 1) }, 1), 'tensor "a" has no proper shape: [0.5,2]'],
    ["a size that is text", fileOf({ a: u8(["1"], 0, 1) }, 1), 'tensor "a" has no proper shape: ["1"]'],
    ["a shape of rank 33", fileOf({ a: u8(new Array(33).fill(1), 0, 1) }, 1), 'tensor "a" has no proper shape: [1,1'],
    [
      "sizes whose product overflows",
      fileOf({ a: u8([2 ** 32, 2 ** 32], 0, 1) }, 1),
      'tensor "a" does not fill its bytes: U8 [4294967296, 4294967296] takes 18446744073709552000, data_offsets hold 1',
    ],
    [
      "a shape smaller than its bytes",
      fileOf({ a: u8([1], 0, 2) }, 2),
      'tensor "a" does not fill its bytes: U8 [1] takes 1, data_offsets hold 2',
    ],
    [
      "a type wider than its bytes",
      fileOf({ a: { ...u8([2], 0, 2), dtype: "F32" } }, 2),
      'tensor "a" does not fill its bytes: F32 [2] takes 8, data_offsets hold 2',
    ],
    ["offsets in the wrong order", fileOf({ a: u8([1], 1, 0) }, 1), 'tensor "a" has no proper data_offsets: [1,0]'],
    ["negative offsets", fileOf({ a: u8([1], -1, 0) }, 1), 'tensor "a" has no proper data_offsets: [-1,0]'],
    [
      "offsets of −0",
      fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[-0,0]}}'),
      'tensor "a" has no proper data_offsets: [0,0]',
    ],
    ["offsets beyond 2^53", fileOf({ a: u8([1], 2 ** 53, 2 ** 53) }, 1), 'tensor "a" has no proper data_offsets'],
    [
      "three offsets",
      fileOf({ a: { ...u8([1], 0, 1), data_offsets: [0, 1, 2] } }, 1),
      'tensor "a" has no proper data_offsets: [0,1,2]',
    ],
    [
      "overlapping tensors",
      fileOf({ a: u8([4], 0, 4), b: u8([4], 2, 6) }, 6),
      'tensor "b" overlaps another: it begins at 2, before 4',
    ],
    [
      "two tensors in one place",
      fileOf({ a: f32(0, 4), b: f32(0, 4) }, 4),
      'tensor "b" overlaps another: it begins at 0, before 4',
    ],
    [
      "a gap between tensors",
      fileOf({ a: u8([1], 0, 1), b: u8([1], 2, 3) }, 3),
      'tensor "b" leaves a gap: it begins at 2, after 1',
    ],
    ["a gap at the start", fileOf({ a: u8([1], 1, 2) }, 2), 'tensor "a" leaves a gap: it begins at 1, after 0'],
    ["a truncated file", fileOf({ a: f32(0, 8) }, 7), "the file is truncated: the tensors take 8 bytes, found 7"],
    [
      "a tensor of 4 PiB",
      fileOf({ a: u8([2 ** 52], 0, 2 ** 52) }, 7),
      "the file is truncated: the tensors take 4503599627370496 bytes, found 7",
    ],
    [
      "bytes after the last tensor",
      fileOf({ a: f32(0, 8) }, 9),
      "the file goes on after its last tensor: they take 8 bytes, found 9",
    ],
    ["bytes and no tensor", fileOf({}, 1), "the file goes on after its last tensor: they take 0 bytes, found 1"],
    [
      "a BOOL of 2",
      fileOf({ a: { ...u8([2], 0, 2), dtype: "BOOL" } }, [1, 2]),
      'tensor "a" holds a BOOL that is neither 0 nor 1: 2',
    ],
    [
      "the name __proto__",
      fileOf('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      'tensor "__proto__" has a name that is refused',
    ],
    [
      "a path through constructor",
      fileOf({ "0.constructor.prototype": u8([0], 0, 0) }),
      'tensor "0.constructor.prototype" has a name that is refused',
    ],
  ];
  test.each(hostile)("refuses %s", (_, file, problem) => {
    expect(errorOf(() => readSafetensors(file, "x.safetensors"))).toContain(
      `DataError: readSafetensors (x.safetensors): ${problem}`,
    );
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  test("refuses a header above 100 MB before it is decoded", () => {
    const file = new Uint8Array(100_000_010);
    new DataView(file.buffer).setBigUint64(0, 100_000_001n, true);
    expect(errorOf(() => readSafetensors(file))).toBe(
      "DataError: readSafetensors (file): the header is too large: 100000001 > 100000000 bytes",
    );
  });

  test("every truncation and every flipped byte of the frame of a good file is refused or read, never a crash", () => {
    const good = fileOf({ __metadata__: { a: "b" }, w: f32(0, 8), v: u8([3], 8, 11) }, 11);
    for (let length = 0; length < good.length; length++) {
      expect(errorOf(() => readSafetensors(good.slice(0, length)))).toMatch(/^DataError: readSafetensors/);
    }
    for (let at = 0; at < good.length - 11; at++) {
      for (const mask of [1, 2, 16, 128]) {
        const bad = good.slice();
        bad[at] = (bad[at] as number) ^ mask;
        expect(errorOf(() => readSafetensors(bad))).toMatch(/^DataError: readSafetensors|^nothing was thrown/);
      }
    }
  });
});

describe("writing", () => {
  const tensors: readonly [string, SafetensorsInput][] = [
    ["flags", { shape: [3], data: new Uint32Array([1, 0, 1]), dtype: "BOOL" }],
    ["0.weight", { shape: [2, 2], data: new Float32Array([1, Number.NaN, Number.NEGATIVE_INFINITY, -0]) }],
    ["bytes", { shape: [5], data: new Uint8Array([1, 2, 3, 4, 5]) }],
    ["step", { shape: [], data: new Int32Array([-7]) }],
    ["wide", { shape: [1], data: new Float64Array([Math.PI]) }],
    ["words", { shape: [1, 1], data: new Uint32Array([2 ** 32 - 1]) }],
    ["none", { shape: [0, 4], data: new Float32Array(0) }],
    ['größe "1"', { shape: [1], data: new Float32Array([3]) }],
  ];

  test("what is written is read back, names, shapes, bits and metadata", () => {
    const read = readSafetensors(writeSafetensors(tensors, { layout: "[in, out]", engine: "gpugrad" }));
    expect([...read.tensors.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
    for (const [name, { shape, data, dtype }] of tensors) {
      expect(read.tensors.get(name)?.shape).toEqual(shape);
      expect([...(read.tensors.get(name)?.data ?? [])]).toEqual([...data]);
      if (dtype) expect(read.tensors.get(name)?.dtype).toBe(dtype);
    }
    expect(Object.fromEntries(read.metadata)).toEqual({ layout: "[in, out]", engine: "gpugrad" });
  });

  test("the file is the format's, byte by byte", () => {
    const file = writeSafetensors([["x", { shape: [1], data: new Float32Array([1]) }]]);
    const header = '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(new TextDecoder().decode(file.subarray(8, 64))).toBe(`${header}  `);
    expect([...file.subarray(0, 8)]).toEqual([56, 0, 0, 0, 0, 0, 0, 0]);
    expect([...file.subarray(64)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test("every tensor is aligned to its type", () => {
    const file = writeSafetensors(tensors);
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    const widths: Record<string, number> = { F64: 8, F32: 4, I32: 4, U32: 4, U8: 1, BOOL: 1 };
    for (const { dtype, data_offsets } of Object.values<{ dtype: string; data_offsets: [number, number] }>(header)) {
      expect(data_offsets[0] % (widths[dtype] as number)).toBe(0);
    }
  });

  test("a view into a larger buffer writes its own part", () => {
    const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(readSafetensors(writeSafetensors([["x", { shape: [2], data }]])).tensors.get("x")?.data).toEqual(
      new Float32Array([2, 3]),
    );
  });

  const one: SafetensorsInput = { shape: [1], data: new Float32Array(1) };
  test.each([
    [
      "DataError: writeSafetensors: a name is given twice: a",
      () =>
        writeSafetensors([
          ["a", one],
          ["a", one],
        ]),
    ],
    ["DataError: writeSafetensors: a name is reserved: __metadata__", () => writeSafetensors([["__metadata__", one]])],
    [
      "DataError: writeSafetensors: a name is reserved: a.__proto__.b",
      () => writeSafetensors([["a.__proto__.b", one]]),
    ],
    [
      "DataError: writeSafetensors (a): shape does not fit its data: [2, 2], 3 values",
      () => writeSafetensors([["a", { shape: [2, 2], data: new Float32Array(3) }]]),
    ],
    [
      "ShapeError: writeSafetensors (a): sizes must be non-negative integers: [-1]",
      () => writeSafetensors([["a", { shape: [-1], data: new Float32Array(1) }]]),
    ],
    [
      "DataError: writeSafetensors (a): a BOOL is neither 0 nor 1: 2 at 1",
      () => writeSafetensors([["a", { shape: [2], data: new Uint8Array([1, 2]), dtype: "BOOL" }]]),
    ],
    [
      "DataError: writeSafetensors: metadata is not text: a is 1",
      () => writeSafetensors([], { a: 1 as unknown as string }),
    ],
  ])("refuses: %s", (text, call) => {
    expect(errorOf(call)).toBe(text);
  });
});

describe("duplicateKey", () => {
  test.each([
    ["{}", undefined],
    ['{"a":1,"b":[{"a":1},{"a":2}],"c":{"a":3}}', undefined],
    ['{"a":"b","b":"a"}', undefined],
    ['{"a":"{\\"x\\":1,\\"x\\":2}"}', undefined],
    ['{"a" :1, "b":{"c":1}, "a"\n:2}', "a"],
    ['[{"x":{"y":1,"z":"}","y":2}}]', "y"],
    ['{"\\\\":1,"\\u005c":2}', "\\"],
    ['{"":1,"":2}', ""],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
  ])("in %s is %j", (json, key) => {
    expect(duplicateKey(json)).toBe(key);
  });
});
