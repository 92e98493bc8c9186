import { expect, test } from "vitest";
import { openDevice } from "../../src/open.ts";
import { rejectionOf } from "../errorOf.ts";

const nothing = { requestAdapter: async () => null } as unknown as GPU;

test("without WebGPU or adapter the error says what to do", async () => {
  expect(await rejectionOf(openDevice({ gpu: undefined as unknown as GPU }))).toMatch(
    /^DeviceError: openDevice: no WebGPU here\. In Node: import/,
  );
  expect(await rejectionOf(openDevice({ gpu: nothing }))).toMatch(
    /^DeviceError: openDevice: WebGPU is here, but it has no adapter/,
  );
  expect(await rejectionOf(openDevice({ device: "tpu" as "gpu" }))).toMatch(/^OptionError: openDevice: device must be/);
});

test("auto falls back to the CPU reference", async () => {
  const device = await openDevice({ gpu: nothing, device: "auto" });
  expect(device.info.class).toBe("cpu");
  device.close();
});

test("kernels are of a family that exists", async () => {
  expect(await rejectionOf(openDevice({ gpu: nothing, kernels: "cuda" as "gpu" }))).toMatch(
    /^OptionError: openDevice: kernels must be "auto", "gpu", "software" or "no-subgroups": got "cuda"/,
  );
});
