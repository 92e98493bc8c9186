// What `bench host` times is a program that works: nothing of it is freed meanwhile.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { mlpAdam } from "../../bench/steps/mlpAdam.ts";
import { bareCalls } from "../../src/cli/bench/bareCalls.ts";
import { replay } from "../../src/cli/bench/replay.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { testDevice } from "../device.ts";

test.skipIf(process.env.GPUGRAD_DEVICE === "cpu")(
  "what is replayed stays whole while garbage is collected",
  async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const device = new GpuBackend(await testDevice());
    const clock = () => {
      collect();
      return 1000 * performance.now();
    };
    const { samples } = await replay(device, mlpAdam, clock);
    expect(samples.length).toBeGreaterThanOrEqual(5);
    expect(device.failure).toBeUndefined();
  },
);

test.skipIf(process.env.GPUGRAD_DEVICE === "cpu")("the bare calls beside it are calls that work", async () => {
  const device = new GpuBackend(await testDevice());
  const { samples, dispatches } = await bareCalls(device, () => 1000 * performance.now());
  expect(samples.every((each) => each > 0)).toBe(true);
  expect(dispatches).toBe(8);
  expect(device.failure).toBeUndefined();
});
