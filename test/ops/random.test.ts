import { describe, expect, test } from "vitest";
import { keyOf, STREAM, threefry2x32 } from "../../src/core/rng.ts";
import { constant, input } from "../../src/ops/constant.ts";
import { dropout, randomBernoulli, randomNormal, randomUniform } from "../../src/ops/random.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const counter = input("counter", [], "u32");
const at = (step: number) => new Map([[counter, [step]]]);
const source = (stream: number, seed = 3) => ({ seed, stream, counter });
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe("draws", () => {
  test("a uniform is the upper 24 bits of Threefry's block of (element, counter)", () => {
    const [y] = run([randomUniform([2, 3], source(5))], at(7));
    const [k0, k1] = keyOf(3, [STREAM.ops, 5]);
    const expected = [0, 1, 2, 3, 4, 5].map((i) => Math.floor(threefry2x32(k0, k1, i, 7)[0] / 256) / 2 ** 24);
    expect(Array.from(y ?? [])).toEqual(expected);
    expect(expected.map(Math.fround)).toEqual(expected);
  });

  test("seed, stream and counter each change the numbers, and nothing else does", () => {
    const draws = [source(1), source(2), source(1, 4)].map((from) =>
      run([randomUniform([20], from)], at(1))[0]?.join(),
    );
    draws.push(run([randomUniform([20], source(1))], at(2))[0]?.join());
    expect(new Set(draws).size).toBe(4);
    expect(run([randomUniform([20], source(1))], at(1))[0]?.join()).toBe(draws[0]);
    expect(run([randomUniform([4, 5], source(1))], at(1))[0]?.join()).toBe(draws[0]);
  });

  test("equal call sites are one node, other streams another", () => {
    expect(randomUniform([4], source(1))).toBe(randomUniform([4], source(1)));
    expect(randomUniform([4], source(1))).not.toBe(randomUniform([4], source(2)));
  });

  test("uniforms fill their range, normals have their moments, bernoullis their probability", () => {
    const n = [100_000];
    const [u, z, b] = run(
      [randomUniform(n, source(1), -2, 6), randomNormal(n, source(2), 5, 0.5), randomBernoulli(n, source(3), 0.2)],
      at(0),
    ) as [Float64Array, Float64Array, Float64Array];
    expect(u.every((x) => x >= -2 && x < 6)).toBe(true);
    expect(mean(u)).toBeCloseTo(2, 1);
    expect(mean(z)).toBeCloseTo(5, 2);
    expect(mean(z.map((x) => (x - 5) ** 2))).toBeCloseTo(0.25, 2);
    expect(mean(b)).toBeCloseTo(0.2, 2);
  });
});

describe("dropout", () => {
  const x = constant(new Array(10_000).fill(2), [100, 100]);
  const values = new Map([...at(3), [x, new Array(10_000).fill(2)] as const]);

  test("keeps 1 − rate of the elements and scales them so that the mean stays", () => {
    const [y] = run([dropout(x, 0.25, source(1))], values) as [Float64Array];
    expect(new Set(y)).toEqual(new Set([0, 2 / 0.75]));
    expect(y.filter((v) => v !== 0).length / 10_000).toBeCloseTo(0.75, 1);
  });

  test("the gradient has the same mask, drawn again from the counter", () => {
    const dy = input("dy", [100, 100]);
    const y = dropout(x, 0.5, source(1));
    const [dx] = autodiff(y, dy, [x]);
    const all = new Map(values).set(dy, new Array(10_000).fill(3));
    const [got, forward] = run([dx ?? y, y], all) as [Float64Array, Float64Array];
    expect(Array.from(got)).toEqual(Array.from(forward, (v) => (v === 0 ? 0 : 6)));
    expect(dx?.op).toBe(y.op);
  });

  test("rate 0 changes nothing, rate 1 leaves nothing", () => {
    expect(dropout(x, 0, source(1))).toBe(x);
    const [y] = run([dropout(x, 1, source(1))], values) as [Float64Array];
    expect(y.every((v) => v === 0)).toBe(true);
  });
});

test("wrong input is refused", () => {
  const x = input("x", [2]);
  expect(errorOf(() => dropout(x, 1.5, source(1)))).toBe("OptionError: dropout: rate must be in 0 … 1: got 1.5");
  expect(errorOf(() => dropout(x, Number.NaN, source(1)))).toBe("OptionError: dropout: rate must be in 0 … 1: got NaN");
  expect(errorOf(() => randomUniform([2], { seed: 1, stream: 0, counter: x }))).toBe(
    "ShapeError: randomUniform: the counter must be u32 []: got f32 [2]",
  );
  expect(errorOf(() => randomBernoulli([2], source(1), -0.1))).toBe(
    "OptionError: randomBernoulli: probability must be in 0 … 1: got -0.1",
  );
  expect(errorOf(() => randomNormal([2.5], source(1)))).toBe(
    "ShapeError: randomNormal: sizes must be non-negative integers: [2.5]",
  );
});
