// Lost devices: noticed at once, opened again, and trained on from the last checkpoint to the same bits, each step told once.
import { afterEach, expect, test } from "vitest";
import type { RemoteState } from "../../src/train/channel.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import { connectTrainer, type RemoteTrainer } from "../../src/train/remote.ts";
import type { Report, StepLog } from "../../src/train/report.ts";
import { serveTrainer } from "../../src/train/serve.ts";
import { testGpu } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";
import { shimOf } from "../shim.ts";
import { type Setup, serveSetup } from "./served.ts";

const connected: RemoteTrainer<Setup>[] = [];
afterEach(() => {
  for (const trainer of connected.splice(0)) trainer.dispose();
});

/** A trainer whose device can be lost, of which none may come back, or which falls silent. */
async function fragile() {
  const gpu = await testGpu();
  const devices: GPUDevice[] = [];
  const states: RemoteState[] = [];
  const [steps, reports]: [StepLog[], Report[]] = [[], []];
  const world = { hasAdapter: true, answers: true, whileOpening: () => {}, whileReporting: async (_: Report) => {} };
  const { port1, port2 } = new MessageChannel();
  serveTrainer<Setup>(port2, async (setup, context) => {
    const served = await serveSetup(
      setup,
      context,
      shimOf(gpu, {
        ...{ delay: 0, hasAdapter: () => world.hasAdapter, answers: () => world.answers },
        onDevice: (device) => void devices.push(device),
      }),
    );
    world.whileOpening();
    return { ...served, onReport: (report) => world.whileReporting(report) };
  });
  const trainer = connectTrainer<Setup>(port1, {
    onState: (state) => void states.push(state),
    onSteps: (logs) => void steps.push(...logs),
    onReport: (report) => void reports.push(report),
  });
  connected.push(trainer);
  return { trainer, states, steps, reports, world, lose: () => devices.at(-1)?.destroy(), devices };
}
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** What a run of so many steps gives when nothing happens to it. */
async function undisturbed(setup: Setup, count: number): Promise<{ checkpoint: Checkpoint; steps: StepLog[] }> {
  const { trainer, steps } = await fragile();
  await trainer.open(setup);
  await trainer.step(count);
  return { checkpoint: await trainer.checkpoint(), steps };
}

test.each<[string, Setup, number]>([
  ["dispatches", { units: 64 }, 600],
  ["whole steps in one kernel", { units: 3, examples: 10, fit: { batchSize: 4 } }, 100_000],
])("lost again and again while it runs, it comes to the same bits: %s", async (_, setup, count) => {
  const expected = await undisturbed(setup, count);
  const { trainer, states, steps, reports, lose, devices } = await fragile();
  await trainer.open(setup);
  const done = trainer.step(count);
  await until(() => trainer.state.kind === "running");
  for (let times = 1; times <= 3; times++) {
    const before = devices.length;
    await until(() => trainer.state.kind !== "running" || reports.length > times);
    if (trainer.state.kind === "paused") break;
    const at = performance.now();
    lose();
    await until(() => trainer.state.kind !== "running");
    expect(performance.now() - at).toBeLessThan(1000);
    await until(() => devices.length > before && trainer.state.kind !== "recovering");
  }
  await done;
  expect(states.filter(({ kind }) => kind === "recovering").length).toBeGreaterThan(0);
  expect(await trainer.checkpoint()).toEqual(expected.checkpoint);
  const isSame = ({ step, loss, metrics }: StepLog, i: number) =>
    step === i + 1 && loss === expected.steps[i]?.loss && metrics.accuracy === expected.steps[i]?.metrics.accuracy;
  expect([steps.length, steps.every(isSame)]).toEqual([count, true]);
  const totals = reports.map(({ totalSteps }) => totalSteps);
  expect(totals).toEqual([...new Set(totals)].sort((a, b) => a - b));
});

test("lost while it is paused, nothing being awaited: opened again, paused, at the same place", async () => {
  const expected = await undisturbed({ units: 64 }, 30);
  const { trainer, states, lose } = await fragile();
  await trainer.open({ units: 64 });
  await trainer.step(13);
  lose();
  await until(() => states.at(-1)?.kind === "recovering");
  await until(() => states.at(-1)?.kind === "paused");
  expect(trainer.state).toMatchObject({ step: 13, epoch: 3 });
  await trainer.step(17);
  expect(await trainer.checkpoint()).toEqual(expected.checkpoint);
});

