// Small networks run whole steps in one kernel. It must be the same training: same losses as by dispatches, as the reference computes, whatever K.
import { expect, test } from "vitest";
import { CpuDevice } from "../../src/cpu/device.ts";
import { type Dataset, dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Device } from "../../src/graph/device.ts";
import type { Loss } from "../../src/loss/loss.ts";
import { mse, sigmoidCrossEntropy, softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { accuracy } from "../../src/metrics/perSample.ts";
import { relu, sigmoid, tanh } from "../../src/nn/activations.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { batchNorm } from "../../src/nn/normalization.ts";
import { dropout, serial } from "../../src/nn/serial.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { softmaxCrossEntropy as entropyOfRows } from "../../src/ops/crossEntropy.ts";
import { adam, adamW } from "../../src/optim/adam.ts";
import { adagrad } from "../../src/optim/adaptive.ts";
import { clip } from "../../src/optim/clip.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import { exponential } from "../../src/optim/schedules.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Report, RunControl } from "../../src/train/report.ts";
import type { Clip } from "../../src/train/step.ts";
import { createTrainer, type Trainer } from "../../src/train/trainer.ts";
import { testDevice } from "../device.ts";

/** How a device may run them: by dispatches, in one kernel of one thread or of several. */
const FORMS = { dispatches: undefined, alone: [1], together: [8] } as const;

interface Case {
  readonly model: () => Layer;
  readonly input: number;
  readonly set: Dataset;
  readonly batchSize: number;
  readonly loss: () => Loss;
  readonly optimizer: () => Optimizer;
  readonly clip?: Clip;
  /** How the one kernel may run; both ways when left out. */
  readonly forms?: readonly (keyof typeof FORMS)[];
}

const STEPS = 60;
const noise = (i: number) => ((Math.imul(i + 1, 0x9e3779b1) >>> 8) / 2 ** 24) * 2 - 1;
const classes = (count: number, size: number, of: number): Dataset =>
  dataset(
    Float32Array.from({ length: count * size }, (_, i) => noise(i)),
    Int32Array.from(
      { length: count },
      (_, i) => (noise(i * size) > 0 ? 1 : 0) + (of > 2 && noise(i * size + 1) > 0.3 ? 1 : 0),
    ),
    { shape: [size], classes: of },
  );
const bytes = dataset(
  Uint8Array.from({ length: 62 }, (_, i) => Math.imul(i, 77) & 255),
  Int32Array.from({ length: 31 }, (_, i) => i % 2),
  { shape: [2], classes: 2 },
);
const curve = (count: number): Dataset => {
  const x = Float32Array.from({ length: count }, (_, i) => (2 * i) / count - 1);
  return dataset(
    x,
    x.map((value) => Math.sin(3 * value)),
    { shape: [1] },
  );
};
const either = dataset(
  Float32Array.from({ length: 46 }, (_, i) => noise(i)),
  Float32Array.from({ length: 23 }, (_, i) => i % 2),
  { shape: [2] },
);
const few = dataset(either.features.slice(0, 24), either.labels.slice(0, 12), { shape: [2] });

/** The cross-entropy of the logits and of their squares. */
const twice = (): Loss => ({
  name: "twice",
  target: "classes",
  perSample: (x, y) => ({ loss: add(entropyOfRows(x, y), entropyOfRows(mul(x, x), y)) }),
});

const CASES: Readonly<Record<string, Case>> = {
  "2-8-2, bytes, cross-entropy, Adam, batches of 4": {
    model: () => serial(linear(8), tanh(), linear(2)),
    input: 2,
    set: bytes,
    batchSize: 4,
    loss: softmaxCrossEntropy,
    optimizer: () => adam(1e-2),
  },
  "2-4-2, two losses of the same kernel, batches of 4": {
    model: () => serial(linear(4), tanh(), linear(2)),
    input: 2,
    set: classes(16, 2, 2),
    batchSize: 4,
    loss: twice,
    optimizer: () => sgd(0.1),
  },
  "1-3-1, squared error, Adam on a schedule, batches of 10 and one of 7": {
    model: () => serial(linear(3), sigmoid(), linear(1)),
    input: 1,
    set: curve(47),
    batchSize: 10,
    loss: mse,
    optimizer: () => adam(exponential(2e-2, { gamma: 0.99 })),
  },
  "2-3-3, cross-entropy, momentum, batches of 10 and one of 3": {
    model: () => serial(linear(3), relu(), linear(3)),
    input: 2,
    set: classes(53, 2, 3),
    batchSize: 10,
    loss: softmaxCrossEntropy,
    optimizer: () => sgd(0.1, { momentum: 0.9 }),
  },
  "2-5-1, dropout, sigmoid cross-entropy, AdaGrad, batches of 7": {
    model: () => serial(linear(5), relu(), dropout(0.3), linear(1)),
    input: 2,
    set: either,
    batchSize: 7,
    loss: sigmoidCrossEntropy,
    optimizer: () => adagrad(0.05),
  },
  "2-6-3, tanh, cross-entropy, AdamW, clipped, batches of 8": {
    model: () => serial(linear(6), tanh(), linear(3)),
    input: 2,
    set: classes(50, 2, 3),
    batchSize: 8,
    loss: softmaxCrossEntropy,
    optimizer: () => adamW(2e-2, { weightDecay: 0.1 }),
    clip: clip({ norm: 0.5 }),
  },
  "2-4-1, mean squared error, SGD with weight decay, one batch an epoch": {
    model: () => serial(linear(4), relu(), linear(1)),
    input: 2,
    set: few,
    batchSize: 12,
    loss: mse,
    optimizer: () => sgd(0.1, { weightDecay: 0.01 }),
  },
  "3-6-3, batch norm, cross-entropy, SGD, batches of 9": {
    model: () => serial(linear(6), batchNorm(), relu(), linear(3)),
    input: 3,
    set: classes(40, 3, 3),
    batchSize: 9,
    loss: softmaxCrossEntropy,
    optimizer: () => sgd(0.05),
    forms: ["together"],
  },
};

