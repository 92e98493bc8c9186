// What `bench --peers` is made of, without the peers themselves: turns, ratios, the process that answers, the batches it is given.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { differenceFrom } from "../../src/cli/bench/difference.ts";
import { leadOf, ratiosOf } from "../../src/cli/bench/ratio.ts";
import { readRows, writeRows } from "../../src/cli/bench/results.ts";
import type { Row } from "../../src/cli/bench/row.ts";
import { comparisonOf, tableOf } from "../../src/cli/bench/table.ts";
import { type Contestant, timedInTurns } from "../../src/cli/bench/timing.ts";
import { startServer } from "../../src/cli/child.ts";
import { boundOf, judged } from "../../src/cli/figures/beside.ts";
import { runCli } from "./ended.ts";

const folder = mkdtempSync(join(tmpdir(), "gpugrad-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const row = (system: Row["system"], milliseconds: number, stepsPerCpuSecond: number): Row => ({
  ...{ suite: "steps", case: "mlp-adam", system, adapter: "llvmpipe" },
  ...{ milliseconds, stepsPerCpuSecond },
});
const ROWS: readonly Row[] = [
  row("gpugrad", 2, 400),
  row("jax-js webgpu", 10, 50),
  { suite: "steps", case: "mlp-adam", system: "ort cpu", adapter: "llvmpipe", note: "runs forward only" },
];

test("contestants take turns, each as often as fills its turn", async () => {
  const order: string[] = [];
  const fake = (name: string, each: number): Contestant => ({
    run: async (times) => {
      order.push(`${name}${times}`);
      return { times, seconds: times * each, cpuSeconds: 2 * times * each };
    },
  });
  const [fast, slow] = await timedInTurns([fake("a", 0.01), fake("b", 1.5)], 1);
  expect(order.slice(0, 5)).toEqual(["a1", "a8", "a64", "b1", "a90"]);
  expect(order.slice(5, 9)).toEqual(["b1", "a90", "b1", "a90"]);
  expect(fast).toMatchObject({ times: 90, spread: 0 });
  expect(fast?.seconds).toBeCloseTo(0.01);
  expect(slow?.cpuSeconds).toBeCloseTo(3);
});

test("slow contestants take fewer turns: the first, middle and last, or the middle one", async () => {
  const counted = (each: number) => {
    const contestant = {
      runs: 0,
      async run(times: number) {
        contestant.runs++;
        return { times, seconds: times * each, cpuSeconds: times * each };
      },
    };
    return contestant;
  };
  const [fast, slow, slowest] = [counted(1), counted(3), counted(20)];
  const timings = await timedInTurns([fast, slow, slowest], 1);
  expect([fast.runs, slow.runs, slowest.runs]).toEqual([8, 4, 2]); // once more to find how often
  expect(timings.map(({ seconds }) => seconds)).toEqual([1, 3, 20]);
});

test("a contestant that fails in its turn does not stop the others", async () => {
  const broken: Contestant = { run: async (times) => ({ times, seconds: Number.NaN, cpuSeconds: Number.NaN }) };
  const sound: Contestant = { run: async (times) => ({ times, seconds: times, cpuSeconds: times }) };
  const [first, second] = await timedInTurns([broken, sound], 1);
  expect(first?.seconds).toBeNaN();
  expect(second?.seconds).toBe(1);
});

test("the lead is gpugrad's rate over the peer's, in wall time and per CPU-second", () => {
  expect(ROWS.map((each) => leadOf(each, ROWS))).toEqual([
    [undefined, undefined],
    [5, 8],
    [undefined, undefined],
  ]);
  expect(ratiosOf(row("gpugrad", 1, 600), row("gpugrad", 2, 400))).toEqual([2, 1.5]);
});

test("a table shows leads, and why a peer has no figures", () => {
  const lines = tableOf("steps", ROWS).split("\n");
  expect(lines[0]).toMatch(/^steps +system +ahead +per CPU-s +ms +steps\/CPU-s/);
  expect(lines[2]).toMatch(/^mlp-adam +jax-js webgpu +5× +8× +10 +50/);
  expect(lines[3]).toMatch(/^mlp-adam +ort cpu +runs forward only/);
});

test("rows of two files are compared where both have them", () => {
  const text = comparisonOf(ROWS, [row("gpugrad", 1, 600), row("tfjs cpu", 1, 1)]);
  expect(text).toMatch(/^steps mlp-adam +gpugrad +llvmpipe +2× +1\.5×/m);
  expect(text).toMatch(/3 rows are in one of the files only$/);
});

test("compare reads files, and refuses what holds no results", async () => {
  const [before, after, wrong] = ["before.json", "after.json", "wrong.json"].map((name) => join(folder, name));
  writeFileSync(before as string, JSON.stringify(ROWS));
  writeFileSync(after as string, JSON.stringify([row("gpugrad", 1, 600)]));
  writeFileSync(wrong as string, "{}");
  expect((await runCli(["bench", "compare", before as string, after as string])).stdout).toMatch(/2× +1\.5×/);
  const refused = await runCli(["bench", "compare", before as string, wrong as string]);
  expect(refused.stderr).toBe(`error: bench compare: "${wrong}" holds no results. Make one with --json ${wrong}\n`);
  expect(refused.status).toBe(1);
});

