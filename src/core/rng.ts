// Random numbers by counter: element i of a stream is a pure function of (key, i), so replay, recomputation, CPU and GPU agree.
// Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// The WGSL twin is shaders/lib/threefry.wgsl: same bits, same uniforms; normals agree to f32 rounding.
import { OptionError } from "./error.ts";

/** Two 32-bit words that name a stream of random numbers. */
export type Key = readonly [number, number];
/** Numbers (0 … 2³² − 1) that tell streams of one seed apart: `2`, or a path such as `[STREAM.shuffle, epoch]`. */
export type Stream = number | readonly number[];

/** First numbers of the engine's own streams, so that weights, shuffles, splits and random ops of one seed are independent. */
export const STREAM = { parameters: 1, shuffle: 2, split: 3, ops: 4 } as const;

const PARITY = 0x1bd11bda; // the key schedule's constant C240, low word
const UNIT = 2 ** -24; // one step of a 24-bit mantissa
const WORDS = 2 ** 32;

/**
 * Encrypts the counter (c0, c1) under the key (k0, k1): two uniform 32-bit words.
 * All arguments are taken modulo 2³². Known answers: Random123's `kat_vectors`.
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const k2 = k0 ^ k1 ^ PARITY;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  let next = k1 | 0; // the key words that are injected next
  let after = k2;
  let last = k0 | 0;
  for (let group = 1; group <= 5; group++) {
    const isOdd = group & 1; // rotations: Salmon et al. table 4, N = 2, W = 32
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 13 : 17) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 15 : 29) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 26 : 16) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 6 : 24) ^ x0;
    x0 = (x0 + next) | 0;
    x1 = (x1 + after + group) | 0;
    const first = next;
    next = after;
    after = last;
    last = first;
  }
  return [x0 >>> 0, x1 >>> 0];
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Derives a key that is independent of `key` and of every other `data` (0 … 2³² − 1): counter (data, 1), which no element uses. */
export function foldIn(key: Key, data: number): [number, number] {
  return threefry2x32(key[0], key[1], data, 1);
}

/**
 * The key of one stream of a seed. Throws OptionError unless `seed` is an integer in 0 … 2⁵³ − 1.
 *
 * @example
 * const key = keyOf(7, [STREAM.shuffle, epoch]);
 */
export function keyOf(seed: number, stream: Stream = []): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new OptionError(`keyOf: seed must be an integer in 0 … 2^53 − 1: ${seed}`, { seed });
  }
  let key: Key = [Math.floor(seed / WORDS), seed >>> 0];
  for (const part of typeof stream === "number" ? [stream] : stream) {
    if (!Number.isInteger(part) || part < 0 || part >= WORDS) {
      throw new OptionError(`keyOf: stream must be made of integers in 0 … 2^32 − 1: ${part}`, { stream });
    }
    key = foldIn(key, part);
  }
  return key;
}

/** Element i of a stream as 32 random bits: word 0 of counter (i, 0). */
export function randomBits(k0: number, k1: number, i: number): number {
  return threefry2x32(k0, k1, i, 0)[0];
}

/** Element i as a uniform number in [0, 1): the upper 24 bits, so that f32 holds it exactly. */
export function randomUniform(k0: number, k1: number, i: number): number {
  return (randomBits(k0, k1, i) >>> 8) * UNIT;
}

/** Element i as a standard normal number (Box–Muller): √(−2 ln u₁) cos 2πu₂, u₁ in (0, 1] and u₂ in [0, 1) from the two words. |z| ≤ 5.77. */
export function randomNormal(k0: number, k1: number, i: number): number {
  const [w0, w1] = threefry2x32(k0, k1, i, 0);
  const u1 = ((w0 >>> 8) + 1) * UNIT;
  const u2 = (w1 >>> 8) * UNIT;
  return Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2);
}

/** `count` uniform numbers between `low` and `high`, rounded to f32. */
export function uniforms(seed: number, stream: Stream, count: number, low = 0, high = 1): Float32Array {
  const [k0, k1] = keyOf(seed, stream);
  return new Float32Array(count).map((_, i) => low + (high - low) * randomUniform(k0, k1, i));
}

/** `count` normal numbers with the given mean and standard deviation, rounded to f32. */
export function normals(seed: number, stream: Stream, count: number, mean = 0, std = 1): Float32Array {
  const [k0, k1] = keyOf(seed, stream);
  return new Float32Array(count).map((_, i) => mean + std * randomNormal(k0, k1, i));
}

/** `count` integers in low … high − 1, each equally likely. Throws OptionError unless both are 32-bit integers with low < high. */
export function integers(seed: number, stream: Stream, count: number, low: number, high: number): Int32Array {
  const is32Bit = (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value <= 2 ** 31;
  if (!is32Bit(low) || !is32Bit(high) || low >= high) {
    throw new OptionError(`integers: the range must hold 32-bit integers, low < high: ${low} … ${high}`, { low, high });
  }
  const below = boundedDraws(keyOf(seed, stream));
  return new Int32Array(count).map(() => low + below(high - low));
}

/**
 * A random order of 0 … count − 1, every order equally likely (Fisher–Yates on unbiased draws).
 * Throws OptionError unless `count` is an integer in 0 … 2³² − 1.
 */
export function permutation(seed: number, stream: Stream, count: number): Uint32Array {
  if (!Number.isInteger(count) || count < 0 || count >= WORDS) {
    throw new OptionError(`permutation: count must be an integer in 0 … 2^32 − 1: ${count}`, { count });
  }
  const below = boundedDraws(keyOf(seed, stream));
  const order = new Uint32Array(count);
  for (let i = 1; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/** Successive draws from 0 … bound − 1 (bound ≤ 2³²); words under 2³² mod bound are redrawn, so no value is favoured. */
function boundedDraws([k0, k1]: Key): (bound: number) => number {
  let counter = 0;
  return (bound) => {
    for (;;) {
      const word = randomBits(k0, k1, counter++);
      if (word >= bound || word >= WORDS % bound) return word % bound; // the second is seldom worked out
    }
  };
}
