import { expect, test } from "vitest";
import { type Level, trendOf, verdictOf, WARM_UP } from "../../src/cli/soak/verdict.ts";
import { runCli } from "./ended.ts";

const level = (round: number, more: Partial<Level> = {}): Level => ({
  round,
  steps: round,
  seconds: round,
  buffers: 10,
  bytes: 1000,
  pipelines: 5,
  left: 0,
  heap: 8e6 + (round % 3) * 1000,
  resident: 1e8,
  ...more,
});
const levels = (more: (round: number) => Partial<Level> = () => ({})) =>
  Array.from({ length: 100 }, (_, round) => level(round, more(round)));

test("a level run has no complaints, however its warm-up went", () => {
  expect(verdictOf(levels(), []).complaints).toEqual([]);
  expect(
    verdictOf(
      levels((round) => (round < WARM_UP ? { buffers: 50 - round } : {})),
      [],
    ).complaints,
  ).toEqual([]);
});

test("one buffer more, a buffer of a closed device, a heap that rises and a mistake are complaints", () => {
  const complaintOf = (more: (round: number) => Partial<Level>) => verdictOf(levels(more), []).complaints;
  expect(complaintOf((round) => (round === 80 ? { buffers: 11 } : {}))).toEqual(["live buffers change: 10 … 11"]);
  expect(complaintOf(() => ({ left: 3 }))).toEqual(["buffers left by closed devices change: 3 … 3"]);
  expect(complaintOf((round) => ({ heap: 8e6 + 4096 * round }))).toEqual(["the heap grows by 4.0 KB a round"]);
  expect(verdictOf(levels(), ["wrong", "wrong"]).complaints).toEqual(["wrong"]);
});

test("a trend is not moved by a few odd values", () => {
  expect(trendOf([0, 2, 4, 1000, 8, 10, 12])).toBe(2);
  expect(trendOf([5])).toBe(0);
});

test("a short soak: training in changing ways leaves nothing behind", async () => {
  const ended = await runCli(["soak", "--in", "node", "--minutes", "0", "--json"]);
  const { complaints, steps } = JSON.parse(ended.stdout);
  expect(complaints).toEqual([]);
  expect(steps).toBeGreaterThan(1000);
  expect(ended.status).toBe(0);
}, 160_000);
