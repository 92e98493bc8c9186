// Long reductions and recurrences are rewritten into parts that run side by side: for any length, and without changing the result.
import { beforeAll, describe, expect, test } from "vitest";
import { uniforms } from "../../src/core/rng.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { evaluate } from "../../src/cpu/evaluate.ts";
import type { Profile } from "../../src/graph/form.ts";
import { type Node, topological } from "../../src/graph/node.ts";
import { argmax, argmin } from "../../src/ops/arg.ts";
import { add, less, remainder } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { input, iota } from "../../src/ops/constant.ts";
import { cumprod, cumsum } from "../../src/ops/cumulative.ts";
import { moments } from "../../src/ops/moments.ts";
import { max, min } from "../../src/ops/reduce.ts";
import { loadReductions } from "../../src/ops/reduction.ts";
import { sumPair } from "../../src/ops/sumPair.ts";
import { lower } from "../../src/passes/lower.ts";

const PROFILES = (["software", "gpu"] as const).map(
  (family): Profile => ({ family, storageBuffers: 8, workgroups: 65535 }),
);
/** From where each family uses parts, and beyond. */
const SHAPES: Record<Profile["family"], readonly (readonly number[])[]> = {
  software: [[1023], [1024], [1025], [3001], [70001], [2, 5003], [5003, 2], [3, 2000, 2]],
  gpu: [[16383], [16384], [16385], [30002], [70001], [2, 40004], [20003, 2], [3, 17000, 2]],
};
const CALLS: Record<string, (x: Node, axis: number) => Node> = {
  sum,
  max,
  min,
  argmax,
  "the last argmin": (x, axis) => argmin(x, axis, { selectLastIndex: true }),
  cumsum,
  "cumsum from the end": (x, axis) => cumsum(x, axis, { reverse: true, exclusive: true }),
  cumprod,
};

/** The longest axis. */
const longest = (shape: readonly number[]) => shape.indexOf(Math.max(...shape));

beforeAll(loadReductions);

describe.each(PROFILES)("on the $family family", (profile) => {
  test.each(Object.entries(CALLS))("%s", (name, call) => {
    let rewritten = 0;
    for (const shape of SHAPES[profile.family]) {
      const x = input("x", shape);
      const range = name === "cumprod" ? [0.999, 1.001] : [-50, 51];
      const values = Float64Array.from(uniforms(1, [1], sizeOf(shape), ...(range as [number, number])), (value) =>
        name.includes("arg") ? Math.round(value) : value,
      );
      const y = call(x, longest(shape));
      const [lowered] = lower([y], profile) as [Node];
      const [before, after] = evaluate([y, lowered], () => values) as [Float64Array, Float64Array];
      expect(lowered.shape).toEqual(y.shape);
      if (topological([lowered]).length > topological([y]).length) rewritten++;
      for (let i = 0; i < before.length; i++) {
        if (
          Math.abs((before[i] as number) - (after[i] as number)) >
          1e-9 * Math.max(1, Math.abs(before[i] as number))
        ) {
          expect(after[i], `[${shape.join(", ")}] at ${i}`).toBe(before[i]);
        }
      }
    }
    expect(rewritten).toBeGreaterThan(3);
  });
});

describe.each(PROFILES)("several results on the $family family", (profile) => {
  const CASES: Record<string, (x: Node, axis: number) => readonly Node[]> = {
    moments: (x, axis) => Object.values(moments(x, axis)) as Node[],
    "moments of what a mask leaves": (x, axis) => {
      const mask = less(remainder(iota(x.shape[0] as number), 7), 5);
      return Object.values(moments(x, axis, { mask })) as Node[];
    },
    sumPair: (x, axis) => sumPair(x, add(x, 1), [axis]),
  };
  test.each(Object.entries(CASES))("%s", (_, call) => {
    for (const shape of [[70001], [2, 20003], [20003, 2], [3, 17000, 2]]) {
      const x = input("x", shape);
      const values = Float64Array.from(uniforms(1, [1], sizeOf(shape), -50, 51));
      const results = call(x, longest(shape));
      const lowered = lower(results, profile);
      expect(topological(lowered).length).toBeGreaterThan(topological(results).length);
      const [before, after] = [results, lowered].map((roots) => evaluate(roots, () => values));
      before?.forEach((expected, k) => {
        expect(lowered[k]?.shape).toEqual(results[k]?.shape);
        const got = after?.[k] as Float64Array;
        const error = Math.max(
          ...expected.map((value, i) => Math.abs(value - (got[i] as number)) / Math.max(1, Math.abs(value))),
        );
        expect(error, `[${shape.join(", ")}], result ${k}`).toBeLessThan(1e-9);
      });
    }
  });
});
