import { expect, test } from "vitest";
import { keepCalm, watchAwaited } from "../../src/node/calm.ts";

/** Turns of the event loop while `promise` is pending, and how many milliseconds that took. */
async function turnsDuring(promise: Promise<unknown>): Promise<{ turns: number; milliseconds: number }> {
  const start = performance.now();
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await promise;
  isOver = true;
  return { turns, milliseconds: performance.now() - start };
}

const later = () => new Promise((resolve) => setTimeout(resolve, 60));

test("while something is awaited on a software adapter, every turn of the event loop pauses", async () => {
  class GPUBuffer {
    mapAsync(): Promise<unknown> {
      return later();
    }
  }
  watchAwaited({ GPUBuffer });
  watchAwaited({ GPUBuffer }); // changes nothing
  const before = await turnsDuring(new GPUBuffer().mapAsync());
  keepCalm();
  const calm = await turnsDuring(new GPUBuffer().mapAsync());
  expect(calm.turns).toBeLessThanOrEqual(calm.milliseconds + 2); // a pause takes a millisecond at least
  const after = await turnsDuring(later());
  expect(before.turns / before.milliseconds).toBeGreaterThan(1);
  expect(after.turns / after.milliseconds).toBeGreaterThan(1);
});

test("a promise that is rejected ends the pauses too, and is passed on", async () => {
  class GPUQueue {
    async onSubmittedWorkDone(): Promise<void> {
      throw new Error("lost");
    }
  }
  watchAwaited({ GPUQueue });
  await expect(new GPUQueue().onSubmittedWorkDone()).rejects.toThrow("lost");
  const { turns, milliseconds } = await turnsDuring(later());
  expect(turns / milliseconds).toBeGreaterThan(1);
});
