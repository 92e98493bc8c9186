// CONTRIBUTING's examples, applied to a copy of the repository: they touch as few files as promised, type-check, and their tests pass.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyPatch, filesOf } from "./patch.ts";

const COPIED = [
  "src",
  "shaders",
  "test",
  "package.json",
  "tsconfig.json",
  "biome.json",
  "library.config.ts",
  "README.md",
];
const patches = [...readFileSync("CONTRIBUTING.md", "utf8").matchAll(/```diff\n([\s\S]*?)```/g)].map(
  ([, diff = ""]) => diff,
);
const copy = mkdtempSync(join(tmpdir(), "gpugrad-contributing-"));

beforeAll(() => {
  for (const path of COPIED) cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  // One project on the device of these tests: the whole configuration would build everything first.
  const config = {
    test: { pool: "forks", testTimeout: 60_000, env: { GPUGRAD_DEVICE: process.env["GPUGRAD_DEVICE"] } },
  };
  writeFileSync(join(copy, "vitest.config.mjs"), `export default ${JSON.stringify(config)};\n`);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a tool of node_modules in the copy; gives what it printed when it failed, else nothing. */
function run(tool: string, ...argv: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  return new Promise((done) => {
    execFile(process.execPath, [join("node_modules", tool), ...argv], { cwd: copy, env }, (error, stdout, stderr) => {
      done(error ? `${stdout}\n${stderr}` : "");
    });
  });
}

test("an elementwise op takes two files, an op with a kernel four", () => {
  expect(patches.map((patch) => filesOf(patch).length)).toEqual([2, 4]);
});

test("the examples apply, and nothing but the two ops is new", () => {
  for (const patch of patches) applyPatch(copy, patch);
  expect(readFileSync(join(copy, "src/ops/unary.ts"), "utf8")).toContain("export const cube");
  expect(readFileSync(join(copy, "shaders/center.wgsl"), "utf8")).toContain("fn main(");
});

test("they type-check and are formatted", async () => {
  const files = [...new Set(patches.flatMap(filesOf))].filter((file) => file.endsWith(".ts"));
  writeFileSync(
    join(copy, "tsconfig.example.json"),
    JSON.stringify({ extends: "./tsconfig.json", include: ["src/index.ts", "src/check/index.ts", "src/**/*.d.ts"] }),
  );
  expect(await run("typescript/bin/tsc", "-p", "tsconfig.example.json")).toBe("");
  expect(await run("@biomejs/biome/bin/biome", "check", "--vcs-enabled=false", ...files)).toBe("");
}, 120_000);

test("their tests pass on the device under test", async () => {
  const argv = [
    "run",
    "test/ops/samples",
    "test/repo/publicApi.test.ts",
    "-t",
    "cube|center|public",
    "--reporter",
    "json",
  ];
  expect(await run("vitest/vitest.mjs", ...argv)).toBe("");
}, 120_000);
