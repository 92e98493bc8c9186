// What `trainer.profile()` says of each dispatch, and what the host pays to replay one.
import { expect, test } from "vitest";
import { cnnAdam } from "../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../bench/steps/step.ts";
import { CpuDevice } from "../../src/cpu/device.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Device } from "../../src/graph/device.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { relu } from "../../src/nn/activations.ts";
import { residual } from "../../src/nn/containers.ts";
import { linear } from "../../src/nn/linear.ts";
import { serial } from "../../src/nn/serial.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { prepare } from "../../src/prepare.ts";
import { tensor } from "../../src/tensor.ts";
import { createTrainer, type Trainer } from "../../src/train/trainer.ts";
import { testDevice } from "../device.ts";

async function trained(device: Device, step: StepCase, maxSteps = 10): Promise<Trainer> {
  const { input, model, optimizer, batchSize } = step;
  const trainer = await createTrainer(device, model(), { input, optimizer: optimizer(), loss: softmaxCrossEntropy() });
  for await (const _ of trainer.fit(step.data(), { batchSize, maxSteps }));
  return trainer;
}

const gpu = async (features?: readonly GPUFeatureName[]) =>
  new GpuBackend(await testDevice(features ? { features } : undefined));

test("each dispatch of a step has its layer, its phase, its bytes and its FLOPs", async () => {
  const trainer = await trained(await gpu(), cnnAdam);
  const times = await trainer.profile();
  expect(times).toHaveLength(trainer.stats?.dispatches as number);
  const of = (layer: string | undefined, phase: string) =>
    times.filter((time) => time.layer === layer && time.phase === phase);
  const conv = 2 * 64 * 8 * 8 * 25 * 8 * 16;
  for (const [layer, phase] of [
    ["3 conv2d(16, 5×5)", "forward"],
    ["3 conv2d(16, 5×5)", "backward"],
    ["7 linear(128)", "forward"],
    ["7 linear(128)", "backward"],
    ["9 linear(10)", "backward"],
  ] as const)
    expect(of(layer, phase).length).toBeGreaterThan(0);
  const sum = of("3 conv2d(16, 5×5)", "backward").reduce((total, { flops }) => total + flops, 0);
  expect(sum / (2 * conv)).toBeGreaterThanOrEqual(1); // by the image and by the filter
  expect(sum / (2 * conv)).toBeLessThan(1.1);
  const [loss] = times.filter(({ label }) => label.startsWith("softmaxCrossEntropy"));
  expect(loss).toMatchObject({ phase: "forward" });
  expect(loss?.layer).toBeUndefined();
  const [adam] = of(undefined, "update");
  const parameters = 4 * trainer.parameterCount;
  expect(adam?.bytesRead).toBeGreaterThanOrEqual(4 * parameters); // parameters, gradients and two moments
  expect(adam?.bytesRead).toBeLessThan(4.2 * parameters);
  expect(adam?.bytesWritten).toBeGreaterThanOrEqual(3 * parameters);
  for (const { milliseconds, spans } of times) {
    expect(milliseconds).toBeGreaterThanOrEqual(0);
    for (const [begin, end] of spans) expect(end).toBeGreaterThanOrEqual(begin);
  }
});

test("layers inside layers are named by their whole path", async () => {
  const model = () => serial(linear(32), residual(serial(linear(32), relu())), linear(10));
  const times = await (await trained(await gpu(), { ...mlpAdam, model })).profile();
  const layers = new Set(times.map(({ layer, phase }) => `${layer} · ${phase}`));
  expect([...layers].some((name) => /^1\.\S*0 linear\(32\) · forward$/.test(name))).toBe(true);
  expect([...layers].some((name) => /^1\.\S*0 linear\(32\) · backward$/.test(name))).toBe(true);
});

test("without timestamps the host's clock serves, and says so; training goes on afterwards", async () => {
  const device = await gpu([]);
  const trainer = await trained(device, mlpAdam);
  const times = await trainer.profile();
  expect(times.map(({ clock }) => clock)).toEqual(times.map(() => "host"));
  expect(times.every(({ spans, milliseconds }) => spans.length === 1 && milliseconds > 0)).toBe(true);
  for await (const { loss } of trainer.fit(mlpAdam.data(), { batchSize: 64, maxSteps: 20 }))
    expect(loss).toBeGreaterThan(0);
  expect(trainer.step).toBe(30);
});

test("there is nothing to profile before the first step, nor on the CPU reference", async () => {
  const { input, model, optimizer } = mlpAdam;
  const options = { input, optimizer: optimizer(), loss: softmaxCrossEntropy() };
  expect(await (await createTrainer(await gpu(), model(), options)).profile()).toEqual([]);
  expect(await (await trained(new CpuDevice(), mlpAdam, 1)).profile()).toEqual([]);
});

test("replaying a dispatch costs the host microseconds", async () => {
  const device = await gpu();
  const [a, b] = [tensor(device, new Float32Array(64), [8, 8]).node, tensor(device, new Float32Array(64), [8, 8]).node];
  const executable = await prepare(device, {
    outputs: [add(matmul(a, b), 1), matmul(b, a), matmul(a, a), matmul(b, b)],
  });
  const { dispatches } = executable.stats;
  const times = Math.ceil(512 / dispatches);
  const samples: number[] = [];
  for (let turn = 0; turn < 15; turn++) {
    const before = performance.now();
    executable.run(times);
    samples.push((1000 * (performance.now() - before)) / (times * dispatches));
    await executable.run(1, executable.outputs)();
  }
  executable.release();
  const median = samples.sort((x, y) => x - y)[7] as number;
  console.log(`host: ${median.toFixed(2)} µs of wall time a replayed dispatch`);
  expect(median).toBeLessThan(100); // a busy machine may take several times as long
});