/** Losses of the first steps, the weights after them, and the dispatches of a step. */
async function train(device: Device, each: Case, stepsPerSubmit?: number) {
  const { model, input, set, batchSize, loss, optimizer, clip } = each;
  const made = loss();
  const metrics = made.target === "classes" ? [accuracy()] : [];
  const trainer = await createTrainer(device, model(), {
    ...{ input: [input], loss: made, optimizer: optimizer(), metrics, seed: 3, ...(clip ? { clip } : {}) },
  });
  const losses: number[] = [];
  const callbacks = [{ onStep: (step: { readonly loss: number }) => void losses.push(step.loss) }];
  const pace = stepsPerSubmit === undefined ? {} : { stepsPerSubmit };
  for await (const _ of trainer.fit(set, { batchSize, epochs: 100, maxSteps: STEPS, callbacks, ...pace }));
  const evaluation = await trainer.evaluate(set);
  const weights = Object.values(await trainer.weights()).flatMap(({ data }) => [...data]);
  return { losses, weights, evaluation, stats: trainer.stats };
}

for (const [name, each] of Object.entries(CASES)) {
  test(`in one kernel: ${name}`, async () => {
    const gpu = await testDevice();
    const as = (form: keyof typeof FORMS) =>
      new GpuBackend(gpu, ({ solo: _, ...profile }) => ({ ...profile, ...(FORMS[form] ? { solo: FORMS[form] } : {}) }));
    const apart = await train(as("dispatches"), each);
    expect(apart.stats?.stepsPerDispatch).toBeUndefined();
    const expected = await train(new CpuDevice(), each);
    for (const form of each.forms ?? (["alone", "together"] as const)) {
      const device = as(form);
      const one = await train(device, each);
      expect(one.stats?.stepsPerDispatch, form).toBeGreaterThan(1);
      for (const other of [apart, expected]) {
        expect(one.losses).toHaveLength(STEPS);
        one.losses.forEach((loss, i) => {
          expect(Math.abs(loss - (other.losses[i] as number)), `${form}, step ${i}`).toBeLessThan(
            2e-4 * Math.max(1, loss),
          );
        });
        expect(Math.abs(one.evaluation.loss - other.evaluation.loss)).toBeLessThan(1e-3);
      }
      const again = await train(device, each, 7);
      expect(again.losses).toEqual(one.losses);
      expect(again.weights).toEqual(one.weights);
    }
  });
}

test("in one kernel where only eight buffers can be bound: the same bits", async () => {
  const gpu = await testDevice();
  const each = CASES["2-8-2, bytes, cross-entropy, Adam, batches of 4"] as Case;
  for (const form of ["alone", "together"] as const) {
    const as = (storageBuffers: number) =>
      new GpuBackend(gpu, ({ solo: _, ...profile }) => ({ ...profile, storageBuffers, solo: FORMS[form] }));
    const [few, many] = [await train(as(8), each), await train(as(10), each)];
    expect(few.stats?.stepsPerDispatch).toBeGreaterThan(1);
    expect(few).toEqual({ ...many, stats: few.stats });
  }
});

