// How many submissions are under way: a pause waits for all of them.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Device, Executable, Memory } from "../../src/graph/device.ts";
import { type Pace, runSteps } from "../../src/train/loop.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs steps of `ms` each on a device that does one submission after the other, and tells the most that were under way late in the run. */
async function mostUnderWay(ms: number, pace: Pace): Promise<{ submissions: number; steps: number }> {
  let [free, underWay, done] = [0, 0, 0];
  const most = { submissions: 0, steps: 0 };
  const wait = (until: number) => new Promise((resolve) => setTimeout(resolve, until - performance.now()));
  const device = { info: { class: "discrete" }, check: () => {}, read: () => wait(performance.now() + 1) };
  const executable = {
    stats: {},
    run: (times: number) => {
      free = Math.max(free, performance.now()) + times * ms;
      underWay++;
      if (done > 20) {
        most.submissions = Math.max(most.submissions, underWay);
        most.steps = Math.max(most.steps, times);
      }
      const isDone = wait(free).then(() => {
        underWay--;
        done++;
      });
      return async () => {
        await isDone;
        return [[]];
      };
    },
  };
  const [on, program] = [device as unknown as Device, executable as unknown as Executable];
  const steps = runSteps(on, program, { steps: 400, fetch: [{} as Memory], before: () => {}, rows: 4096, pace });
  const running = (async () => {
    for await (const _ of steps);
  })();
  await vi.advanceTimersByTimeAsync(60_000);
  await running;
  return most;
}

test.each([
  ["short steps in a page: several in each of two", 2, { budget: 8 }, { submissions: 2, steps: 4 }],
  ["steps as long as two such submissions", 16, { budget: 8 }, { submissions: 2, steps: 1 }],
  ["long steps in a page, on a GPU", 40, { budget: 8 }, { submissions: 1, steps: 1 }],
  ["long steps in a page, on a software adapter", 40, { budget: 25 }, { submissions: 1, steps: 1 }],
  ["long steps in Node", 40, {}, { submissions: 2, steps: 1 }],
] as const)("%s", async (_, ms, pace, most) => {
  expect(await mostUnderWay(ms, pace)).toEqual(most);
});
