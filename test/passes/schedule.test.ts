import { beforeAll, describe, expect, test } from "vitest";
import { sizeOf } from "../../src/core/shape.ts";
import type { Profile } from "../../src/graph/form.ts";
import type { Node } from "../../src/graph/node.ts";
import { add, greater, mul, neg, sub, where } from "../../src/ops/arithmetic.ts";
import { permute } from "../../src/ops/arrange.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { fill, input } from "../../src/ops/constant.ts";
import { slice } from "../../src/ops/layout.ts";
import { linear, matmul } from "../../src/ops/matmul.ts";
import { loadReductions } from "../../src/ops/reduction.ts";
import { copy, finiteCheck, pack, packLayout } from "../../src/ops/state.ts";
import { exp } from "../../src/ops/unary.ts";
import { readsOf } from "../../src/passes/order.ts";
import type { Plan } from "../../src/passes/plan.ts";
import { printGraph } from "../../src/passes/printGraph.ts";
import { schedule } from "../../src/passes/schedule.ts";
import { simplify } from "../../src/passes/simplify.ts";
import { link } from "../../src/wgsl/link.ts";
import { LEAST, mlp, SOFTWARE, stepOf } from "../trainingStep.ts";

beforeAll(loadReductions);

const planOf = (outputs: readonly Node[], donations = new Map<Node, Node>(), profile: Profile = SOFTWARE) =>
  schedule({ outputs, donations }, profile).plan;
/** One word a dispatch: its kernel, or what it computes. */
const dispatches = (plan: Plan) =>
  plan.groups.map(
    (group) =>
      `${group.kernel?.op.name ?? "pointwise"}: ${group.values.flat().filter((node) => plan.fusion.written.has(node)).length}`,
  );
const kernels = (plan: Plan) => plan.groups.map((group) => group.kernel?.op.name ?? "pointwise");
const x = input("x", [8, 16]);
const w = input("w", [16, 4]);

describe("fuse", () => {
  test("an elementwise chain is one dispatch", () => {
    expect(dispatches(planOf([exp(neg(mul(add(x, 1), 2)))]))).toEqual(["pointwise: 1"]);
  });

  test("an elementwise tail fuses into a kernel's store", () => {
    const z = matmul(x, w);
    expect(dispatches(planOf([where(greater(z, 0), z, 0)]))).toEqual(["matmul: 1"]);
  });

  test("a value that is wanted itself is stored beside its tail", () => {
    const z = matmul(x, w);
    expect(dispatches(planOf([z, exp(z)]))).toEqual(["matmul: 2"]);
  });

  test("an elementwise producer fuses into a kernel's load", () => {
    expect(kernels(planOf([sum(exp(x), 1)]))).toEqual(["sum"]);
  });

  test("a kernel whose tail reads too much for one dispatch is cut", () => {
    const z = matmul(x, w);
    const plus = (names: string) => [...names].map((name) => input(name, [8, 4])).reduce((y, leaf) => add(y, leaf), z);
    const plan = planOf([exp(plus("abcde")), neg(plus("fghij"))], new Map(), LEAST); // z is read in another group, too
    for (const group of plan.groups) expect(link(group, plan, LEAST).bindings.length).toBeLessThanOrEqual(8);
  });

  test("layout is index arithmetic in a load", () => {
    expect(kernels(planOf([sum(permute(slice(x, [0, 4], [8, 12]), [1, 0]), 0)]))).toEqual(["sum"]);
  });

  test("several updates of one size are one dispatch", () => {
    const [p, m, g] = [input("p", [100]), input("m", [100]), input("g", [100])];
    const next = add(mul(m, 0.9), g);
    const plan = planOf(
      [],
      new Map([
        [next, m],
        [add(p, mul(next, -0.1)), p],
      ]),
    );
    expect(dispatches(plan)).toEqual(["pointwise: 2"]);
  });

  test("a small contraction is worked out where it is read, a large one is not", () => {
    const head = (rows: number) => sum(linear(input("h", [rows, 128]), input("w", [128, 10]), input("b", [10])), 1);
    expect(kernels(planOf([head(64)]))).toEqual(["sum"]);
    expect(kernels(planOf([head(4096)]))).toEqual(["matmul", "sum"]);
  });

  test("no kernel binds more than the adapter allows", () => {
    const many = Array.from({ length: 30 }, (_, i) => input(`x${i}`, [10]));
    const plan = planOf([many.reduce((total, next) => add(total, next))], new Map(), LEAST);
    for (const group of plan.groups) expect(link(group, plan, LEAST).bindings.length).toBeLessThanOrEqual(8);
    expect(plan.groups.length).toBeLessThanOrEqual(6);
  });

  test("a flag is raised by whoever computes the watched value, without a dispatch", () => {
    const flag = input("flag", [], "u32");
    const z = matmul(x, w);
    const plan = planOf([z], new Map([[finiteCheck(flag, [z]), flag]]));
    expect(kernels(plan)).toEqual(["matmul"]);
    expect(link(plan.groups[0] as Plan["groups"][number], plan, SOFTWARE).code).toContain("atomicStore");
  });
});

