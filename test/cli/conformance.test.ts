// The conformance command on a folder, an adapter and a list of required files made for the purpose.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { hash32, run, tensor } from "../../src/cli/conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "gpugrad-conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
function write(name: string, content: unknown): void {
  mkdirSync(join(path(name), ".."), { recursive: true });
  writeFileSync(path(name), typeof content === "string" ? content : JSON.stringify(content));
}

const make = (op: string, index: number, expected: (number | string)[], tags: string[] = []) => ({
  id: `suite/${op}/${index}`,
  op,
  name: `case ${index}`,
  kind: "forward",
  attrs: {},
  inputs: { x: { dtype: "float32", shape: [2], data: [1, 2] } },
  expected: { y: { dtype: "float32", shape: [2], data: expected } },
  tolerance: { ulp: 0 },
  tags,
});
const file = (cases: unknown[]) => ({ format: "nn-conformance/1", cases });

write(
  "cases/suite/double.json",
  file([make("double", 1, [2, 4]), make("double", 2, [2, 5]), make("double", 3, ["NaN", 4], ["nonfinite"])]),
);
write("cases/suite/triple.json", file([make("triple", 1, [3, 6])]));
write("cases/suite/crash.json", file([make("crash", 1, [0, 0])]));
write(
  "adapter.mjs",
  `
export const device = () => process.env.GPUGRAD_DEVICE === "cpu" ? "cpu" : "a GPU";
export async function run(test, { tensor }) {
  if (test.op === "triple") return null;
  if (test.op === "crash") throw new Error("it crashed");
  const { shape, data } = tensor(test.inputs.x);
  return { outputs: { y: { shape, data: data.map((x) => 2 * x) } } };
}`,
);
write("other/suite/double.json", { format: "something else", cases: [] });
write("required.json", { required: { suite: { double: 3, triple: 1 } } });

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  vi.stubEnv("GPUGRAD_DEVICE", "cpu");
});

const command = (...args: string[]) => run(["--adapter", path("adapter.mjs"), ...args]);

test("cases are counted, failures named, and required files that are short too", async () => {
  const status = await command("--dir", path("cases"), "--required", path("required.json"), "--json", path("out.json"));
  expect(status).toBe(1);
  expect(lines).toEqual([
    "op             passed   failed  skipped    worst",
    "suite/crash         0        1        0      0.0",
    "suite/double        1        2        0      0.0",
    "suite/triple        0        0        1      0.0",
    "FAIL suite/crash/1 case 1: run it crashed",
    "FAIL suite/double/2 case 2: y [1] got 4 want 5 (Infinity x tolerance)",
    "FAIL suite/double/3 case 3: y [0] 2 want NaN",
    "SHORT suite/double: 1 of 3 passed, 2 failed, 0 skipped",
    "SHORT suite/triple: 0 of 1 passed, 0 failed, 1 skipped",
    "required: 2 files short",
    "1 passed, 3 failed, 1 skipped",
  ]);
  expect(JSON.parse(readFileSync(path("out.json"), "utf8"))).toMatchObject({
    passed: 1,
    failed: 3,
    skipped: 1,
    short: 2,
  });
});

test("cases tagged nonfinite are advisory on a GPU", async () => {
  await command("--dir", path("cases"), "--op", "double", "--device", "swiftshader");
  expect(lines.slice(-3)).toEqual([
    "FAIL suite/double/2 case 2: y [1] got 4 want 5 (Infinity x tolerance)",
    "1 cases tagged nonfinite differ (advisory on a GPU)",
    "2 passed, 1 failed, 0 skipped",
  ]);
});

test("skipping alone is no failure", async () => {
  expect(await command("--dir", path("cases"), "--suite", "suite", "--op", "triple")).toBe(0);
  expect(lines.at(-1)).toBe("0 passed, 0 failed, 1 skipped");
});

test.each([
  ["error: required option '--dir <folder>' not specified", []],
  [`error: conformance: --dir: no such folder: ${path("nowhere")}`, ["--dir", path("nowhere")]],
  [
    `error: conformance: --suite: ${path("cases")} has no "torch". Suites: suite`,
    ["--dir", path("cases"), "--suite", "torch"],
  ],
  [
    `error: conformance: --required: no such file: ${path("none")}`,
    ["--dir", path("cases"), "--required", path("none")],
  ],
  [
    `error: conformance: ${path("adapter.mjs")} is not JSON`,
    ["--dir", path("cases"), "--required", path("adapter.mjs")],
  ],
  [
    `error: conformance: ${path("other/suite/double.json")} is not in the format "nn-conformance/1"`,
    ["--dir", path("other")],
  ],
  ["error: unknown option '--wrong'", ["--dir", path("cases"), "--wrong"]],
  ["error: option '--device <name>' argument 'x' is invalid", ["--dir", path("cases"), "--device", "x"]],
])("wrong arguments end with status 2: %s", async (message, args) => {
  expect(await command(...args)).toBe(2);
  expect(lines.join("\n")).toContain(message);
});

test("inputs come from data, from one value or from the hash", () => {
  expect(tensor({ dtype: "int32", shape: [2], data: [1, -2] }).data).toEqual(Int32Array.of(1, -2));
  expect(tensor({ dtype: "float32", shape: [3], data: ["NaN", "-Infinity", 0.1] }).data).toEqual(
    Float32Array.of(Number.NaN, -Infinity, 0.1),
  );
  expect(tensor({ dtype: "float32", shape: [2, 2], fill: 7 }).data).toEqual(Float32Array.of(7, 7, 7, 7));
  expect(tensor({ dtype: "float32", shape: [3], gen: "hash32", seed: 5 }).data).toEqual(hash32(5, 3));
});

test("the hash follows its definition", () => {
  const mask = 0xffffffffn;
  const expected = [0, 1, 2, 70_000].map((i) => {
    let x = (BigInt(i) * 2654435761n + 9n * 40503n + 12345n) & mask;
    x ^= x >> 15n;
    x = (x * 2246822519n) & mask;
    x ^= x >> 13n;
    return Math.fround((Number(x) / 2 ** 32) * 2 - 1);
  });
  const got = hash32(9, 70_001);
  expect([0, 1, 2, 70_000].map((i) => got[i])).toEqual(expected);
});
