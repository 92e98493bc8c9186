import { describe, expect, test } from "vitest";
import {
  foldIn,
  integers,
  keyOf,
  normals,
  permutation,
  randomBits,
  randomNormal,
  randomUniform,
  STREAM,
  threefry2x32,
  uniforms,
} from "../../src/core/rng.ts";
import { errorOf } from "../errorOf.ts";

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("Threefry-2x32", () => {
  // Random123, kat_vectors: counter, key, output of threefry2x32 with 20 rounds.
  test.each([
    ["00000000 00000000", "00000000 00000000", "6b200159 99ba4efe"],
    ["ffffffff ffffffff", "ffffffff ffffffff", "1cb996fc bb002be7"],
    ["243f6a88 85a308d3", "13198a2e 03707344", "c4923a9c 483df7a0"],
  ])("counter %s under key %s gives the published answer %s", (counter, key, answer) => {
    const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16)) as [number, number];
    expect(threefry2x32(...words(key), ...words(counter))).toEqual(words(answer));
  });

  test("element i is word 0 of the block of counter (i, 0), and uniforms are its upper 24 bits", () => {
    const [k0, k1] = keyOf(7, 3);
    for (const i of [0, 1, 77, 0xffffffff]) {
      const [word] = threefry2x32(k0, k1, i, 0);
      expect(randomBits(k0, k1, i)).toBe(word);
      expect(randomUniform(k0, k1, i)).toBe(Math.floor(word / 256) / 2 ** 24);
      expect(Math.fround(randomUniform(k0, k1, i))).toBe(randomUniform(k0, k1, i));
    }
  });
});

describe("keys", () => {
  test("a seed's high and low words both count", () => {
    expect(keyOf(5)).toEqual([0, 5]);
    expect(keyOf(2 ** 40 + 0xffffffff)).toEqual([256, 0xffffffff]);
  });

  test("a stream path folds its numbers in one after the other", () => {
    expect(keyOf(5, [2, 9])).toEqual(foldIn(foldIn(keyOf(5), 2), 9));
    expect(keyOf(5, 2)).toEqual(keyOf(5, [2]));
    expect(keyOf(5, [2, 9])).not.toEqual(keyOf(5, [9, 2]));
  });

  test("keys of 20,000 streams are all different, and none is an element of its parent's stream", () => {
    const [k0, k1] = keyOf(1);
    const derived = Array.from({ length: 20_000 }, (_, data) => foldIn([k0, k1], data).join());
    expect(new Set(derived).size).toBe(20_000);
    const blocks = new Set(Array.from({ length: 20_000 }, (_, i) => threefry2x32(k0, k1, i, 0).join()));
    expect(derived.some((key) => blocks.has(key))).toBe(false);
  });

  test("the engine's own streams are distinct", () => {
    expect(new Set(Object.values(STREAM)).size).toBe(Object.keys(STREAM).length);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])("seed %d is refused", (seed) => {
    expect(errorOf(() => keyOf(seed))).toBe(`OptionError: keyOf: seed must be an integer in 0 … 2^53 − 1: ${seed}`);
  });

  test("a stream outside 32 bits is refused", () => {
    const wrong = "OptionError: keyOf: stream must be made of integers in 0 … 2^32 − 1: ";
    expect(errorOf(() => keyOf(1, [2, 2 ** 32]))).toBe(`${wrong}4294967296`);
    expect(errorOf(() => keyOf(1, -1))).toBe(`${wrong}-1`);
  });
});

describe("distributions", () => {
  test("uniforms fill [low, high) evenly", () => {
    const values = uniforms(3, 1, 100_000, -2, 6);
    expect(values.every((value) => value >= -2 && value < 6)).toBe(true);
    const bins = new Array<number>(16).fill(0);
    for (const value of values) bins[Math.floor((value + 2) * 2)] = (bins[Math.floor((value + 2) * 2)] ?? 0) + 1;
    const expected = 100_000 / 16;
    const chiSquare = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(37.7); // 99.9th percentile at 15 degrees of freedom
  });

  test("normals have the moments of the normal distribution", () => {
    const values = normals(3, 2, 200_000);
    expect(mean(values)).toBeCloseTo(0, 2);
    expect(mean(values.map((z) => z ** 2))).toBeCloseTo(1, 1.7);
    expect(mean(values.map((z) => z ** 3))).toBeCloseTo(0, 1);
    expect(mean(values.map((z) => z ** 4))).toBeCloseTo(3, 0.7);
    expect(mean(values.map((z) => (Math.abs(z) < 1 ? 1 : 0)))).toBeCloseTo(0.6827, 2);
    expect(mean(normals(3, 2, 100_000, 5, 0.5))).toBeCloseTo(5, 2);
  });

  test("normals are Box–Muller of the block's two words", () => {
    const [k0, k1] = keyOf(11);
    const [w0, w1] = threefry2x32(k0, k1, 4, 0);
    const radius = Math.sqrt(-2 * Math.log(((w0 >>> 8) + 1) / 2 ** 24));
    expect(randomNormal(k0, k1, 4)).toBeCloseTo(radius * Math.cos((2 * Math.PI * (w1 >>> 8)) / 2 ** 24), 14);
  });

  test("integers cover their range evenly, ends included", () => {
    const values = integers(3, 3, 60_000, -2, 4);
    const counts = [-2, -1, 0, 1, 2, 3].map((value) => values.filter((drawn) => drawn === value).length);
    expect(counts.reduce((a, b) => a + b)).toBe(60_000);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(integers(1, 1, 3, -(2 ** 31), 2 ** 31).every(Number.isInteger)).toBe(true);
  });

  test.each([
    [4, 4],
    [0.5, 3],
    [0, 2 ** 33],
  ])("integers from %d to %d are refused", (low, high) => {
    expect(errorOf(() => integers(1, 1, 3, low, high))).toBe(
      `OptionError: integers: the range must hold 32-bit integers, low < high: ${low} … ${high}`,
    );
  });

  test("the same seed and stream give the same numbers, another stream others", () => {
    expect(normals(9, 1, 50)).toEqual(normals(9, 1, 50));
    expect(normals(9, 1, 50)).not.toEqual(normals(9, 2, 50));
    expect(normals(9, 1, 50)).not.toEqual(normals(10, 1, 50));
    expect(normals(9, 1, 100).slice(0, 50)).toEqual(normals(9, 1, 50));
  });
});

describe("permutation", () => {
  test("holds every index once", () => {
    for (const count of [0, 1, 2, 3, 1000]) {
      const sorted = permutation(4, [STREAM.shuffle, 0], count).slice().sort();
      expect(sorted).toEqual(Uint32Array.from({ length: count }, (_, i) => i));
    }
  });

  test("every order of 4 is equally likely", () => {
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 24_000; draw++) {
      const order = permutation(5, draw, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(24);
    expect(chiSquare).toBeLessThan(49.7); // 99.9th percentile at 23 degrees of freedom
  });

  test("a fixed seed gives these orders", () => {
    expect([...permutation(1, 0, 8)]).toEqual([2, 6, 7, 5, 4, 1, 3, 0]);
    expect([...permutation(1, [2, 5], 8)]).toEqual([7, 2, 0, 1, 5, 6, 4, 3]);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 32])("count %d is refused", (count) => {
    expect(errorOf(() => permutation(1, 0, count))).toBe(
      `OptionError: permutation: count must be an integer in 0 … 2^32 − 1: ${count}`,
    );
  });
});
