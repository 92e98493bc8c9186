import { expect, test } from "vitest";
import { DeviceError, GpugradError } from "../../src/core/error.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { BUFFER_USAGE, MAP_MODE_READ } from "../../src/gpu/flags.ts";
import { testDevice, testGpu } from "../device.ts";

test("an open device tells its name, class, features and limits as plain data", async () => {
  const { info } = await testDevice();
  expect(info.adapter).not.toBe("");
  expect(["software", "integrated", "discrete"]).toContain(info.class);
  expect(info.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
  expect(info.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
  expect(JSON.parse(JSON.stringify(info))).toEqual(info);
  if (info.features.includes("subgroups")) expect(info.subgroupMinSize).toBeGreaterThanOrEqual(4);
  else expect(info.subgroupMaxSize).toBe(0);
});

test("the largest limits of the adapter are switched on", async () => {
  const adapter = await (await testGpu()).requestAdapter({ powerPreference: "high-performance" });
  const { info } = await testDevice();
  expect(info.limits.maxBufferSize).toBe(adapter?.limits.maxBufferSize);
  expect(info.limits.maxComputeInvocationsPerWorkgroup).toBe(adapter?.limits.maxComputeInvocationsPerWorkgroup);
});

test("features and limits can be taken away", async () => {
  const { info } = await testDevice({ features: [], limits: { maxComputeWorkgroupsPerDimension: 100 } });
  expect(info.features).not.toContain("subgroups");
  expect(info.subgroupMaxSize).toBe(0);
  expect(info.limits.maxComputeWorkgroupsPerDimension).toBe(100);
});

test("an adapter that refuses the largest limits is opened with the default ones", async () => {
  const gpu = await testGpu();
  const refusing = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(options);
      if (!adapter) return null;
      const { features, limits, info } = adapter;
      const requestDevice = (descriptor?: GPUDeviceDescriptor) =>
        descriptor?.requiredLimits ? Promise.reject(new Error("refused")) : adapter.requestDevice(descriptor);
      return { features, limits, info, requestDevice };
    },
  } as unknown as GPU;
  const device = await openGpu(refusing);
  expect(device.info.limits.maxStorageBuffersPerShaderStage).toBe(8);
  device.close();
});

test("a compute shader runs and its result can be read", async () => {
  const { raw } = await testDevice();
  const code =
    "@group(0) @binding(0) var<storage, read_write> y: array<u32>; @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = id.x * id.x; }";
  const pipeline = await raw.createComputePipelineAsync({
    layout: "auto",
    compute: { module: raw.createShaderModule({ code }) },
  });
  const y = raw.createBuffer({ size: 16, usage: BUFFER_USAGE.STORAGE | BUFFER_USAGE.COPY_SRC });
  const read = raw.createBuffer({ size: 16, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST });
  const entries = [{ binding: 0, resource: { buffer: y } }];
  const group = raw.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = raw.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(y, 0, read, 0, 16);
  raw.queue.submit([encoder.finish()]);
  await read.mapAsync(MAP_MODE_READ);
  expect([...new Uint32Array(read.getMappedRange())]).toEqual([0, 1, 4, 9]);
});

test("a lost device is told to every listener as a DeviceError, and refuses further use", async () => {
  const device = await testDevice({});
  const failures: GpugradError[] = [];
  const told = new Promise<void>((resolve) => {
    device.onFailure((failure) => {
      failures.push(failure);
      resolve();
    });
  });
  device.raw.destroy();
  await told;
  expect(failures).toEqual([device.failure]);
  expect(device.failure).toBeInstanceOf(DeviceError);
  expect(device.failure?.message).toMatch(/^device: lost: .*Open it again$/);
  expect(() => device.check("train")).toThrow(DeviceError);
  device.onFailure((failure) => failures.push(failure));
  expect(failures).toHaveLength(2);
});

test("a call that WebGPU refuses becomes the device's failure", async () => {
  const device = await testDevice({});
  const told = new Promise<GpugradError>((resolve) => {
    device.onFailure(resolve);
  });
  device.raw.createBuffer({ size: 16, usage: 0 });
  device.raw.queue.submit([]);
  const failure = await told;
  expect(failure).toBeInstanceOf(GpugradError);
  expect(failure.message).toMatch(/^internal: WebGPU refused a call: /);
});

test("a buffer that memory cannot hold fails as out of memory", async () => {
  const device = await testDevice({});
  const told = new Promise<GpugradError>((resolve) => {
    device.onFailure(resolve);
  });
  const error = Object.create(null, {
    message: { value: "no room" },
    constructor: { value: { name: "GPUOutOfMemoryError" } },
  });
  device.raw.dispatchEvent(Object.assign(new Event("uncapturederror", { cancelable: true }), { error }));
  const failure = await told;
  expect(failure).toBeInstanceOf(DeviceError);
  expect(failure.fields.isOutOfMemory).toBe(true);
});

test("closing is no failure, and may be done twice", async () => {
  const device = await testDevice({});
  let isTold = false;
  device.onFailure(() => {
    isTold = true;
  });
  device.close();
  device.close();
  await device.raw.lost;
  expect(isTold).toBe(false);
  expect(device.failure).toBeUndefined();
  expect(() => device.check("run")).toThrow("run: the device is closed");
});

test("no adapter and no GPU object are refused with a hint", async () => {
  const none = { requestAdapter: async () => null } as unknown as GPU;
  await expect(openGpu(none)).rejects.toThrow("openDevice: WebGPU is here, but it has no adapter for this machine");
  await expect(openGpu({} as GPU)).rejects.toThrow('Pass navigator.gpu, or gpu from "gpugrad/node"');
});