test("in one kernel, submissions go across epochs, and every epoch has its report", async () => {
  const device = new GpuBackend(await testDevice());
  const make = () =>
    createTrainer(device, serial(linear(3), tanh(), linear(1)), {
      ...{ input: [1], loss: mse(), optimizer: adam(1e-2), seed: 1 },
    });
  const weightsOf = async (trainer: Trainer) => Object.values(await trainer.weights()).flatMap(({ data }) => [...data]);
  const set = curve(50);
  const trainer = await make();
  const reports = [];
  for await (const report of trainer.fit(set, { batchSize: 20, epochs: 200 })) reports.push(report);
  const ends = reports.filter(({ isEpochEnd }) => isEpochEnd);
  expect(ends.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  expect(ends.map(({ totalSteps }) => totalSteps)).toEqual(Array.from({ length: 200 }, (_, i) => 3 * i + 3));
  expect([trainer.step, trainer.epoch]).toEqual([600, 200]);
  expect(ends[199]?.loss).toBeLessThan((ends[0]?.loss ?? 0) / 2);

  const waiting = await make(); // somebody who may change the run is asked at the end of every epoch
  const losses: number[] = [];
  const onReport = ({ loss, isEpochEnd }: Report) => void (isEpochEnd && losses.push(loss));
  for await (const _ of waiting.fit(set, { batchSize: 20, epochs: 200, callbacks: [{ onReport }] }));
  expect(losses).toEqual(ends.map(({ loss }) => loss));
  expect(await weightsOf(waiting)).toEqual(await weightsOf(trainer));

  const left = await make(); // steps in flight when a run is left count too, and so do their epochs
  for await (const _ of left.fit(set, { batchSize: 20, epochs: 200 })) break;
  expect(left.epoch).toBe(Math.floor(left.step / 3));
});

test("in one kernel, onReport stops a run at the end of an epoch", async () => {
  const device = new GpuBackend(await testDevice());
  const trainer = await createTrainer(device, serial(linear(3), tanh(), linear(1)), {
    ...{ input: [1], loss: mse(), optimizer: adam(1e-2), seed: 1 },
  });
  const onReport = ({ epoch, isEpochEnd }: Report, control: RunControl) => {
    if (isEpochEnd && epoch === 7) control.stop();
  };
  for await (const _ of trainer.fit(curve(50), { batchSize: 20, epochs: 200, callbacks: [{ onReport }] }));
  expect([trainer.step, trainer.epoch]).toEqual([21, 7]);
});

test("in one kernel, a profile says what a step costs", async () => {
  const device = new GpuBackend(await testDevice());
  const trainer = await createTrainer(device, serial(linear(3), tanh(), linear(1)), {
    ...{ input: [1], loss: mse(), optimizer: adam(1e-2), seed: 1 },
  });
  for await (const _ of trainer.fit(curve(50), { batchSize: 10, epochs: 20 }));
  const [step, ...others] = await trainer.profile();
  expect(others).toEqual([]);
  expect(step).toMatchObject({ label: "whole step", file: "solo.wgsl", phase: "step", clock: "host" });
  expect(step?.milliseconds).toBeGreaterThan(0);
  expect(step?.flops).toBeGreaterThan(100);
  expect(Object.values(await trainer.weights()).every(({ data }) => data.every(Number.isFinite))).toBe(true);
  expect(await trainer.print()).toContain("all in one dispatch of a single thread");
});

test("in one kernel, what is not finite stops the weights and is named, as by dispatches", async () => {
  const device = new GpuBackend(await testDevice());
  const trainer = await createTrainer(device, serial(linear(3), relu(), linear(1)), {
    ...{ input: [1], loss: mse(), optimizer: sgd(1e30), seed: 1 },
  });
  const run = async () => {
    for await (const _ of trainer.fit(curve(40), { batchSize: 4, epochs: 20 }));
  };
  await expect(run()).rejects.toThrow(/^fit: step \d+ is not finite/);
  const weights = Object.values(await trainer.weights()).flatMap(({ data }) => [...data]);
  expect(weights.every(Number.isFinite)).toBe(true);
});

test("a network too large for one workgroup runs by dispatches", async () => {
  const device = new GpuBackend(await testDevice());
  const set = classes(64, 2, 2);
  const trainer = await createTrainer(device, serial(linear(64), relu(), linear(64), relu(), linear(2)), {
    ...{ input: [2], loss: softmaxCrossEntropy(), optimizer: sgd(0.1), seed: 1 },
  });
  for await (const _ of trainer.fit(set, { batchSize: 64, maxSteps: 2, epochs: 2 }));
  expect(trainer.stats?.stepsPerDispatch).toBeUndefined();
});

test("a step that draws many random numbers is not written out: each of them is a generator to compile", async () => {
  const device = new GpuBackend(await testDevice());
  const trainer = await createTrainer(device, serial(linear(8), tanh(), dropout(0.4), linear(1)), {
    ...{ input: [1], loss: mse(), optimizer: adam(1e-2), seed: 1 },
  });
  for await (const _ of trainer.fit(curve(50), { batchSize: 16, maxSteps: 2 }));
  expect(await trainer.print()).not.toContain("a single thread");
});
