import { expect, test } from "vitest";
import { checkOps } from "../../src/check/ops.ts";
import { selfTest } from "../../src/check/selfTest.ts";
import { openDevice } from "../../src/open.ts";
import { testGpu } from "../device.ts";

/** The adapter under test, but with `mistake` made in every shader. */
async function faulty(mistake: (code: string) => string): Promise<GPU> {
  const gpu = await testGpu();
  return {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = (await gpu.requestAdapter(options)) as GPUAdapter;
      const requestDevice = adapter.requestDevice.bind(adapter);
      adapter.requestDevice = async (descriptor) => {
        const device = await requestDevice(descriptor);
        const createShaderModule = device.createShaderModule.bind(device);
        device.createShaderModule = (module) => createShaderModule({ ...module, code: mistake(module.code) });
        return device;
      };
      return adapter;
    },
  } as unknown as GPU;
}

test("a sound adapter passes the self-test", async () => {
  const { isRight, answers } = await selfTest({ gpu: await testGpu() });
  expect(answers.filter((answer) => !answer.isRight)).toEqual([]);
  expect(isRight).toBe(true);
  expect(answers.map(({ name }) => name)).toEqual([
    "a long sum",
    "tanh far out",
    "NaN by its bits",
    "a dispatch folded in two",
    "a 17×19×23 matrix product",
  ]);
});

test.each<[string, string, (code: string) => string]>([
  ["compares NaN with itself", "NaN by its bits", (code) => code.replace(/> 0x7f800000u/g, "> 0xffffffffu")],
  ["forgets the second dimension", "a dispatch folded in two", (code) => code.replace(" + group.y * groups.x", "")],
])("an adapter that %s fails it", async (_, name, mistake) => {
  const { isRight, answers } = await selfTest({ gpu: await faulty(mistake) });
  expect(isRight).toBe(false);
  expect(answers.filter((answer) => !answer.isRight).map((answer) => answer.name)).toContain(name);
  expect(answers.find((answer) => answer.name === name)?.message).toMatch(/^element \d+ is .*, expected /);
});

test("the doctor's check of ops tells right from wrong", async () => {
  const check = async (gpu: GPU) => {
    const device = await openDevice({ gpu });
    const reports = [];
    for await (const report of checkOps(device, { ops: ["relu", "sum"] })) reports.push(report);
    device.close();
    return reports;
  };
  const sound = await check(await testGpu());
  expect(sound.map(({ op, failures }) => [op, failures])).toEqual([
    ["relu", []],
    ["sum", []],
  ]);
  expect(sound.every(({ cases, maxError }) => cases > 5 && maxError <= 1)).toBe(true);
  const wrong = await check(await faulty((code) => code.replace("fn float_relu(x: f32) -> f32 { return", "$& x +")));
  expect(wrong.map(({ op, failures }) => [op, failures.length > 0])).toEqual([
    ["relu", true],
    ["sum", false],
  ]);
});
