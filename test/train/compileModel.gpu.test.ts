// Functions of a trainer's model read the arrays that training writes, and their results can be drawn from GPU buffers.
import { expect, test } from "vitest";
import { CpuDevice } from "../../src/cpu/device.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import type { Device } from "../../src/graph/device.ts";
import type { Node } from "../../src/graph/node.ts";
import { gpuBufferOf, gpuDeviceOf } from "../../src/interop.ts";
import { mse } from "../../src/loss/losses.ts";
import { tanh } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { dropout, serial } from "../../src/nn/serial.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { ModelInGraph } from "../../src/train/compileModel.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { testDevice } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";

const set = dataset(
  Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
  { shape: [2] },
);
const make = (device: Device) =>
  createTrainer(device, serial(linear(5), tanh(), dropout(0.5), linear(1)), {
    ...{ input: [2], loss: mse(), optimizer: sgd(0.1), seed: 2 },
  });
const apply = (model: ModelInGraph, x: Node) => model.apply(x);

test("it gives what predict gives, before, between and after steps", async () => {
  for (const device of [new CpuDevice(), new GpuBackend(await testDevice())]) {
    const trainer = await make(device);
    const run = await trainer.compile(apply, [[20, 2]]);
    const check = async () => {
      const expected = (await trainer.predict(set)).data;
      const got = await run.run(set.features).read();
      got.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
      });
      return got[0] as number;
    };
    const seen = [await check()];
    const callbacks = [{ onReport() {} }]; // so that the device waits at the end of each epoch
    for await (const _ of trainer.fit(set, { batchSize: 7, epochs: 3, callbacks })) seen.push(await check());
    expect(new Set(seen).size).toBeGreaterThan(2);
  }
});

test("it reaches parameters by name and every layer's output", async () => {
  const trainer = await make(new GpuBackend(await testDevice()));
  const paths: string[] = [];
  const look = await trainer.compile(
    (model: ModelInGraph, x: Node) => {
      const found: Node[] = [];
      const y = model.apply(x, {
        note: (path, node) => {
          paths.push(path);
          found.push(node);
        },
      });
      const first = model.parameters["0"] as { readonly weight: Node };
      return { y, hidden: found[1] as Node, weight: mul(first.weight, 2) };
    },
    [[4, 2]],
  );
  const { y, hidden, weight } = look.run([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([y.shape, hidden.shape, weight.shape]).toEqual([
    [4, 1],
    [4, 5],
    [2, 5],
  ]);
  expect(paths[0]).toMatch(/^0/);
  const own = (await trainer.weights())["0.weight"]?.data as Float32Array;
  expect([...(await weight.read())]).toEqual([...own.map((value) => 2 * value)]);
});

test("results lie in one buffer run after run, which another pass may bind", async () => {
  const device = new GpuBackend(await testDevice());
  const run = await (await make(device)).compile(apply, [[20, 2]]);
  const buffer = gpuBufferOf(run.run(set.features)) as GPUBuffer;
  expect(gpuBufferOf(run.run(set.features))).toBe(buffer);
  expect(buffer.size).toBe(80);
  const raw = gpuDeviceOf(device) as GPUDevice;
  raw.pushErrorScope("validation");
  const layout = raw.createBindGroupLayout({
    entries: [{ binding: 0, visibility: 4, buffer: { type: "read-only-storage" } }],
  });
  raw.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
  expect(await raw.popErrorScope()).toBe(null);
});

test("the CPU reference has neither device nor buffers", async () => {
  const device = new CpuDevice();
  const run = await (await make(device)).compile(apply, [[20, 2]]);
  expect([gpuDeviceOf(device), gpuBufferOf(run.run(set.features))]).toEqual([undefined, undefined]);
});

test("what does not fit is refused", async () => {
  const trainer = await make(new GpuBackend(await testDevice()));
  expect(await rejectionOf(trainer.compile(apply, [[20, 3]]))).toMatch(/^ShapeError: linear/);
  expect(await rejectionOf(trainer.compile(() => [], []))).toBe("DataError: compile: the function returns no tensor");
});
