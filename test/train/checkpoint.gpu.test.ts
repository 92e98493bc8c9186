// A trainer that goes on from a checkpoint, on another device, gives the same bits as one that never stopped.
import { afterEach, describe, expect, test } from "vitest";
import { CpuDevice } from "../../src/cpu/device.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { openGpu } from "../../src/gpu/device.ts";
import type { Device } from "../../src/graph/device.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { accuracy } from "../../src/metrics/perSample.ts";
import { relu } from "../../src/nn/activations.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm } from "../../src/nn/normalization.ts";
import { dropout, serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { exponential } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Checkpoint } from "../../src/train/checkpoint.ts";
import type { FitOptions } from "../../src/train/fitOptions.ts";
import type { Callback, Report, StepLog } from "../../src/train/report.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { testGpu } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";

const opened: GpuBackend[] = [];
afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});
async function ownDevice(): Promise<GpuBackend> {
  const device = new GpuBackend(await openGpu(await testGpu()));
  opened.push(device);
  return device;
}

const noise = (i: number) => ((Math.imul(i + 1, 0x9e3779b1) >>> 8) / 2 ** 24) * 2 - 1;
const set = dataset(
  Float32Array.from({ length: 200 }, (_, i) => noise(i)),
  Int32Array.from({ length: 100 }, (_, i) => (noise(2 * i) > 0 ? 1 : 0)),
  { shape: [2], classes: 2 },
);
/** Halves the rate at the end of the second and of the seventh epoch. */
const halving = (): Callback => ({
  onReport: ({ isEpochEnd, totalSteps }, control) => {
    if (isEpochEnd && [8, 28].includes(totalSteps)) control.scaleLearningRate(0.5);
  },
});

interface Case {
  readonly model: () => Layer;
  readonly optimizer: () => TrainerOptions["optimizer"];
  readonly callback?: () => Callback;
}

const CASES: Readonly<Record<string, Case>> = {
  "Adam on a schedule": {
    model: () => serial(linear(64), relu(), linear(2)),
    optimizer: () => adam(exponential(1e-2, { gamma: 0.99 })),
  },
  "momentum, batch norm, dropout": {
    model: () => serial(linear(48), batchNorm(), relu(), dropout(0.3), linear(2)),
    optimizer: () => sgd(0.1, { momentum: 0.9 }),
  },
  "a rate that a callback scales": {
    model: () => serial(linear(40), relu(), linear(2)),
    optimizer: () => adam(1e-2),
    callback: halving,
  },
  "whole steps in one kernel": { model: () => serial(linear(3), relu(), linear(2)), optimizer: () => adam(1e-2) },
  "whole steps in one kernel, a rate that a callback scales": {
    model: () => serial(linear(3), relu(), linear(2)),
    optimizer: () => sgd(0.1, { momentum: 0.9 }),
    callback: halving,
  },
};

const make = (device: Device, { model, optimizer }: Case): Promise<Trainer> =>
  createTrainer(device, model(), {
    ...{ input: [2], loss: softmaxCrossEntropy(), optimizer: optimizer(), metrics: [accuracy()], seed: 4 },
  });

/** Trains `maxSteps` steps, batches of 32 and one of 4; keeps what it is told. */
async function train(trainer: Trainer, each: Case, maxSteps: number, more: FitOptions = {}) {
  const steps: StepLog[] = [];
  const ends: Pick<Report, "loss" | "metrics" | "totalSteps" | "step">[] = [];
  const callbacks = [{ onStep: (log: StepLog) => void steps.push(log) }, ...(each.callback ? [each.callback()] : [])];
  const options = { batchSize: 32, epochs: Number.POSITIVE_INFINITY, maxSteps, callbacks, ...more };
  for await (const { loss, metrics, totalSteps, step } of trainer.fit(set, options)) {
    ends.push({ loss, metrics, totalSteps, step });
  }
  return { steps, end: ends.at(-1) };
}

