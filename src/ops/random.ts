// Random numbers as pointwise ops over (seed, stream, counter): element i of a draw is Threefry's block of the counter (i, t) under the call
// site's own key, t being the counter node (the training step). Nothing is stored: replay, recomputation, CPU and GPU draw the same numbers.

import { OptionError, ShapeError } from "../core/error.ts";
import { type Key, keyOf, STREAM, threefry2x32 } from "../core/rng.ts";
import { checkShape, type Shape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { PointwiseContext } from "../graph/form.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { add, less, mul } from "./arithmetic.ts";
import { literal } from "./constant.ts";
import { threefryLibrary } from "./libraries.ts";

/** Where random numbers come from. */
export interface RandomSource {
  readonly seed: number;
  /** Tells call sites of one seed apart: each has its own. */
  readonly stream: number;
  /** u32 []: another value, other numbers; the training step, as a rule. */
  readonly counter: Node;
}

interface DrawAttrs {
  readonly shape: Shape;
  readonly key: Key;
}

const UNIT = 2 ** -24; // uniforms have 24 bits, as many as f32 holds exactly
const COST = 100; // 20 rounds of add, rotate, xor and the key schedule

/** Both words of element i, for every element. */
function blocks(
  count: number,
  [k0, k1]: Key,
  counter: Values | undefined,
  visit: (i: number, words: Key) => void,
): void {
  const t = counter?.[0] ?? 0;
  for (let i = 0; i < count; i++) visit(i, threefry2x32(k0, k1, i, t));
}

/** WGSL for the two words of the element at `index`. */
function blockText({ use, load }: PointwiseContext<unknown>, [k0, k1]: Key, counter: number, index: string): string {
  use(threefryLibrary);
  return `threefry2x32(vec2u(${k0}u, ${k1}u), vec2u(${index}, ${load(counter, "0u")}))`;
}

function checkCounter(call: string, counter: Spec): void {
  if (counter.dtype !== "u32" || counter.shape.length > 0) {
    throw new ShapeError(`${call}: the counter must be u32 []: got ${counter.dtype} ${showShape(counter.shape)}`);
  }
}

/** The key of a call site. */
function keyFor({ seed, stream }: RandomSource): Key {
  return keyOf(seed, [STREAM.ops, stream]);
}

const uniformOp = defineOp<DrawAttrs>({
  name: "randomUniform",
  inputs: ["counter"],
  infer: ([counter], { shape }) => {
    checkCounter("randomUniform", counter as Spec);
    return { shape, dtype: "f32" };
  },
  reference: ([counter], { attrs: { shape, key } }) => {
    const y = new Float64Array(sizeOf(shape));
    blocks(y.length, key, counter, (i, [word]) => {
      y[i] = (word >>> 8) * UNIT;
    });
    return y;
  },
  grad: () => [undefined],
  pointwise: {
    aligned: true, // the counter is one element
    cost: COST,
    expression: (context) => `(f32(${blockText(context, context.attrs.key, 0, context.index)}.x >> 8u) * 0x1p-24f)`,
  },
});

const normalOp = defineOp<DrawAttrs>({
  name: "randomNormal",
  inputs: ["counter"],
  infer: ([counter], { shape }) => {
    checkCounter("randomNormal", counter as Spec);
    return { shape, dtype: "f32" };
  },
  reference: ([counter], { attrs: { shape, key } }) => {
    const y = new Float64Array(sizeOf(shape));
    blocks(y.length, key, counter, (i, [w0, w1]) => {
      const radius = Math.sqrt(-2 * Math.log(((w0 >>> 8) + 1) * UNIT)); // Box–Muller, as in core/rng
      y[i] = radius * Math.cos(2 * Math.PI * (w1 >>> 8) * UNIT);
    });
    return y;
  },
  grad: () => [undefined],
  pointwise: {
    aligned: true,
    cost: 1.5 * COST,
    expression: (context) => {
      const words = context.local("vec2u", `${blockText(context, context.attrs.key, 0, context.index)} >> vec2u(8u)`);
      return `(sqrt(-2.0f * random_log(${words}.x + 1u)) * random_cos(${words}.y))`;
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-5 },
});

function draw(call: string, op: typeof uniformOp, shape: Shape, source: RandomSource): Node {
  checkShape(call, shape);
  return op([source.counter], { shape: [...shape], key: keyFor(source) });
}

/** Uniform numbers in [low, high), 0 … 1 by default: multiples of 2⁻²⁴ of the range, the same bits on every device for 0 … 1. */
export function randomUniform(shape: Shape, source: RandomSource, low = 0, high = 1): Node {
  const y = draw("randomUniform", uniformOp, shape, source);
  return low === 0 && high === 1 ? y : add(mul(y, high - low), low);
}

/** Normal numbers with the given mean and standard deviation. */
export function randomNormal(shape: Shape, source: RandomSource, mean = 0, std = 1): Node {
  const y = draw("randomNormal", normalOp, shape, source);
  return mean === 0 && std === 1 ? y : add(mul(y, std), mean);
}

/**
 * true with the given probability, as bool.
 * @throws OptionError unless the probability is in 0 … 1
 */
export function randomBernoulli(shape: Shape, source: RandomSource, probability = 0.5): Node {
  if (!(probability >= 0 && probability <= 1)) {
    throw new OptionError(`randomBernoulli: probability must be in 0 … 1: got ${probability}`);
  }
  return less(draw("randomBernoulli", uniformOp, shape, source), probability);
}

interface DropoutAttrs {
  readonly key: Key;
  /** Elements whose upper 24 bits are below this are kept. */
  readonly below: number;
  readonly scale: number;
}

const dropoutOp: OpFunction<DropoutAttrs> = defineOp<DropoutAttrs>({
  name: "dropout",
  inputs: ["x", "counter"],
  infer: ([x, counter]) => {
    checkCounter("dropout", counter as Spec);
    if (x?.dtype !== "f32") throw new ShapeError(`dropout: takes f32: got ${x?.dtype}. Use cast`);
    return x;
  },
  reference: ([x, counter], { attrs: { key, below, scale } }) => {
    const y = new Float64Array((x as Values).length);
    blocks(y.length, key, counter, (i, [word]) => {
      y[i] = word >>> 8 < below ? ((x as Values)[i] as number) * scale : 0;
    });
    return y;
  },
  grad: ({ x: [, counter], dy, attrs }) => [dropoutOp([dy, counter as Node], attrs), undefined], // the same mask, drawn again
  pointwise: {
    aligned: true,
    cost: COST,
    expression: (context) => {
      const { key, below, scale } = context.attrs;
      const kept = `(${blockText(context, key, 1, context.index)}.x >> 8u) < ${below}u`;
      return `select(0.0f, ${context.load(0, context.index)} * ${literal(scale, "f32")}, ${kept})`;
    },
  },
});

/**
 * Zeroes elements with probability `rate` and multiplies the others by 1 / (1 − rate), so that the mean stays. The gradient draws the mask
 * again from the counter instead of storing it.
 * @throws OptionError unless the rate is in 0 … 1
 */
export function dropout(x: Node, rate: number, source: RandomSource): Node {
  if (!(rate >= 0 && rate <= 1)) throw new OptionError(`dropout: rate must be in 0 … 1: got ${rate}`);
  if (rate === 0) return x;
  const attrs = { key: keyFor(source), below: Math.round((1 - rate) / UNIT), scale: rate === 1 ? 0 : 1 / (1 - rate) };
  return dropoutOp([x, source.counter], attrs);
}

export const randomOps = { randomUniform: uniformOp, randomNormal: normalOp, dropout: dropoutOp };
