import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/cpu/evaluate.ts";
import { type Node, topological } from "../../src/graph/node.ts";
import { relu, softplus } from "../../src/ops/activation.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { avgPool2d, l2Pool2d } from "../../src/ops/avgPool.ts";
import { fill, input } from "../../src/ops/constant.ts";
import { clamp } from "../../src/ops/gated.ts";
import * as functions from "../../src/ops/index.ts";
import { globalMaxPool2d, maxPool1d, maxPool2d } from "../../src/ops/maxPool.ts";
import { upsample2d } from "../../src/ops/upsample.ts";
import { autodiff } from "../../src/passes/autodiff.ts";

const INFINITY = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;
const named: Readonly<Record<string, unknown>> = { ...functions };
const names = (y: Node) => topological([y]).map(({ op }) => op.name);

/** Values and, to 12 digits, the gradient (of Σ y·(1, 2, 3 …)) of a function of one input. */
function run(f: (x: Node) => Node, shape: readonly number[], values: readonly number[]) {
  const x = input("x", shape);
  const y = f(x);
  const dy = input("dy", y.shape);
  const [dx = fill(shape, 0)] = autodiff(y, dy, [x]);
  const weights = Float64Array.from({ length: y.shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
  const [a, b] = evaluate([y, dx], (leaf) => (leaf === dy ? weights : Float64Array.from(values)));
  return { y: [...(a as Float64Array)], dx: [...(b as Float64Array)].map((value) => Number(value.toPrecision(12))) };
}

describe("maxPool2d", () => {
  test("gives the gradient to the first of equal elements", () => {
    expect(run((x) => maxPool2d(x, { size: 2 }), [1, 2, 4, 1], [1, 3, 0, 0, 3, 3, 0, 0])).toEqual({
      y: [3, 0],
      dx: [0, 1, 2, 0, 0, 0, 0, 0],
    });
  });

  test("adds up what overlapping windows send to one element", () => {
    expect(run((x) => maxPool2d(x, { size: [1, 2], stride: 1 }), [1, 1, 4, 1], [1, 5, 2, 0])).toEqual({
      y: [5, 5, 2],
      dx: [0, 3, 3, 0],
    });
  });

  test("padding never wins, even against −∞", () => {
    const { y } = run((x) => maxPool2d(x, { size: 2, stride: 1, padding: 1 }), [1, 1, 1, 1], [-INFINITY]);
    expect(y).toEqual([-INFINITY, -INFINITY, -INFINITY, -INFINITY]);
    expect(run((x) => maxPool2d(x, { size: 3, padding: 1 }), [1, 2, 2, 1], [-4, -2, -3, -5]).y).toEqual([-2]);
  });

  test("NaN counts as largest", () => {
    expect(run((x) => maxPool2d(x, { size: [1, 2] }), [1, 1, 4, 1], [NAN, 5, 2, INFINITY]).y).toEqual([NAN, INFINITY]);
  });

  test("moves in front of functions that never fall, through several of them", () => {
    const x = input("x", [1, 4, 4, 2]);
    expect(names(maxPool2d(relu(softplus(x)), { size: 2 }))).toEqual(["input", "maxPool", "softplus", "relu"]);
    expect(names(maxPool2d(clamp(x, { min: 0 }), { size: 2 }))).toEqual(["input", "clamp", "maxPool"]); // its gradient at ties is another
    expect(names(maxPool2d(softplus(x, { threshold: 20 }), { size: 2 }))).toEqual(["input", "softplus", "maxPool"]);
    expect(names(maxPool1d(relu(input("x", [1, 4, 2])), { size: 2 }))).toEqual([
      "input",
      "reshape",
      "maxPool",
      "reshape",
      "relu",
    ]);
    expect(names(globalMaxPool2d(relu(x)))).toEqual(["input", "maxPool", "relu", "reshape"]);
  });

  const same = [-INFINITY, -3, -1, -1, -0.5, 0, 0, 0.25, 1, 1, 2.5, 6, 6, 7, 9, 9, NAN, -2, -2, NAN, 0, -7, -7, -8];
  test.each(neverFalling())("gives what it gave behind %s, gradients at ties and NaN included", (_, f) => {
    const pool = (x: Node) => maxPool2d(x, { size: [2, 2], stride: [2, 1] });
    const before = run((x) => pool(f(x)), [1, 4, 6, 1], same);
    const behind = run((x) => pool(add(f(x), 0)), [1, 4, 6, 1], same);
    expect(before).toEqual(behind);
  });
});

/** Functions of one number whose ops say that they never fall, with their usual options. */
function neverFalling(): [name: string, f: (x: Node) => Node][] {
  return Object.entries(functions.ops).flatMap(([name, op]): [string, (x: Node) => Node][] =>
    op.monotone ? [[name, named[name] as (x: Node) => Node]] : [],
  );
}

test.each(neverFalling())("%s never falls, and gives NaN for NaN alone", (_, f) => {
  const grid = [-INFINITY, -1e30, ...Array.from({ length: 2001 }, (_, i) => (i - 1000) / 50), 100, 1e30, INFINITY];
  const { y } = run(f, [grid.length + 1], [...grid, NAN]);
  expect(y.pop()).toBeNaN();
  y.forEach((value, i) => {
    expect(value, `at ${grid[i]}`).toBeGreaterThanOrEqual(y[i - 1] ?? -INFINITY);
  });
});

describe("avgPool2d", () => {
  const ones = new Array<number>(25).fill(1);

  test("counts padding as zeros, but nothing beyond it", () => {
    const options = { size: 3, stride: 2, padding: 1, ceilMode: true } as const;
    const { y } = run((x) => avgPool2d(x, options), [1, 1, 4, 1], ones.slice(0, 4));
    expect(y).toEqual([2 / 9, 3 / 9, 1 / 6]); // the last window ends with the padding
  });

  test("leaves padding out when asked to", () => {
    const options = { size: 3, stride: 2, padding: "same", countIncludePad: false } as const;
    expect(run((x) => avgPool2d(x, options), [1, 5, 5, 1], ones).y).toEqual(new Array(9).fill(1));
  });
});

test("l2Pool2d has gradient 0 where a window is 0", () => {
  expect(run((x) => l2Pool2d(x, { size: [1, 2] }), [1, 1, 4, 1], [0, 0, 3, 4])).toEqual({
    y: [0, 5],
    dx: [0, 0, 1.2, 1.6],
  });
});

describe("upsample2d", () => {
  test("by whole factors repeats pixels without a table", () => {
    expect(names(upsample2d(input("x", [1, 2, 3, 1]), { scale: [2, 3] }))).toEqual([
      "input",
      ...["reshape", "expand", "reshape"],
      ...["reshape", "expand", "reshape"],
    ]);
    expect(run((x) => upsample2d(x, { scale: [1, 2] }), [1, 1, 2, 1], [1, 2])).toEqual({ y: [1, 1, 2, 2], dx: [3, 7] });
  });

  test("alignCorners keeps the corners; otherwise pixels are squares", () => {
    const along = (alignCorners: boolean) =>
      run((x) => upsample2d(x, { size: [1, 4], mode: "bilinear", alignCorners }), [1, 1, 2, 1], [0, 3]).y;
    expect(along(true)).toEqual([0, 1, 2, 3]);
    expect(along(false)).toEqual([0, 0.75, 2.25, 3]);
  });
});
