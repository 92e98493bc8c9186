// How it is found out whether a browser is slow to notice answers: by reading from an idle device, which a page may keep from being quite idle.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Device, Memory } from "../../src/graph/device.ts";
import { latencyOf } from "../../src/train/loop.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The latency found on a device whose reads take so many ms each; the last of them again and again. */
async function found(...took: readonly number[]): Promise<number> {
  let reads = 0;
  const read = () => new Promise((resolve) => setTimeout(resolve, took[reads++] ?? took.at(-1)));
  const latency = latencyOf({ read } as unknown as Device, {} as Memory);
  await vi.advanceTimersByTimeAsync(5000);
  return latency;
}

test.each([
  ["an idle device", [1], 0],
  ["uploads before", [400, 1], 0],
  ["kernels that compile, and other work of the page", [400, 70, 40, 90], 0],
  ["a browser that looks every 100 ms", [100], 100],
  ["the same, asked just before it looks", [3, 100], 100],
  ["the same, and once it was late", [30, 160, 100, 130], 100],
] as const)("%s", async (_, took, latency) => {
  expect(await found(...took)).toBeCloseTo(latency, 0);
});