test("lost while the last report is told: it is noticed, and the run still comes to its goal", async () => {
  const expected = await undisturbed({ units: 64 }, 13);
  const { trainer, states, world, devices } = await fragile();
  await trainer.open({ units: 64 });
  world.whileReporting = async ({ totalSteps }) => {
    if (totalSteps < 13 || devices.length > 1) return;
    devices[0]?.destroy();
    await devices[0]?.lost;
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await trainer.step(13);
  await until(() => devices.length === 2 && states.at(-1)?.kind === "paused");
  expect(trainer.state).toMatchObject({ kind: "paused", step: 13 });
  expect(await trainer.checkpoint()).toEqual(expected.checkpoint);
});

test("lost while it predicts, evaluates, or is asked for its weights: they answer", async () => {
  const { trainer, lose } = await fragile();
  await trainer.open({ units: 64 });
  await trainer.step(5);
  const examples = Float32Array.of(1, 2, 3, 4);
  const before = [await trainer.predict(examples), await trainer.evaluate(), await trainer.snapshot()];
  for (const ask of [() => trainer.predict(examples), () => trainer.evaluate(), () => trainer.snapshot()]) {
    const answer = ask();
    lose();
    expect(before).toContainEqual(await answer);
    await until(() => trainer.state.kind === "paused");
  }
});

test("lost while it is opened: it opens all the same", async () => {
  const { trainer, states, world, lose } = await fragile();
  let left = 2;
  world.whileOpening = () => void (left-- > 0 && lose());
  await trainer.open({ units: 64 });
  expect(trainer.state.kind).toBe("paused");
  expect(states.some(({ kind }) => kind === "recovering")).toBe(true);
  await trainer.step(2);
  expect(trainer.state).toMatchObject({ kind: "paused", step: 2 });
});

test("it is paused, stopped or disposed of while it recovers", async () => {
  const { trainer, world, lose } = await fragile();
  await trainer.open({ units: 3 });
  await trainer.resume();
  world.hasAdapter = false;
  lose();
  await until(() => trainer.state.kind === "recovering");
  await trainer.pause();
  world.hasAdapter = true;
  await until(() => trainer.state.kind === "paused");
  await trainer.resume();
  world.hasAdapter = false;
  lose();
  await until(() => trainer.state.kind === "recovering");
  await trainer.stop();
  expect(trainer.state.kind).toBe("finished");
  expect(Object.keys(await trainer.snapshot())).toHaveLength(4);
  world.hasAdapter = true;
  await trainer.open({ units: 3 });
  await trainer.resume();
  world.hasAdapter = false;
  lose();
  await until(() => trainer.state.kind === "recovering");
  trainer.dispose();
  expect(trainer.state.kind).toBe("closed");
});

test("paused and resumed while it recovers: it runs on", async () => {
  const { trainer, lose } = await fragile();
  await trainer.open({ units: 64 });
  for (let times = 0; times < 3; times++) {
    await trainer.resume();
    lose();
    await until(() => trainer.state.kind === "recovering");
    await Promise.all([trainer.pause(), trainer.resume()]);
    await until(() => trainer.state.kind === "running");
    const { step } = trainer.state as { step: number };
    await until(() => "step" in trainer.state && trainer.state.step > step);
  }
}, 20_000);

test("where no adapter comes back it says so, and the last weights are there; later it opens again", async () => {
  const { trainer, states, world, lose } = await fragile();
  await trainer.open({ units: 64 });
  await trainer.step(13);
  const weights = await trainer.snapshot();
  await trainer.resume();
  world.hasAdapter = false;
  lose();
  const begun = performance.now();
  await until(() => trainer.state.kind === "recovering");
  expect(Object.keys(await trainer.snapshot())).toEqual(Object.keys(weights));
  await until(() => trainer.state.kind === "failed");
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(states.at(-1)).toEqual({
    kind: "failed",
    reason:
      "the device was lost, and none came back: openDevice: WebGPU is here, but it has no adapter for this machine",
    hasSnapshot: true,
  });
  for (const { data } of Object.values(await trainer.snapshot())) expect(data.every(Number.isFinite)).toBe(true);
  const checkpoint = await trainer.checkpoint();
  expect(checkpoint.step).toBeGreaterThanOrEqual(13);
  expect(await rejectionOf(trainer.resume())).toMatch(/^GpugradError: resume: the run failed: the device was lost/);
  expect(await rejectionOf(trainer.predict(Float32Array.of(1, 2)))).toMatch(/^DeviceError: request: the device was/);
  world.hasAdapter = true;
  await trainer.open({ units: 64 });
  await trainer.restore(checkpoint);
  await trainer.step(2);
  expect(trainer.state).toMatchObject({ kind: "paused", step: checkpoint.step + 2 });
});

test("a device that does not answer any more counts as lost", async () => {
  const { trainer, states, world, devices } = await fragile();
  await trainer.open({ units: 64 });
  await trainer.resume();
  await new Promise((resolve) => setTimeout(resolve, 6000)); // until it is known how long answers take
  world.answers = false;
  await until(() => trainer.state.kind === "recovering");
  world.answers = true;
  await until(() => trainer.state.kind === "running");
  expect(devices).toHaveLength(2);
  expect(states.find(({ kind }) => kind === "recovering")).toMatchObject({
    reason: "device: it does not answer any more",
  });
  await trainer.pause();
  expect(trainer.state.kind).toBe("paused");
});