describe("simplify", () => {
  test("what changes nothing is left out", () => {
    const idle = neg(neg(mul(add(sub(x, 0), 0), 1)));
    expect(simplify([where(fill([8, 16], 1, "bool"), idle, exp(x))])).toEqual([x]);
  });

  test("0 · x stays: x may be infinite", () => {
    const zero = mul(x, 0);
    expect(simplify([zero])).toEqual([zero]);
  });

  test("what is simplified further down counts further up", () => {
    const [y] = simplify([exp(add(mul(x, 1), mul(fill([8, 16], 1), 0)))]);
    expect(printGraph([y as Node])).toContain("exp");
    expect(simplify([exp(mul(x, 1))])).toEqual([exp(x)]);
  });
});

describe("plan", () => {
  test("state is overwritten in place, after everyone has read it", () => {
    const p = input("p", [16, 4]);
    const plan = planOf([sum(matmul(x, p))], new Map([[mul(p, 0.5), p]]));
    const writer = plan.groups.findIndex((group) => !group.kernel);
    const reader = plan.groups.findIndex((group) => group.kernel?.op.name === "matmul");
    expect(reader).toBeLessThan(writer);
    expect(plan.memories.filter(({ kind }) => kind === "output").length).toBe(1);
  });

  test("state whose old value is read elsewhere in the same kernel goes through a copy", () => {
    const square = input("square", [16, 16]);
    const plan = planOf([], new Map([[matmul(square, square), square]]));
    expect(plan.groups.map((group) => group.kernel?.op.name ?? group.values[0]?.[0]?.op.name)).toEqual([
      "matmul",
      "copy",
    ]);
  });

  test("two states that swap are both right", () => {
    const [a, b] = [input("a", [8]), input("b", [8])];
    const plan = planOf(
      [],
      new Map([
        [copy(a), b],
        [copy(b), a],
      ]),
    );
    expect(plan.groups.length).toBeGreaterThanOrEqual(3);
  });

  test("packed values are written straight into their place", () => {
    const [da, db] = [matmul(x, w), matmul(x, w, {})];
    const g = pack([matmul(x, w), sum(x, 0)]);
    expect(da).toBe(db);
    const plan = planOf([], new Map([[add(input("m", g.shape), g), input("m2", g.shape)]]));
    expect(kernels(plan)).toEqual(["matmul", "sum", "pointwise"]);
    const packs = plan.memories.filter(({ kind }) => kind === "pack");
    expect(packs.map(({ bytes }) => bytes)).toEqual([(sizeOf(da.shape) + sizeOf(x.shape.slice(1))) * 4]);
  });

  test("packed values begin where bindings may, unless they are few", () => {
    expect(packLayout([70, 3, 4000])).toEqual({ offsets: [0, 70, 73], total: 4073 });
    expect(packLayout([70, 3, 5000])).toEqual({ offsets: [0, 128, 192], total: 5248 });
  });

  test("values share memory once they are dead", () => {
    let h: Node = input("h", [256, 256]);
    for (let layer = 0; layer < 10; layer++) h = exp(matmul(h, input(`w${layer}`, [256, 256])));
    const plan = planOf([sum(h)]);
    expect(plan.shared.bytes).toBeLessThanOrEqual(2 * 256 * 256 * 4 + 1024);
  });
});

