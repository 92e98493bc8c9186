// The end of a run that is left: what the state is then is asked for at once, not once all that is under way has been read.
import { afterEach, expect, test, vi } from "vitest";
import { CpuDevice } from "../../src/cpu/device.ts";
import type { Memory } from "../../src/graph/device.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { linear } from "../../src/nn/linear.ts";
import { adam } from "../../src/optim/adam.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import type { Callback } from "../../src/train/report.ts";
import { createTrainer, type Trainer } from "../../src/train/trainer.ts";
import { clouds } from "./served.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A trainer whose submissions are read only once `open` is called, and the labels of what was read on its device. */
async function heldUp(): Promise<{ trainer: Trainer; read: string[]; hold: () => () => void }> {
  const device = new CpuDevice();
  const read: string[] = [];
  let opened = Promise.resolve();
  const [reading, preparing] = [device.read.bind(device), device.prepare.bind(device)];
  vi.spyOn(device, "read").mockImplementation((memory: Memory) => {
    read.push(memory.label ?? "");
    return reading(memory);
  });
  vi.spyOn(device, "prepare").mockImplementation(async (task) => {
    const executable = await preparing(task);
    const run = executable.run.bind(executable);
    executable.run = (times, fetch) => {
      const values = run(times, fetch);
      return () => opened.then(values);
    };
    return executable;
  });
  const hold = () => {
    let open = () => {};
    opened = new Promise((resolve) => {
      open = resolve;
    });
    return () => open();
  };
  const options = { input: [2], loss: softmaxCrossEntropy(), optimizer: adam(0.01) };
  return { trainer: await createTrainer(device, linear(2), options), read, hold };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Trains for three submissions, and is told to end while the fourth is under way. */
async function leave(callback: Callback = {}) {
  const { trainer, read, hold } = await heldUp();
  const leaving = new AbortController();
  const kept: Checkpoint[] = [];
  const options = { signal: leaving.signal, epochs: 1000, reportEvery: 0, callbacks: [callback] };
  const reports = trainer.fit(clouds(100), { ...options, onCheckpoint: (checkpoint) => kept.push(checkpoint) });
  for (let i = 0; i < 3; i++) await reports.next();
  const open = hold();
  const next = reports.next();
  await tick();
  read.length = 0;
  leaving.abort();
  await tick();
  const early = [...read];
  open();
  await next;
  for await (const _ of reports);
  return { trainer, early, late: read.slice(early.length), checkpoint: kept.at(-1) as Checkpoint };
}

test("the state is asked for while steps are under way, once, and has them and their log", async () => {
  const { trainer, early, late, checkpoint } = await leave();
  expect(early).toEqual(expect.arrayContaining(["step counter", "parameters", "health"]));
  expect(late).toEqual([]);
  expect(checkpoint.step).toBe(trainer.step);
  expect(checkpoint.begun.step === 0 || checkpoint.begun.log?.steps === checkpoint.begun.step).toBe(true);
  expect(checkpoint.weights).toEqual(await trainer.weights());
});

test("where a callback brings weights back at the end, those are the ones kept", async () => {
  const { trainer, checkpoint } = await leave({
    onReport: ({ totalSteps }, control) => {
      if (totalSteps === 2) control.keepWeights();
    },
    onEnd: (control) => control.restoreWeights(),
  });
  const kept = await trainer.weights();
  expect(checkpoint.weights).toEqual(kept);
  const { trainer: other } = await leave();
  expect(kept).not.toEqual(await other.weights());
});

test("a run that fails after it was told to end still ends", async () => {
  const failing = leave({
    onStep: ({ step }) => {
      if (step > 3) throw new Error("no more");
    },
  });
  await expect(failing).rejects.toThrow("no more");
});
