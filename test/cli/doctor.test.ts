import { expect, test } from "vitest";
import { runCli } from "./ended.ts";

test("the doctor tells what the device is, checks ops on it, and times it", async () => {
  const { status, stdout } = await runCli(["doctor", "--op", "relu,matmul,gather", "--json"]);
  const { device, selfTest, ops, speed, isWell } = JSON.parse(stdout);
  expect({ status, isWell, right: selfTest?.isRight ?? true }).toEqual({ status: 0, isWell: true, right: true });
  expect(device.class).toMatch(/^(cpu|software|integrated|discrete)$/);
  expect(ops.map(({ op }: { op: string }) => op).sort()).toEqual(["gather", "matmul", "relu"]);
  for (const { cases, maxError, failures } of ops) {
    expect(cases).toBeGreaterThan(5);
    expect(maxError).toBeLessThanOrEqual(1);
    expect(failures).toEqual([]);
  }
  expect(speed.matmulGflops).toBeGreaterThan(0);
  expect(speed.copyGigabytes).toBeGreaterThan(0);
}, 120_000);

test("for people it prints a table", async () => {
  const { status, stdout } = await runCli(["doctor", "--op", "relu", "--device", "cpu"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^adapter {17}CPU reference$/m);
  expect(stdout).toMatch(/^op +cases +tolerance +max error +verdict *$/m);
  expect(stdout).toMatch(/^relu +\d+ +2\.4e-7 +0 % +ok *$/m);
  expect(stdout).toMatch(/^1 functions, \d+ cases, gradients among them: all agree with the float64 reference$/m);
  expect(stdout).toMatch(/^64×64 matrix product [\d.]+ GFLOP\/s, copy of 256 KiB [\d.e-]+ GB\/s$/m);
}, 60_000);

test("an unknown op is refused", async () => {
  expect(await runCli(["doctor", "--op", "relu,abracadabra"])).toEqual({
    status: 2,
    stdout: "",
    stderr: 'error: doctor: --op: no such function: "abracadabra"\n',
  });
});