test("results are added to a file in the place of older ones", async () => {
  const file = join(folder, "results.json");
  await writeRows(file, ROWS, false);
  await writeRows(file, [row("gpugrad", 1, 600), row("tfjs cpu", 9, 9)], true);
  const rows = await readRows("bench", file);
  expect(rows.map(({ system, milliseconds }) => [system, milliseconds])).toEqual([
    ["jax-js webgpu", 10],
    ["ort cpu", undefined],
    ["gpugrad", 1],
    ["tfjs cpu", 9],
  ]);
  await writeRows(file, [], false);
  expect(await readRows("bench", file)).toEqual([]);
});

test("a peer's results are compared one by one, each by its own largest value", () => {
  const expected = [
    [100, -50],
    [0.01, 0],
  ];
  expect(differenceFrom(expected, Float32Array.of(100.05, -50, 0.01, 0))).toBeUndefined();
  expect(differenceFrom(expected, Float32Array.of(100, -50, 0.0101, 0))).toBe(
    "its result differs by 0.010 of the largest value",
  );
  expect(differenceFrom(expected, Float32Array.of(100, -50, Number.NaN, 0))).toMatch(/differs by NaN/);
  expect(differenceFrom(expected, Float32Array.of(100, -50))).toBe("it gives 2 numbers instead of 4");
});

test("leads are judged in wall time and CPU time; a peer that did not run decides nothing", () => {
  const leads = { "jax-js webgpu": { wall: 5, cpu: 6 } };
  expect(boundOf({ ...leads, "tfjs webgpu": { wall: 20 } })).toBe("≥ 5× jax-js webgpu (CPU ≥ 6×), ≥ 20× tfjs webgpu");
  expect(judged(ROWS, leads)).toEqual({ text: "5× jax-js webgpu (CPU 8×)", isMet: true });
  expect(judged(ROWS, { "jax-js webgpu": { cpu: 9 } }).isMet).toBe(false);
  expect(judged(ROWS, { ...leads, "ort cpu": { wall: 1 } })).toEqual({
    text: "5× jax-js webgpu (CPU 8×), ort cpu: runs forward only",
    isMet: undefined,
  });
});

test("images, filters and the rows behind a flatten are put channels first, and back", async () => {
  const { transposed, channelsFirst, IMAGE_FIRST, IMAGE_LAST } = await import(
    pathToFileURL(resolve("bench/peers/axes.js")).href
  );
  const image = { shape: [1, 2, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
  const first = transposed(image, IMAGE_FIRST);
  expect(first).toEqual({ shape: [1, 2, 2, 1], data: Float32Array.of(1, 3, 2, 4) });
  expect(transposed(first, IMAGE_LAST)).toEqual(image);
  const layers = [{ kind: "conv", filters: 2, size: 1 }, { kind: "flatten" }, { kind: "linear", units: 1 }];
  const weights = {
    "0.weight": { shape: [1, 1, 1, 2], data: Float32Array.of(5, 6) },
    "0.bias": { shape: [2], data: Float32Array.of(0, 0) },
    "2.weight": { shape: [4, 1], data: Float32Array.of(1, 2, 3, 4) },
    "2.bias": { shape: [1], data: Float32Array.of(7) },
  };
  const [conv, , linear] = channelsFirst(weights, layers, [2, 1, 1]);
  expect(conv.weight.shape).toEqual([2, 1, 1, 1]);
  expect(linear).toEqual({
    weight: { shape: [4, 1], data: Float32Array.of(1, 3, 2, 4) },
    bias: weights["2.bias"],
  });
});

test("a server answers calls, tells errors, and says with what words it ended", async () => {
  const script = join(folder, "server.mjs");
  writeFileSync(
    script,
    `process.on("message", ({ call, argument }) => {
      if (call === "sum") process.send({ result: argument.reduce((a, b) => a + b, 0) });
      else if (call === "fail") process.send({ error: "cannot" });
      else { console.error("out of memory"); process.exit(3); }
    });`,
  );
  const server = startServer(script, [], {});
  expect(await server.ask("sum", new Float32Array([1, 2, 3]))).toBe(6);
  await expect(server.ask("fail", null)).rejects.toThrow(/^cannot$/);
  await expect(server.ask("end", null)).rejects.toThrow("its process ended: out of memory");
  await expect(server.ask("sum", [])).rejects.toThrow("its process ended");
});

test("peers get the batches of the index table, decoded, again and again", async () => {
  const { batchesOf } = await import(pathToFileURL(resolve("bench/peers/batches.js")).href);
  const task = { features: Uint8Array.of(0, 51, 102, 153, 204, 255), labels: Int32Array.of(7, 8, 9), scale: 1 / 255 };
  const next = batchesOf({ ...task, indices: Uint32Array.of(2, 0, 1, 1), batchSize: 2 });
  const [first, second, third] = [next(), next(), next()];
  expect([...first.labels, ...second.labels]).toEqual([9, 7, 8, 8]);
  expect([...first.x]).toEqual([204 / 255, 1, 0, 51 / 255].map(Math.fround));
  expect(third).toEqual(first);
});
