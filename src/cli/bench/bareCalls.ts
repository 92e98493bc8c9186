// What WebGPU itself takes from the host: the three calls of a dispatch and a submission, with no engine around them. No replay can cost less.
import { DeviceError } from "../../core/error.ts";
import { BUFFER_USAGE } from "../../gpu/flags.ts";
import type { Device } from "../../graph/device.ts";
import { gpuDeviceOf } from "../../interop.ts";
import { type HostSamples, timed } from "./replay.ts";

/** Kernels of one round, each with a pipeline and a bind group of its own, as a step of an MLP has them. */
const KERNELS = 8;
const ROUNDS = 64;
const TURNS = 41;
/** Turns before those, in which the loop is compiled. */
const WARM_UP = 10;
/** Buffers of a kernel: one is written, the others are read. */
const BUFFERS = 3;

/** Submissions of `ROUNDS` rounds: encoded, finished and submitted. `microseconds` is the clock of the calling thread. */
export async function bareCalls(device: Device, microseconds: () => number): Promise<HostSamples> {
  const raw = gpuDeviceOf(device);
  if (!raw) throw new DeviceError("bench host: the CPU reference makes no WebGPU calls");
  const kernels = Array.from({ length: KERNELS }, (_, i) => kernelOf(raw, i));
  const samples: number[] = [];
  for (let turn = -WARM_UP; turn < TURNS; turn++) {
    const { spent } = timed(microseconds, () => submit(raw, kernels));
    if (turn >= 0) samples.push(spent / (ROUNDS * KERNELS));
    await raw.queue.onSubmittedWorkDone();
  }
  return { samples, dispatches: KERNELS };
}

function submit(raw: GPUDevice, kernels: readonly ReturnType<typeof kernelOf>[]): void {
  const encoder = raw.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { pipeline, bindGroup } of kernels) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(1);
    }
  }
  pass.end();
  raw.queue.submit([encoder.finish()]);
}

function kernelOf(raw: GPUDevice, i: number) {
  const sources = Array.from({ length: BUFFERS - 1 }, (_, k) => k + 2);
  const code = `@group(0) @binding(0) var<uniform> size: vec4u;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
${sources.map((k) => `@group(0) @binding(${k}) var<storage, read> x${k}: array<f32>;`).join("\n")}
@compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < size.x) { y[id.x] = ${i}.0 + ${sources.map((k) => `x${k}[id.x]`).join(" + ")}; }
}`;
  const pipeline = raw.createComputePipeline({
    layout: "auto",
    compute: { module: raw.createShaderModule({ code }) },
  });
  const buffer = (usage: number) => ({ buffer: raw.createBuffer({ size: 256, usage }) });
  const resources = [
    buffer(BUFFER_USAGE.UNIFORM),
    ...Array.from({ length: BUFFERS }, () => buffer(BUFFER_USAGE.STORAGE)),
  ];
  const bindGroup = raw.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  return { pipeline, bindGroup };
}
