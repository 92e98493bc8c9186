import { describe, expect, test } from "vitest";
import { compile, runGraph } from "../../src/compile.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { valueAndGrad } from "../../src/grad.ts";
import { output } from "../../src/graph/define.ts";
import type { Node } from "../../src/graph/node.ts";
import { add, cast, equal, mul, sub, where } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { fill, input, iota } from "../../src/ops/constant.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { copy, finiteCheck, pack, record, unpack } from "../../src/ops/state.ts";
import { prepare } from "../../src/prepare.ts";
import { tensor } from "../../src/tensor.ts";
import { testDevice } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";

const device = async () => new GpuBackend(await testDevice());
const list = (values: ArrayLike<number>) => Array.from(values);

describe("compile", () => {
  test("runs a function of trees, and gives handles to read", async () => {
    const step = await compile(
      await device(),
      (p: { w: Node; b: Node }, x: Node) => ({ y: add(matmul(x, p.w), p.b), total: sum(p.w) }),
      [{ w: [2, 3], b: [3] }, [1, 2]],
    );
    const { y, total } = step.run({ w: [1, 2, 3, 4, 5, 6], b: [10, 20, 30] }, [1, -1]);
    expect(list(await y.read())).toEqual([7, 17, 27]);
    expect(await total.item()).toBe(21);
  });

  test("differentiates while it traces; gradients of gradients too", async () => {
    const cube = (x: Node) => sum(mul(mul(x, x), x));
    const second = (x: Node) => valueAndGrad((v: Node) => sum(valueAndGrad(cube)(v).grads as Node))(x).grads as Node;
    const step = await compile(await device(), second, [[3]]);
    expect(list(await step.run([1, 2, -3]).read())).toEqual([6, 12, -18]); // d²x³ = 6x
  });

  test("a result that a later run has overwritten says so", async () => {
    const step = await compile(await device(), (x: Node) => add(x, 1), [[2]]);
    const first = step.run([1, 2]);
    const second = step.run([3, 4]);
    expect(await rejectionOf(first.read())).toMatch(/^DataError: read: a later run has overwritten this result/);
    expect(list(await second.read())).toEqual([4, 5]);
  });

  test("a result can be passed on to the next run", async () => {
    const step = await compile(await device(), (x: Node) => mul(x, 2), [[2]]);
    let x = step.run([1, 3]);
    for (let i = 0; i < 4; i++) x = step.run(x);
    expect(list(await x.read())).toEqual([32, 96]);
  });

  test("refuses arguments that do not fit, before any work", async () => {
    const gpu = await device();
    const step = await compile(gpu, (x: Node) => mul(x, 2), [[2]]);
    expect(() => step.run([1, 2, 3])).toThrow("run: argument must be f32[2]: got 3 numbers");
    expect(() => step.run()).toThrow("run: takes 1 arguments: got 0");
    expect(() => step.run(undefined)).toThrow("run: argument is not a tensor or numbers");
    expect(() => step.run(tensor(gpu, [1], [1, 1]))).toThrow("run: argument must be f32[2]: got f32[1, 1]");
  });

  test("debug compare passes where kernels are right", async () => {
    const step = await compile(await device(), (x: Node) => sum(mul(matmul(x, x), 0.5), 0), [[17, 17]], {
      debug: "compare",
    });
    const values = await step.run(Float32Array.from({ length: 289 }, (_, i) => Math.sin(i))).read();
    expect(values.length).toBe(17);
  });
});

