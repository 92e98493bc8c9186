// What neighbouring elements have in common is read and worked out once: rows of bytes by words, a row's sums in one loop.
import { expect, test } from "vitest";
import { type Sample, sample } from "../../src/check/sample.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { output } from "../../src/graph/define.ts";
import type { Device } from "../../src/graph/device.ts";
import type { Node } from "../../src/graph/node.ts";
import { sigmoid } from "../../src/ops/activation.ts";
import { add, cast, mul } from "../../src/ops/arithmetic.ts";
import { expand, reshape } from "../../src/ops/broadcast.ts";
import { input } from "../../src/ops/constant.ts";
import { softmaxCrossEntropy } from "../../src/ops/crossEntropy.ts";
import { gather } from "../../src/ops/gather.ts";
import { linear } from "../../src/ops/matmul.ts";
import { Body } from "../../src/wgsl/expression.ts";
import { testDevice } from "../device.ts";
import { mistakesIn } from "../mistakes.ts";

const ROWS = 9;

/** The bytes of the rows that `indices` pick, each times two plus one. */
async function picked(device: Device, row: readonly number[], indices: readonly number[]): Promise<number[]> {
  const size = sizeOf(row);
  const bytes = Uint8Array.from({ length: ROWS * size }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  const x = input("bytes", [ROWS, ...row], "u32", "u8");
  const at = input("indices", [indices.length], "i32");
  const memory = device.allocate({ shape: x.shape, dtype: "u32", storage: "u8" });
  const places = device.allocate({ shape: at.shape, dtype: "i32", storage: "i32" });
  device.write(memory, bytes);
  device.write(places, Int32Array.from(indices));
  const y = add(mul(cast(gather(x, at), "f32"), 2), 1);
  const task = { outputs: [y], donations: new Map(), memoryOf: new Map([[x, memory] as const, [at, places] as const]) };
  const executable = await device.prepare(task);
  const [values] = await executable.run(1, executable.outputs)();
  return Array.from(values ?? []);
}

test.each([
  ["images, by words", [28, 28, 1]],
  ["rows of 52, by words", [52]],
  ["rows of 51, which share words", [51]],
  ["rows of 50", [5, 10]],
  ["short rows", [4]],
  ["single bytes", [1]],
] as const)("bytes are picked exactly: %s", async (_, row) => {
  const size = sizeOf(row);
  const indices = [8, 0, 3, 3, -1, 7, 100, -100]; // negative ones count from the end; what is out of range stops at the ends
  const expected = await picked(new CpuDevice(), row, indices);
  expect(expected.slice(2 * size, 3 * size)).toEqual(expected.slice(3 * size, 4 * size));
  for (const family of ["software", "gpu"] as const) {
    const device = new GpuBackend(await testDevice(), (profile) => ({ ...profile, family }));
    expect(await picked(device, row, indices)).toEqual(expected);
  }
});

/** A classifier's head and its loss, so small that the loss works the logits out. */
function head(rows: number, hidden: number, classes: number): Sample {
  const labels = {
    shape: [rows],
    dtype: "i32",
    values: { list: Array.from({ length: rows }, (_, i) => i % classes) },
  } as const;
  return sample([[rows, hidden], [hidden, classes], [classes], labels], (x, w, b, t) => {
    const logits = linear(reshape(x as Node, [1, rows, hidden]), w as Node, b as Node);
    const loss = softmaxCrossEntropy(reshape(logits, [rows, classes]), t as Node);
    return [loss, output(loss, 1)];
  });
}

test("losses work out a row of logits in one loop, and right", async () => {
  const samples = [1, 2, 3, 10, 32, 33].flatMap((classes) => [head(5, 3, classes), head(7, 37, classes)]);
  expect(await mistakesIn(new GpuBackend(await testDevice()), samples, 3)).toEqual([]);
});

const module = {
  read: (node: Node, index: string) => (node.op.leaf ? `${node.attrs["name"]}[${index}]` : undefined),
  use: () => {},
  size: (value: number) => `${value}u`,
};

test("sums of as many terms share a loop and what they read, unless one needs another", () => {
  const [x, w] = [input("x", [4, 20]), input("w", [20, 3])];
  const logits = reshape(linear(x, w), [4, 3]);
  const body = new Body(module, { row: 3 });
  for (const index of ["i", "(i + 1u)", "(i + 2u)"]) body.value(logits, index);
  const text = body.lines.join("\n");
  expect(text.match(/for /g)).toHaveLength(1);
  expect(text.match(/ x\[/g)).toHaveLength(1);
  expect(text.match(/ w\[/g)).toHaveLength(3);
});

test("a sum that needs another one has a loop of its own", async () => {
  const samples = [
    // in its terms, where it begins, and behind both
    sample(
      [
        [1, 20],
        [20, 1],
      ],
      (x, w) => {
        const inner = linear(x as Node, w as Node);
        return sigmoid(add(inner, linear(mul(x as Node, expand(inner, [1, 20])), w as Node)));
      },
    ),
    sample(
      [
        [1, 20],
        [20, 1],
      ],
      (x, w) => {
        const inner = linear(x as Node, w as Node);
        return sigmoid(add(linear(x as Node, mul(w as Node, 2), reshape(inner, [1])), inner));
      },
    ),
  ];
  expect(await mistakesIn(new GpuBackend(await testDevice()), samples, 3)).toEqual([]);
  const x = input("x", [1, 20]);
  const w = input("w", [20, 1]);
  const inner = linear(x, w);
  const texts = [linear(mul(x, expand(inner, [1, 20])), w), linear(x, mul(w, 2), reshape(inner, [1]))].map((outer) => {
    const body = new Body(module);
    body.value(add(inner, outer), "0u");
    return body.lines.join("\n");
  });
  for (const text of texts) expect(text.match(/^for /gm)).toHaveLength(2);
});

test("an index behind a multiple of four is told from others", () => {
  const body = new Body(module, { row: 784, inFours: true });
  const at = (index: string) => {
    const row = body.local("u32", `${index} / 784u`);
    const place = body.local("u32", `${index} % 784u`);
    const first = body.local("u32", `${row} * 784u + ${place}`);
    return { row, four: body.fourOf(first), odd: body.fourOf(body.local("u32", `${row} * 7u + ${place}`)) };
  };
  const first = at("i");
  expect(first).toEqual({ row: "row", four: [expect.stringMatching(/^t\d+$/), 0], odd: undefined });
  expect(at("(i + 3u)")).toEqual({ row: "row", four: [first.four?.[0], 3], odd: undefined });
  expect(body.fourOf(body.local("u32", "i % 6u"))).toBeUndefined();
  expect(body.fourOf(body.local("u32", "(i + 1u) % 6u"))).toBeUndefined();
  expect(body.fourOf(body.local("u32", "i / 784u"))).toBeUndefined();
});