describe.each(Object.entries(CASES))("%s", (_, each) => {
  test("50 steps are 23 and 27", async () => {
    const whole = await make(await ownDevice(), each);
    const all = await train(whole, each, 50);

    const first = await make(await ownDevice(), each);
    const before = await train(first, each, 23);
    const checkpoint = structuredClone(await first.checkpoint());
    expect(checkpoint).toMatchObject({ step: 23, epoch: 5, begun: { step: 3, batchSize: 32, count: 100 }, health: 0 });

    const second = await make(await ownDevice(), each);
    await second.restore(checkpoint);
    expect([second.step, second.epoch]).toEqual([23, 5]);
    expect(await second.checkpoint()).toEqual(checkpoint);
    const after = await train(second, each, 27);

    expect(await second.weights()).toEqual(await whole.weights());
    expect([...before.steps, ...after.steps]).toEqual(all.steps);
    expect(after.end).toEqual(all.end);
    expect([second.step, second.epoch]).toEqual([50, 12]);
    expect(await second.checkpoint()).toEqual(await whole.checkpoint());
  });

  test("one trainer may stop and go on", async () => {
    const whole = await make(await ownDevice(), each);
    await train(whole, each, 50);
    const parts = await make(await ownDevice(), each);
    for (const steps of [1, 2, 20, 4, 23]) await train(parts, each, steps);
    expect(await parts.checkpoint()).toEqual(await whole.checkpoint());
  });
});

test("checkpoints taken while steps go on are as good", async () => {
  for (const each of Object.values(CASES).slice(2, 4)) {
    const taken: Checkpoint[] = [];
    const trainer = await make(await ownDevice(), each);
    const { steps } = await train(trainer, each, 100_000, {
      stepsPerSubmit: 7,
      onCheckpoint: (checkpoint) => void taken.push(checkpoint),
      callbacks: [{ onReport: (_, control) => taken.length > 1 && control.stop() }],
    });
    expect(steps).toEqual([]); // callbacks were replaced
    const [first, second] = taken as [Checkpoint, Checkpoint];
    expect(first.begun.step > 0 ? first.begun.log?.steps : 0).toBe(first.begun.step);
    const again = await make(await ownDevice(), each);
    await again.restore(structuredClone(first));
    await train(again, { ...each, callback: () => ({}) }, second.step - first.step);
    expect(await again.checkpoint()).toEqual(second);
    expect(taken.at(-1)?.step).toBe(trainer.step);
  }
});

test("another batch size begins a new epoch", async () => {
  const each = CASES["Adam on a schedule"] as Case;
  const trainer = await make(await ownDevice(), each);
  await train(trainer, each, 6);
  const [first] = (await train(trainer, each, 1, { batchSize: 50 })).steps;
  expect(first?.step).toBe(7);
  expect((await trainer.checkpoint()).begun).toMatchObject({ step: 1, batchSize: 50 });
});

describe("what does not fit is refused, and nothing is changed", () => {
  const [small, other] = [CASES["whole steps in one kernel"], CASES["Adam on a schedule"]] as [Case, Case];
  const adamOf: Case = small;
  const sgdOf: Case = { ...small, optimizer: () => sgd(0.1, { momentum: 0.9 }) };

  test.each<[string, Case, (checkpoint: Checkpoint) => unknown, RegExp]>([
    ["another model", other, (all) => all, /^DataError: restore: "\w+" of the optimiser has 322 numbers: got 17/],
    ["another optimiser", sgdOf, (all) => all, /^DataError: restore: the optimiser is sgd: the checkpoint is of adam/],
    ["none", adamOf, () => undefined, /^DataError: restore: this is no checkpoint/],
    ["a part missing", adamOf, ({ begun: _, ...rest }) => rest, /^DataError: restore: this is no checkpoint/],
    [
      "a parameter missing",
      adamOf,
      (all) => ({ ...all, weights: {} }),
      /^DataError: restore: parameter "0.weight" is missing/,
    ],
  ])("%s", async (_, each, change, message) => {
    const from = await make(new CpuDevice(), adamOf);
    const to = await make(new CpuDevice(), each);
    const before = await to.checkpoint();
    const checkpoint = change(await from.checkpoint()) as Checkpoint;
    expect(await rejectionOf(to.restore(checkpoint))).toMatch(message);
    expect(await to.checkpoint()).toEqual(before);
  });

  test("a trainer in a run", async () => {
    const trainer = await make(new CpuDevice(), small);
    const checkpoint = await trainer.checkpoint();
    for await (const _ of trainer.fit(set, { batchSize: 50 })) {
      expect(await rejectionOf(trainer.restore(checkpoint))).toMatch(/^OptionError: restore: this trainer is in a run/);
    }
  });
});
