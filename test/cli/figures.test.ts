import { expect, test } from "vitest";
import { runCli } from "./ended.ts";

test("figures are measured, judged by their bounds, and given as JSON", async () => {
  const { status, stdout } = await runCli(["figures", "1", "--only", "memory,size", "--json"]);
  const figures = JSON.parse(stdout);
  expect(figures.map(({ name }: { name: string }) => name)).toEqual(["memory", "size"]);
  expect(figures[0].isMet).toBe(true);
  expect(figures[1].isMet).toBe(Number.parseFloat(figures[1].value) <= 40);
  expect(Number.parseFloat(figures[1].value)).toBeLessThanOrEqual(40);
  expect(figures[0]).toMatchObject({ bound: "≤ 1.15", value: expect.stringMatching(/^[01]\.\d{3}$/) });
  expect(figures[0].data.mlp.peak).toBeGreaterThan(64 * 128 * 4);
  expect(figures[1].value).toMatch(/^\d+\.\d KB$/);
  expect(status).toBe(figures.every(({ isMet }: { isMet: boolean }) => isMet) ? 0 : 1);
}, 120_000);

test("a figure for an adapter that this machine lacks is left open", async () => {
  const env = { VK_DRIVER_FILES: "/nowhere.json", VK_ICD_FILENAMES: "/nowhere.json" };
  const { status, stdout } = await runCli(["figures", "3", "--only", "softmax,tiny-lavapipe", "--json"], { env });
  const figures: { value: string; isMet?: boolean }[] = JSON.parse(stdout);
  expect(figures.map(({ value }) => value)).toEqual(["no lavapipe here", "no lavapipe here"]);
  expect(figures.some(({ isMet }) => isMet !== undefined)).toBe(false);
  expect(status).toBe(0);
}, 60_000);

test.each([
  [["7"], 'figures: no such issue: "7". Choose 1, 2, 3, 4'],
  [["1", "--only", "speed"], /^figures: --only: no such figure: "speed"\. Choose from accuracy, dispatches, /],
])("%s is refused", async (argv, message) => {
  const { status, stderr } = await runCli(["figures", ...argv]);
  expect(status).toBe(2);
  expect(stderr.replace(/^error: /, "").trimEnd()).toMatch(message);
});