describe("state", () => {
  test("in place, by copy, and swapped, all give what the reference gives", async () => {
    for (const target of [new CpuDevice(), await device()]) {
      const square = tensor(target, [1, 2, 3, 4], [2, 2]);
      const [a, b] = [tensor(target, [1, 2]), tensor(target, [3, 4])];
      const p = tensor(target, [5]);
      const executable = await prepare(target, {
        updates: [
          [square, matmul(square.node, square.node)],
          [a, copy(b.node)],
          [b, add(copy(a.node), 1)],
          [p, mul(p.node, 2)],
        ],
      });
      executable.run(3);
      expect(list(await square.read())).toEqual(powerOf8([1, 2, 3, 4]));
      expect([list(await a.read()), list(await b.read())]).toEqual([
        [4, 5],
        [3, 4],
      ]);
      expect(list(await p.read())).toEqual([40]);
    }
  });

  test("a flag stops updates within the very step in which a value is not finite", async () => {
    const gpu = await device();
    const [x, p, flag] = [tensor(gpu, [1]), tensor(gpu, [1]), tensor(gpu, [0], [], "u32")];
    const grown = mul(x.node, 1e30);
    const next = finiteCheck(flag.node, [grown]);
    const executable = await prepare(gpu, {
      updates: [
        [x, grown],
        [flag, next],
        [p, where(equal(next, fill([], 0, "u32")), add(p.node, 1), p.node)],
      ],
    });
    executable.run(5); // x = 1e30, then infinite
    expect(list(await p.read())).toEqual([2]);
    expect(list(await flag.read())).toEqual([1]);
  });

  test("packed values lie where unpack looks for them", async () => {
    const [a, b] = [input("a", [3, 5]), input("b", [70])];
    const packed = pack([mul(a, 2), mul(b, 3)]);
    const [a2, b2] = unpack(packed, [[3, 5], [70]]) as [Node, Node];
    const values = [
      Float32Array.from({ length: 15 }, (_, i) => i),
      Float32Array.from({ length: 70 }, (_, i) => -i),
    ] as const;
    const [ra, rb, flat] = await runGraph(
      await device(),
      [add(a2, 1), add(b2, 1), packed],
      new Map<Node, ArrayLike<number>>([
        [a, values[0]],
        [b, values[1]],
      ]),
    );
    expect(list(ra as Float32Array)).toEqual(list(values[0].map((value) => 2 * value + 1)));
    expect(list(rb as Float32Array)).toEqual(list(values[1].map((value) => 3 * value + 1)));
    expect(flat?.length).toBe(15 + 70);
  });

  test("what is packed twice, wanted itself, or is an input is right everywhere", async () => {
    const [a, b] = [input("a", [3]), input("b", [2])];
    const twice = mul(a, 2);
    const packed = pack([a, twice, twice, b]);
    const leaves = new Map<Node, ArrayLike<number>>([
      [a, [1, 2, 3]],
      [b, [7, 8]],
    ]);
    const [flat, own, other] = await runGraph(await device(), [packed, twice, pack([twice])], leaves);
    const at = (start: number, count: number) => list((flat as Float32Array).subarray(start, start + count));
    expect([at(0, 3), at(3, 3), at(6, 3), at(9, 2)]).toEqual([
      [1, 2, 3],
      [2, 4, 6],
      [2, 4, 6],
      [7, 8],
    ]);
    expect([list(own as Float32Array), list((other as Float32Array).subarray(0, 3))]).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ]);
  });

  test("the log sums each value and counts up, round the ring", async () => {
    const gpu = await device();
    const [ring, counter] = [tensor(gpu, new Float32Array(24), [3, 8]), tensor(gpu, [0], [], "u32")];
    const scaled = (scale: number) => mul(cast(iota(4, "i32"), "f32"), scale); // sum: 6 · scale
    const values = [fill([4], 1), fill([], 7), ...[1, 2, 3, 4, 5].map(scaled), cast(counter.node, "f32")]; // two dispatches
    const log = record(ring.node, counter.node, values);
    const executable = await prepare(gpu, {
      updates: [
        [ring, log],
        [counter, output(log, 1)],
      ],
    });
    const row = (step: number) => [4, 7, 6, 12, 18, 24, 30, step];
    executable.run(2);
    expect(list(await ring.read())).toEqual([...row(0), ...row(1), ...new Array(8).fill(0)]);
    executable.run(2);
    expect(list(await ring.read())).toEqual([...row(3), ...row(1), ...row(2)]);
    expect(await counter.item()).toBe(4);
  });

  test("dispatches of more than 65,535 workgroups fold into two dimensions", async () => {
    const limited = new GpuBackend(await testDevice({ limits: { maxComputeWorkgroupsPerDimension: 7 } }));
    const count = 64 * 64 * 20 + 3;
    const [last] = await runGraph(limited, [sub(iota(count, "i32"), 1)], new Map());
    expect([last?.[0], last?.[count - 1], last?.[count >> 1]]).toEqual([-1, count - 2, (count >> 1) - 1]);
  });
});

/** m⁸ of a 2×2 matrix, by squaring three times. */
function powerOf8(m: number[]): number[] {
  let [a, b, c, d] = m as [number, number, number, number];
  for (let i = 0; i < 3; i++) [a, b, c, d] = [a * a + b * c, a * b + b * d, c * a + d * c, c * b + d * d];
  return [a, b, c, d];
}
