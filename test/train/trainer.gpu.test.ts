import { afterEach, describe, expect, test, vi } from "vitest";
import { countCalls } from "../../src/check/count.ts";
import { DeviceError } from "../../src/core/error.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { openGpu } from "../../src/gpu/device.ts";
import type { Device } from "../../src/graph/device.ts";
import { mse, softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { accuracy } from "../../src/metrics/perSample.ts";
import { stateless } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { dropout, serial } from "../../src/nn/serial.ts";
import { relu } from "../../src/ops/activation.ts";
import { adam } from "../../src/optim/adam.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { earlyStopping, reduceOnPlateau } from "../../src/train/callbacks.ts";
import type { FitOptions } from "../../src/train/fitOptions.ts";
import type { Report } from "../../src/train/report.ts";
import { createTrainer, type Trainer } from "../../src/train/trainer.ts";
import { testDevice, testGpu } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";

const gpu = async () => new GpuBackend(await testDevice());
const act = () => stateless("relu", (x) => relu(x));
const model = () => serial(linear(16), act(), dropout(0.1), linear(3));

/** Three noisy clouds in the plane. */
function clouds(count: number) {
  const at = (i: number) => Math.sin(i * 12.9898) * 43758.5453;
  const noise = (i: number) => at(i) - Math.floor(at(i));
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const features = Float32Array.from(
    { length: 2 * count },
    (_, i) =>
      ([
        [2, 0],
        [-1, 2],
        [-1, -2],
      ][(i >> 1) % 3]?.[i % 2] as number) +
      2 * noise(i) -
      1,
  );
  return dataset(features, labels, { shape: [2], classes: 3 });
}

const make = (device: Device, seed = 5, rate = 1e-2): Promise<Trainer> =>
  createTrainer(device, model(), {
    input: [2],
    loss: softmaxCrossEntropy(),
    optimizer: adam(rate),
    metrics: [accuracy()],
    seed,
  });

async function run(trainer: Trainer, set = clouds(100), options: FitOptions = {}): Promise<Report[]> {
  const reports: Report[] = [];
  for await (const report of trainer.fit(set, { batchSize: 32, ...options })) reports.push(report);
  return reports;
}

const opened: GpuBackend[] = [];
afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});
async function ownDevice(): Promise<GpuBackend> {
  const device = new GpuBackend(await openGpu(await testGpu()));
  opened.push(device);
  return device;
}