describe("a whole training step", () => {
  test("of the MLP takes 8 dispatches", () => {
    const plan = planOf([], stepOf());
    expect(dispatches(plan)).toEqual([
      "pointwise: 1", // gather and decode the batch
      "matmul: 1", // hidden layer and relu
      "softmaxCrossEntropy: 3", // head, loss, its gradient, correct
      "matmul: 1", // back through the head and relu
      "matmul: 2", // first weights and bias
      "matmul: 2", // head's weights and bias
      "pointwise: 3", // Adam
      "record: 2", // the log
    ]);
  });

  test("fits eight storage buffers a kernel with few dispatches more", () => {
    const plan = planOf([], stepOf(), LEAST);
    for (const group of plan.groups) expect(link(group, plan, LEAST).bindings.length).toBeLessThanOrEqual(8);
    expect(plan.groups.length).toBeLessThanOrEqual(12);
  });

  test.each([
    ["mlp", [128]],
    ["deep", [96, 80, 64, 48, 32, 24, 16]],
    ["wide, then narrow", [512, 16]],
  ])("of %s binds at most 1.15 × its peak of live values", (_, units) => {
    const plan = planOf([], stepOf({ model: mlp(units as number[]) }));
    expect(boundBytes(plan) / peakOfLive(plan)).toBeLessThanOrEqual(1.15);
  });

  test("has the same kernels as ever", () => {
    const plan = planOf([], stepOf({ batchSize: 8, size: 12, model: mlp([16]) }));
    const text = plan.groups.map((group) => {
      const { label, code, workgroups } = link(group, plan, SOFTWARE);
      return `// ${label}, ${workgroups.join("×")} workgroups\n${code.slice(code.indexOf("struct Sizes"))}`;
    });
    expect(text.join("\n")).toMatchSnapshot();
  });
});

/** Bytes of the buffers that the kernels really bind for values inside the step. */
function boundBytes(plan: Plan): number {
  const bound = new Set(
    plan.groups.flatMap((group) => link(group, plan, SOFTWARE).bindings.map(({ memory }) => memory)),
  );
  return [...bound].reduce(
    (sum, id) => sum + (plan.memories[id]?.kind === "shared" ? (plan.memories[id]?.bytes ?? 0) : 0),
    0,
  );
}

/** The largest sum of values that are still to be read, found from the order of dispatches alone. */
function peakOfLive(plan: Plan): number {
  const { fusion, groups, locationOf, memories } = plan;
  const isInside = (node: Node) => memories[locationOf.get(node)?.memory ?? -1]?.kind === "shared";
  const lastRead = new Map<Node, number>();
  groups.forEach((group, at) => {
    const { loads, stores } = readsOf(group, fusion);
    for (const { node } of [...loads, ...stores]) lastRead.set(node, at);
  });
  let peak = 0;
  const live = new Map<Node, number>();
  groups.forEach((group, at) => {
    const { stores } = readsOf(group, fusion);
    for (const node of group.values.flat()) {
      if (fusion.written.has(node) && isInside(node))
        live.set(
          node,
          node.shape.reduce((count, size) => count * size, 4),
        );
    }
    // a value that is overwritten by the one computed from it is dead already
    const dying = stores.filter(
      ({ node }) => lastRead.get(node) === at && live.has(node) && sharesMemory(plan, node, group.values.flat()),
    );
    const now = [...live]
      .filter(([node]) => !dying.some((reference) => reference.node === node))
      .reduce((sum, [, bytes]) => sum + bytes, 0);
    peak = Math.max(peak, now);
    for (const [node] of live) if ((lastRead.get(node) ?? at) <= at) live.delete(node);
  });
  return peak;
}

function sharesMemory(plan: Plan, node: Node, others: readonly Node[]): boolean {
  const memory = plan.locationOf.get(node)?.memory;
  return others.some((other) => plan.fusion.written.has(other) && plan.locationOf.get(other)?.memory === memory);
}
