// Traces, as `npm start` and `npm run bench` write them, and the page of a report.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright";
import { afterAll, expect, test } from "vitest";
import { reportPage } from "../../src/cli/bench/report.ts";
import { chromiumOptions } from "../../src/cli/chromium.ts";
import { chromeTrace } from "../../src/cli/trace.ts";
import type { DispatchTime } from "../../src/graph/device.ts";
import { runCli } from "./ended.ts";

const folder = mkdtempSync(join(tmpdir(), "gpugrad-trace-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONV: DispatchTime = {
  label: "conv+relu",
  file: "convolution.wgsl",
  layer: "0 conv2d(8, 5×5)",
  phase: "forward",
  ...{ bytesRead: 3e6, bytesWritten: 1e6, flops: 8e6 },
  milliseconds: 2,
  clock: "device",
  spans: [
    [0, 2],
    [5, 6],
  ],
};
const UPDATE: DispatchTime = {
  ...{ label: "where", file: "pointwise.wgsl", phase: "update", bytesRead: 8, bytesWritten: 4, flops: 2 },
  ...{ milliseconds: 1, clock: "device" },
  spans: [
    [3, 4],
    [6, 7],
  ],
};

interface Slice {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

test("a trace has a row of steps and a row of dispatches, with times in µs", () => {
  const { traceEvents, otherData } = chromeTrace("an adapter", [{ name: "cnn", times: [CONV, UPDATE] }]);
  expect(otherData).toEqual({ adapter: "an adapter", clock: "timestamps on the device" });
  const slices = traceEvents.filter(({ ph }) => ph === "X");
  expect(slices.map(({ name, tid, ts, dur }) => [name, tid, ts, dur])).toEqual([
    ["step 1", 1, 0, 4000],
    ["step 2", 1, 5000, 2000],
    ["0 conv2d(8, 5×5) · forward", 2, 0, 2000],
    ["0 conv2d(8, 5×5) · forward", 2, 5000, 1000],
    ["where · update", 2, 3000, 1000],
    ["where · update", 2, 6000, 1000],
  ]);
  expect(slices[2]?.args).toMatchObject({ op: "conv+relu", flops: 8e6, "GFLOP/s": 4, "GB/s": 2 });
});

test("npm start writes a trace of its training step: layers, phases, bytes and FLOPs", async () => {
  const file = join(folder, "start.json");
  const argv = ["start", "--epochs", "1", "--batch", "500", "--check", "0", "--trace", file];
  const { status, stderr } = await runCli(argv);
  expect(status).toBe(0);
  expect(stderr).toContain(`trace written: ${file}`);
  const { traceEvents, displayTimeUnit, otherData } = JSON.parse(readFileSync(file, "utf8"));
  expect(displayTimeUnit).toBe("ms");
  expect(otherData.clock).toMatch(/^(timestamps on the device|wall time of submissions)/);
  const slices: Slice[] = traceEvents.filter(({ ph, tid }: { ph: string; tid: number }) => ph === "X" && tid === 2);
  const names = new Set(slices.map(({ name }) => name));
  expect(names).toContain("1 linear(128) · forward");
  expect(names).toContain("1 linear(128) · backward");
  expect(names).toContain("3 linear(10) · backward");
  expect(slices.map(({ args }) => args["phase"])).toContain("update");
  for (const { ts, dur, args } of slices) {
    expect(ts).toBeGreaterThanOrEqual(0);
    expect(dur).toBeGreaterThanOrEqual(0);
    expect(Object.keys(args)).toEqual(expect.arrayContaining(["op", "file", "bytesRead", "bytesWritten", "flops"]));
  }
  const forward = slices.find(({ name }) => name === "1 linear(128) · forward");
  expect(forward?.args["flops"]).toBeGreaterThanOrEqual(2 * 500 * 784 * 128);
  expect(forward?.args["flops"]).toBeLessThan(2.1 * 500 * 784 * 128);
}, 180_000);

test("a bench writes a trace and a page, with a program for each case", async () => {
  const [trace, report] = [join(folder, "bench.json"), join(folder, "bench.html")];
  const argv = ["bench", "kernels", "--filter", "gather", "--json", "--trace", trace, "--report", report];
  const { status, stdout } = await runCli(argv);
  expect(status).toBe(0);
  const [row] = JSON.parse(stdout);
  expect(row.shareOfCopy).toBeGreaterThan(0);
  const events: Slice[] = JSON.parse(readFileSync(trace, "utf8")).traceEvents;
  expect(events[0]).toMatchObject({ name: "process_name", args: { name: "gather-64-of-4096x784" } });
  expect(events.some(({ ph, dur }) => ph === "X" && dur > 0)).toBe(true);
  const page = readFileSync(report, "utf8");
  expect(page).toContain("<td>gather-64-of-4096x784</td>");
  expect(page).toMatch(/ceiling: [\d.]+ GFLOP and [\d.]+ GB per/);
}, 100_000);

test("files that cannot be written are refused before anything is measured", async () => {
  expect(await runCli(["bench", "memory", "--report", "/nowhere/page.html"])).toEqual({
    status: 1,
    stdout: "",
    stderr: "error: bench: --report: no such folder: /nowhere\n",
  });
  expect((await runCli(["start", "--trace", "src"])).stderr).toBe(
    "error: start: --trace: this is a folder: src. Name a file in it\n",
  );
  const both = await runCli(["start", "--device", "cpu", "--trace", join(folder, "cpu.json"), "--quiet"]);
  expect(both.stderr).toBe(
    "error: start: --trace: the CPU reference has no dispatches to time. Choose another --device\n",
  );
});

const MEASURED = reportPage({
  adapter: "<an adapter>",
  notes: ["ceiling: 50 GFLOP"],
  suites: ["steps", "memory"],
  rows: [
    { suite: "steps", case: "cnn-adam", system: "gpugrad", adapter: "a", milliseconds: 5, stepsPerSecond: 200 },
    { suite: "steps", case: "cnn-adam", system: "tfjs webgpu", adapter: "a", milliseconds: 500, stepsPerSecond: 2 },
    { suite: "steps", case: "cnn-adam", system: "ort cpu", adapter: "a", note: "forward only" },
  ],
  traced: [{ name: "cnn-adam", times: [CONV, UPDATE] }],
});

test("a report escapes what it shows, compares systems and says what it plots", () => {
  expect(MEASURED).toContain("&lt;an adapter&gt;");
  expect(MEASURED).toContain("<figcaption>steps/s, logarithmic scale</figcaption>");
  expect(MEASURED).toContain('<td>tfjs webgpu</td><td class="number">100×</td>');
  expect(MEASURED).toContain('<td>ort cpu</td><td colspan="4">forward only</td>');
  expect(MEASURED).toContain("0 conv2d(8, 5×5) · forward");
  expect(MEASURED).not.toMatch(/https?:|<script|<link|@import/);
});

test("a report fits a phone, in the dark too, and asks for nothing", async () => {
  const browser = await chromium.launch(await chromiumOptions());
  try {
    const page = await browser.newPage({ viewport: { width: 360, height: 640 }, colorScheme: "dark" });
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    await page.setContent(MEASURED);
    const seen = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      paper: getComputedStyle(document.body).backgroundColor,
      longest: Math.max(...[...document.querySelectorAll("rect")].map((bar) => bar.getBoundingClientRect().width)),
    }));
    expect(seen.width).toBe(360);
    expect(seen.paper).toBe("rgb(20, 23, 26)");
    expect(seen.longest).toBeGreaterThan(150);
    expect(asked).toEqual([]);
  } finally {
    await browser.close();
  }
}, 60_000);