describe("fit", () => {
  test("learns, and reports every epoch's end", async () => {
    const trainer = await make(await gpu());
    const reports = await run(trainer, clouds(100), { epochs: 30 });
    const ends = reports.filter((report) => report.isEpochEnd);
    expect(ends.length).toBe(30);
    expect(ends.at(-1)).toMatchObject({ epoch: 30, epochs: 30, step: 4, steps: 4, totalSteps: 120 });
    expect(ends.at(-1)?.metrics.accuracy).toBeGreaterThan(0.95);
    expect((await trainer.evaluate(clouds(61))).metrics.accuracy).toBeGreaterThan(0.95);
  });

  test("follows the reference step by step, partial batches and dropout included", async () => {
    const losses: number[][] = [];
    for (const device of [new CpuDevice(), await gpu()]) {
      const seen: number[] = [];
      await run(await make(device), clouds(100), { epochs: 6, callbacks: [{ onStep: ({ loss }) => seen.push(loss) }] });
      losses.push(seen);
    }
    const [cpu, own] = losses as [number[], number[]];
    expect(own.length).toBe(24);
    own.forEach((loss, i) => {
      expect(Math.abs(loss - (cpu[i] as number)) / (cpu[i] as number)).toBeLessThan(1e-4);
    });
  });

  test("steps per submission never change a bit", async () => {
    const device = await gpu();
    const results = [];
    for (const stepsPerSubmit of [1, 7, 64, 7]) {
      const trainer = await make(device);
      await run(trainer, clouds(300), { epochs: 5, stepsPerSubmit });
      results.push(JSON.stringify(Object.values(await trainer.weights()).map(({ data }) => [...data])));
    }
    expect(new Set(results).size).toBe(1);
  });

  test("creates nothing in the step loop", async () => {
    const counted = countCalls(await testGpu());
    const device = new GpuBackend(await openGpu(counted.gpu));
    opened.push(device);
    const trainer = await make(device);
    await run(trainer, clouds(300), { epochs: 20, stepsPerSubmit: 10 }); // warm up
    let first = true;
    const set = clouds(300);
    for await (const report of trainer.fit(set, { batchSize: 32, epochs: 20, stepsPerSubmit: 10 })) {
      if (first) counted.reset(); // the new set has its own program
      first = false;
      if (report.epoch === 20 && report.isEpochEnd) {
        expect(counted.calls().created).toBe(0);
        expect(counted.calls().submits).toBeLessThanOrEqual(20);
        expect(counted.calls().writes).toBeLessThanOrEqual(2 * 20 + 2);
      }
    }
  });

  test("stops on a signal and keeps what was learnt; a second fit goes on", async () => {
    const trainer = await make(await gpu());
    const controller = new AbortController();
    const before = (await trainer.weights())["0.weight"]?.data;
    const reports = await run(trainer, clouds(100), {
      epochs: 1000,
      signal: controller.signal,
      callbacks: [{ onReport: ({ totalSteps }) => totalSteps > 8 && controller.abort() }],
    });
    expect(reports.at(-1)?.epoch).toBeLessThan(1000);
    expect((await trainer.weights())["0.weight"]?.data).not.toEqual(before);
    const step = trainer.step;
    await run(trainer, clouds(100), { epochs: 1 });
    expect(trainer.step).toBe(step + 4);
  });

  test("the run pauses while nobody asks; leaving early is clean", async () => {
    const trainer = await make(await gpu());
    for await (const _ of trainer.fit(clouds(100), { epochs: 50, batchSize: 32 })) break;
    expect(trainer.step).toBeLessThan(200);
    expect((await run(trainer)).length).toBeGreaterThan(0);
  });

  test("a loss that is not finite stops the update in that very step and names the tensor", async () => {
    const device = await gpu();
    const trainer = await createTrainer(device, serial(linear(4), act(), linear(1)), {
      input: [2],
      loss: mse(),
      optimizer: sgd(1e6),
      seed: 1,
    });
    const set = dataset(
      Float32Array.from({ length: 200 }, (_, i) => Math.sin(i) * 10),
      Float32Array.from({ length: 100 }, (_, i) => i),
      { shape: [2] },
    );
    let at = 0;
    const message = await rejectionOf(
      run(trainer, set, {
        epochs: 10,
        callbacks: [
          {
            onStep: ({ step }) => {
              at = step;
            },
          },
        ],
      }),
    );
    expect(message).toMatch(/^NonFiniteError: fit: step \d+ is not finite: /);
    expect(Number(message.match(/step (\d+)/)?.[1])).toBe(at + 1);
    for (const { data } of Object.values(await trainer.weights())) expect(data.every(Number.isFinite)).toBe(true);
    await trainer.evaluate(set); // goes on working
  });

  test("early stopping brings back the best weights", async () => {
    const trainer = await make(await gpu(), 5, 0.3);
    const validation = clouds(40);
    const reports = await run(trainer, clouds(60), {
      epochs: 40,
      validation,
      callbacks: [earlyStopping({ patience: 2 })],
    });
    const losses = reports.filter(({ isEpochEnd }) => isEpochEnd).map((report) => report.validation?.loss as number);
    expect(losses.length).toBeLessThan(40);
    expect((await trainer.evaluate(validation)).loss).toBeCloseTo(Math.min(...losses), 5);
  });

  test("reduce on plateau lowers the rate", async () => {
    const trainer = await make(await gpu());
    const reports = await run(trainer, clouds(60), {
      epochs: 6,
      callbacks: [reduceOnPlateau({ monitor: "loss", patience: 0, threshold: 0.9, factor: 0.5 })],
    });
    expect(reports.at(-1)?.learningRate).toBeLessThan(1e-2);
  });

  test("a lost device gives a typed error, and the weights are kept", async () => {
    const device = await ownDevice();
    const trainer = await make(device);
    await run(trainer, clouds(100), { epochs: 3 });
    const kept = await trainer.weights();
    const lost = rejectionOf(
      run(trainer, clouds(100), { epochs: 100000, callbacks: [{ onReport: () => device.gpu.raw.destroy() }] }),
    );
    expect(await lost).toMatch(/^DeviceError: /);
    const after = await trainer.weights();
    expect(Object.keys(after)).toEqual(Object.keys(kept));
    expect(Object.values(after).every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(await rejectionOf(run(trainer))).toMatch(/^DeviceError: /);
  });
});

describe("bad input", () => {
  test.each<[string, FitOptions, RegExp]>([
    ["no epochs", { epochs: 0 }, /^OptionError: fit: epochs must be a whole number from 1 on: got 0/],
    [
      "a batch larger than the set",
      { batchSize: 101 },
      /^OptionError: fit: the batch is larger than the set: 101 > 100/,
    ],
    [
      "steps per submission",
      { stepsPerSubmit: 1025 },
      /^OptionError: fit: stepsPerSubmit must be a whole number in 1 … 1024: got 1025/,
    ],
  ])("%s", async (_, options, message) => {
    expect(await rejectionOf(run(await make(await gpu()), clouds(100), options))).toMatch(message);
  });

  test("examples of another size, labels that are no classes, a layer that does not fit", async () => {
    const device = await gpu();
    const trainer = await make(device);
    expect(
      await rejectionOf(run(trainer, dataset(new Float32Array(30), new Int32Array(10), { shape: [3], classes: 3 }))),
    ).toMatch(/^ShapeError: fit: examples are \[3\]: the model takes \[2\]/);
    expect(
      await rejectionOf(run(trainer, dataset(new Float32Array(20), new Float32Array(10), { shape: [2] }))),
    ).toMatch(/^DataError: fit: softmaxCrossEntropy needs class indices/);
    expect(
      await rejectionOf(
        createTrainer(device, serial(linear(4), linear(3)), { input: [], loss: mse(), optimizer: adam() }),
      ),
    ).toMatch(/^ShapeError: linear \(layer 0\): /);
    expect(
      await rejectionOf(createTrainer(device, serial(act()), { input: [2], loss: mse(), optimizer: adam() })),
    ).toMatch(/^OptionError: createTrainer: the model has no parameters/);
  });

  test("a set that the device has no room for: the former can be used again, and the set itself once there is room", async () => {
    const device = await gpu();
    const trainer = await make(device);
    const [former, other] = [clouds(100), clouds(64)];
    await run(trainer, former);
    await trainer.evaluate(former, { batchSize: 32 });
    const refuse = () => {
      throw new DeviceError("features: no room");
    };
    const uses = [() => run(trainer, other), () => trainer.evaluate(other, { batchSize: 32 })];
    for (const use of uses) {
      vi.spyOn(device, "allocate").mockImplementationOnce(refuse);
      expect(await rejectionOf(use())).toBe("DeviceError: features: no room");
    }
    const reports = await run(trainer, former);
    expect(reports.at(-1)?.loss).toBeGreaterThan(0);
    expect((await trainer.evaluate(former, { batchSize: 32 })).loss).toBeGreaterThan(0);
    await uses[0]?.();
    await uses[1]?.();
  });

  test("a model too large for the device is refused before anything is drawn", async () => {
    const huge = createTrainer(await gpu(), serial(linear(60000), act(), linear(60000)), {
      input: [2],
      loss: mse(),
      optimizer: adam(),
    });
    expect(await rejectionOf(huge)).toMatch(
      /^DeviceError: createTrainer: the model is too large for this device: with \[60000, 60000\] its parameters take 13734 MiB \(54935 MiB with/,
    );
  });

  test("weights that do not fit are refused whole", async () => {
    const trainer = await make(await gpu());
    const weights = await trainer.weights();
    const { "0.weight": _, ...missing } = weights;
    expect(() => trainer.load(missing)).toThrow('load: parameter "0.weight" is missing');
    expect(() => trainer.load({ ...weights, extra: { shape: [1], data: new Float32Array(1) } })).toThrow(
      'load: the model has no parameter "extra"',
    );
    expect(() =>
      trainer.load({ ...weights, "0.bias": { shape: [16], data: new Float32Array(16).fill(Number.NaN) } }),
    ).toThrow('load: parameter "0.bias" is not finite');
    expect(await trainer.weights()).toEqual(weights);
  });
});
