import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quantile } from "../../src/cli/bench/timing.ts";
import { runCli } from "./ended.ts";

test("quantiles lie between the values", () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([4, 1, 2, 3], 0)).toBe(1);
  expect(quantile([7], 0.75)).toBe(7);
});

test("a step is timed, and creates nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gpugrad-bench-"));
  const file = join(folder, "rows.json");
  const { status, stdout } = await runCli(["bench", "steps", "--filter", "tiny", "--json", file]);
  expect(stdout).toMatch(/tiny-adam/);
  expect(status).toBe(0);
  const [row] = JSON.parse(readFileSync(file, "utf8"));
  rmSync(folder, { recursive: true });
  expect(row).toMatchObject({ suite: "steps", case: "tiny-adam", system: "gpugrad", bindGroups: 0, buffers: 0 });
  expect(row.stepsPerSecond).toBeGreaterThan(0);
  expect(row.dispatches).toBeLessThanOrEqual(8);
  expect(row.submits).toBeLessThan(0.1);
  expect(row.writes).toBeLessThan(0.2);
}, 100_000);

test("a kernel is compared with the reference before it is timed", async () => {
  const { status, stdout } = await runCli(["bench", "kernels", "--filter", "gather", "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ suite: "kernels", case: "gather-64-of-4096x784", dispatches: 1 }]);
}, 60_000);

test("what a dispatch costs the host is CPU time of the calling thread; in a page, wall time of its own", async () => {
  const { status, stdout } = await runCli(["bench", "host", "--filter", "replay-mlp-adam", "--json"]);
  expect(status).toBe(0);
  const rows = JSON.parse(stdout);
  expect(rows).toMatchObject([{ case: "replay-mlp-adam" }, { case: "replay-mlp-adam-chromium" }]);
  expect(rows[1].adapter).toMatch(/^Chromium \d+: /);
  for (const { hostMicroseconds } of rows) {
    expect(hostMicroseconds).toBeGreaterThan(0);
    expect(hostMicroseconds).toBeLessThan(100);
  }
}, 100_000);

test("a product's figures are shares of what the adapter can do", async () => {
  const { stdout } = await runCli(["bench", "matmul", "--filter", "matmul-256", "--json"]);
  const [{ shareOfFma, shareOfCopy }] = JSON.parse(stdout);
  expect(shareOfFma).toBeGreaterThan(0);
  expect(shareOfFma).toBeLessThan(1.5); // the machine may have been busier while the ceiling was measured
  expect(shareOfCopy).toBeGreaterThan(0);
}, 100_000);

test("the memory that is bound is what must be alive; the rest is written in place or worked out again", async () => {
  const { stdout } = await runCli(["bench", "memory", "--filter", "mlp-64", "--json"]);
  const [row] = JSON.parse(stdout);
  expect(row.boundBytes).toBeGreaterThanOrEqual(row.plannedBytes);
  expect(row.boundOfPeak).toBeLessThanOrEqual(1.15);
  expect(row.boundOfPeak).toBeCloseTo(row.boundBytes / row.peakLiveBytes);
  expect(row.inPlaceBytes).toBeGreaterThan(3 * 4 * 784 * 128); // weights and both moments of Adam
  expect(row.recomputedBytes).toBeGreaterThan(0);
  expect(row.programBytes).toBeGreaterThanOrEqual(row.boundBytes);
}, 60_000);

test("networks are timed forward only, too, against the reference first", async () => {
  const { status, stdout } = await runCli(["bench", "steps", "--filter", "mlp-forward", "--json"]);
  expect(status).toBe(0);
  const [row] = JSON.parse(stdout);
  expect(row).toMatchObject({ suite: "steps", case: "mlp-forward", system: "gpugrad", bindGroups: 0 });
  expect(row.stepsPerSecond).toBeGreaterThan(0);
  expect(row.stepsPerCpuSecond).toBeGreaterThan(0);
}, 60_000);

test("unknown suites and cases are refused", async () => {
  expect((await runCli(["bench", "speed"])).stderr).toBe(
    'error: bench: unknown suite: "speed". Choose kernels, matmul, conv, steps, cold, memory, host, large\n',
  );
  expect((await runCli(["bench", "--filter", "nothing"])).status).toBe(2);
});
