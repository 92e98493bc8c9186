// A remote trainer in a real worker, as pages have it.
import { expect, test } from "vitest";
import type { RemoteState } from "../../src/train/channel.ts";
import { connectTrainer } from "../../src/train/remote.ts";
import type { Report } from "../../src/train/report.ts";
import { rejectionOf } from "../errorOf.ts";
import type { Setup } from "./served.ts";

const isPage = typeof Worker !== "undefined" && typeof window !== "undefined";
if (!isPage) console.log("remoteWorker: Node has no Worker of pages; these tests run in the browser");

const start = () => new Worker(new URL("./remoteWorker.ts", import.meta.url), { type: "module" });
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test.runIf(isPage)("it trains while the page's own thread stays free, and pauses at once", async () => {
  const reports: Report[] = [];
  const trainer = connectTrainer<Setup>(start(), { onReport: (report) => void reports.push(report) });
  await trainer.open({ units: 64, examples: 1000 });
  await trainer.resume();
  let longest = 0;
  let last = performance.now();
  const frames = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 4);
  await until(() => reports.length > 20);
  clearInterval(frames);
  const asked = performance.now();
  await trainer.pause();
  const took = performance.now() - asked;
  console.log(`remoteWorker: paused in ${took.toFixed(0)} ms, the page was busy for ${longest.toFixed(0)} ms at most`);
  expect(took).toBeLessThan(500); // 200 on a machine of its own
  const { step } = (await trainer.checkpoint()) as { step: number };
  expect(trainer.state).toMatchObject({ kind: "paused", step });
  const { data, shape } = await trainer.predict(Float32Array.of(0.6, 0, -0.6, 0));
  expect([data.length, shape]).toEqual([4, [2, 2]]);
  trainer.dispose();
  expect(trainer.state.kind).toBe("closed");
});

test.runIf(isPage)("a worker that fails, or does not load, fails the trainer", async () => {
  const states: RemoteState[] = [];
  const missing = connectTrainer<Setup>(new Worker(new URL("./nothing.js", import.meta.url), { type: "module" }), {
    onState: (state) => void states.push(state),
  });
  expect(await rejectionOf(missing.open({}))).toMatch(/^GpugradError: connectTrainer: the worker failed: /);
  expect(states.at(-1)).toMatchObject({ kind: "failed", hasSnapshot: false });
  missing.dispose();
});
