import { expect, test } from "vitest";
import { countCalls } from "../../src/check/count.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { BUFFER_USAGE, MAP_MODE_READ } from "../../src/gpu/flags.ts";
import { testGpu } from "../device.ts";

const CODE =
  "@group(0) @binding(0) var<storage, read_write> y: array<u32>; @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] += 1; }";

test("calls on a device opened through the counter are counted by name, and the device works as before", async () => {
  const counted = countCalls(await testGpu());
  const device = await openGpu(counted.gpu);
  const { raw } = device;
  const module = raw.createShaderModule({ code: CODE });
  const pipeline = await raw.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const y = raw.createBuffer({ size: 16, usage: BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST });
  const read = raw.createBuffer({ size: 16, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
  const entries = [{ binding: 0, resource: { buffer: y } }];
  const group = raw.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  expect(counted.calls()).toEqual({ dispatches: 0, submits: 0, created: 5, writes: 0 });
  expect(counted.live()).toEqual({ buffers: 2, bytes: 32 });

  counted.reset();
  raw.queue.writeBuffer(y, 0, new Uint32Array([1, 2, 3, 4]));
  const encoder = raw.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  for (let step = 0; step < 3; step++) pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(y, 0, read, 0, 16);
  raw.queue.submit([encoder.finish()]);
  await read.mapAsync(MAP_MODE_READ);
  expect([...new Uint32Array(read.getMappedRange())]).toEqual([4, 5, 6, 7]);
  expect(counted.calls()).toEqual({ dispatches: 3, submits: 1, created: 0, writes: 1 });
  expect(counted.counts()).toMatchObject({
    createCommandEncoder: 1,
    copyBufferToBuffer: 1,
    mapAsync: 1,
    setBindGroup: 1,
  });

  read.destroy();
  read.destroy();
  expect(counted.live()).toEqual({ buffers: 1, bytes: 16 });
  device.close();
  expect(counted.live()).toEqual({ buffers: 0, bytes: 0 });
});

test("a device opened beside the counter is not counted", async () => {
  const gpu = await testGpu();
  const counted = countCalls(gpu);
  const [watched, other] = [await openGpu(counted.gpu), await openGpu(gpu)];
  counted.reset();
  other.raw.createBuffer({ size: 16, usage: BUFFER_USAGE.COPY_DST });
  expect(counted.counts()).toEqual({});
  watched.close();
  other.close();
});
