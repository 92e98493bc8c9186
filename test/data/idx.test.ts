import { describe, expect, test } from "vitest";
import { parseIdx } from "../../src/data/idx.ts";
import { errorOf } from "../errorOf.ts";
import { idxFile } from "./idxFile.ts";

describe("parseIdx", () => {
  test("reads bytes and their shape", () => {
    const idx = parseIdx(idxFile(0x08, [2, 1, 3], [1, 2, 3, 253, 254, 255]));
    expect(idx).toEqual({ type: "u8", shape: [2, 1, 3], data: new Uint8Array([1, 2, 3, 253, 254, 255]) });
  });

  test.each([
    [0x09, "i8", [0xff, 0x7f], new Int8Array([-1, 127])],
    [0x0b, "i16", [0x80, 0x00, 0x01, 0x02], new Int16Array([-32768, 258])],
    [0x0c, "i32", [0xff, 0xff, 0xff, 0xfe, 0, 0, 1, 0], new Int32Array([-2, 256])],
    [0x0d, "f32", [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], new Float32Array([1, -2.5])],
    [0x0e, "f64", [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0x04, 0, 0, 0, 0, 0, 0], new Float64Array([1, -2.5])],
  ])("reads big-endian elements of type 0x%s as %s", (code, type, payload, data) => {
    expect(parseIdx(idxFile(code, [2], payload))).toEqual({ type, shape: [2], data });
  });

  test("reads a file that lies inside a larger buffer", () => {
    const file = idxFile(0x0b, [2], [0, 1, 0, 2]);
    const larger = new Uint8Array(file.length + 9);
    larger.set(file, 5);
    expect(parseIdx(larger.subarray(5, 5 + file.length)).data).toEqual(new Int16Array([1, 2]));
  });

  test("reads scalars and files without elements", () => {
    expect(parseIdx(idxFile(0x08, [], [7]))).toEqual({ type: "u8", shape: [], data: new Uint8Array([7]) });
    expect(parseIdx(idxFile(0x0d, [0, 5], []))).toEqual({ type: "f32", shape: [0, 5], data: new Float32Array(0) });
  });

  const whole = idxFile(0x08, [2, 3], [1, 2, 3, 4, 5, 6]);
  test.each([
    ["empty", new Uint8Array(0), "the file ends within its magic number: 0 bytes"],
    ["cut in the magic number", whole.slice(0, 3), "the file ends within its magic number: 3 bytes"],
    ["cut in the sizes", whole.slice(0, 11), "the file ends within its sizes: rank 2, 11 bytes"],
    ["truncated", whole.slice(0, -1), "the file is truncated: u8 [2, 3] takes 18 bytes, found 17"],
    [
      "too long",
      new Uint8Array([...whole, 0]),
      "the file goes on after its last element: u8 [2, 3] takes 18 bytes, found 19",
    ],
    [
      "an image file of another kind",
      new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
      "not an IDX file: it starts with 0x89504e47",
    ],
    ["of an unknown type", idxFile(0x0a, [1], [0]), "not an IDX file: it starts with 0x00000a01"],
    ["gzipped", new Uint8Array([0x1f, 0x8b, 8, 0]), "the file is compressed (gzip). Decompress it first"],
    [
      "of sizes beyond all memory",
      idxFile(0x08, [65536, 65536, 65536], []),
      "the file is truncated: u8 [65536, 65536, 65536] takes 281474976710672 bytes, found 16",
    ],
  ])("refuses a file that is %s", (_, bytes, problem) => {
    expect(errorOf(() => parseIdx(bytes, "x.idx"))).toBe(`DataError: parseIdx (x.idx): ${problem}`);
  });
});
