// What the tests of remote trainers serve: small and middling networks on two noisy clouds, made from a setup as a page would send it.
import { CpuDevice } from "../../src/cpu/device.ts";
import { dataset } from "../../src/data/dataset.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { softmaxCrossEntropy } from "../../src/loss/losses.ts";
import { accuracy } from "../../src/metrics/perSample.ts";
import { relu } from "../../src/nn/activations.ts";
import { linear } from "../../src/nn/linear.ts";
import { dropout, serial } from "../../src/nn/serial.ts";
import { adam } from "../../src/optim/adam.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { ServeContext, Served } from "../../src/train/serve.ts";
import { createTrainer } from "../../src/train/trainer.ts";

export interface Setup {
  /** Hidden units: 3 for whole steps in one kernel, 64 for dispatches. */
  readonly units?: number;
  readonly rate?: number;
  readonly optimizer?: "adam" | "sgd";
  readonly examples?: number;
  readonly fit?: Served["fit"];
}

const noise = (i: number) => ((Math.imul(i + 1, 0x9e3779b1) >>> 8) / 2 ** 24) * 2 - 1;

export const clouds = (count: number) =>
  dataset(
    Float32Array.from({ length: 2 * count }, (_, i) => noise(i) + ((i >> 1) % 2 === 0 ? 0.6 : -0.6)),
    Int32Array.from({ length: count }, (_, i) => i % 2),
    { shape: [2], classes: 2 },
  );

/** Opens on a device of its own: on `gpu`, or on the CPU reference without one. */
export async function serveSetup(
  { units = 3, rate = 1e-2, optimizer = "adam", examples = 100, fit = {} }: Setup,
  { progress }: Pick<ServeContext, "progress">,
  gpu: GPU | undefined,
): Promise<Served & { device: GpuBackend | CpuDevice }> {
  const device = gpu ? new GpuBackend(await openGpu(gpu)) : new CpuDevice();
  const trainer = await createTrainer(device, serial(linear(units), relu(), dropout(0.1), linear(2)), {
    ...{ input: [2], loss: softmaxCrossEntropy(), metrics: [accuracy()], seed: 6, onCompile: progress },
    optimizer: optimizer === "adam" ? adam(rate) : sgd(rate),
  });
  return { device, trainer, set: clouds(examples), fit: { batchSize: 32, ...fit } };
}
