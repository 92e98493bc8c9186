// What only hardware is fast enough for: large products in all layouts, an update and a copy that no cache holds, a wide network.
import { COPY } from "../../../bench/kernels/ceiling.ts";
import { type KernelCase, kernel } from "../../../bench/kernels/kernel.ts";
import { SQUARE_PRODUCTS } from "../../../bench/kernels/products.ts";
import { adamUpdate } from "../../../bench/kernels/step.ts";
import { mlpWide } from "../../../bench/steps/mlpWide.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Device } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { prepare } from "../../prepare.ts";
import { emptyTensor } from "../../tensor.ts";
import { measureProduct, timeProgram } from "./products.ts";
import type { Row } from "./row.ts";
import type { Site } from "./site.ts";
import { measureStep } from "./steps.ts";

interface LargeCase {
  readonly name: string;
  readonly measure: (site: Site, suite: string) => Promise<readonly Row[]>;
}

/** Small cases of the same are compared with the reference elsewhere. */
const BANDWIDTHS: readonly KernelCase[] = [adamUpdate(16), kernel("copy-64M", [[2 ** 26]], COPY.call)];

export const LARGE_CASES: readonly LargeCase[] = [
  ...SQUARE_PRODUCTS.map((shape) => ({
    name: shape.name,
    measure: async ({ device }: Site, suite: string) => [await measureProduct(device, suite, shape)],
  })),
  ...BANDWIDTHS.map((each) => ({
    name: each.name,
    measure: async ({ device }: Site, suite: string) => [await measureBandwidth(device, suite, each)],
  })),
  {
    name: mlpWide.name,
    measure: async (site, suite) =>
      (await measureStep(site.device, mlpWide, site.counted, { trace: site.trace })).map((row) => ({ ...row, suite })),
  },
];

/** Bytes of all inputs and results over the time that they take. */
async function measureBandwidth(device: Device, suite: string, { name, inputs, call }: KernelCase): Promise<Row> {
  const tensors = inputs.map(({ shape, dtype = "f32" }) => emptyTensor(device, { shape, dtype }));
  for (const { memory } of tensors) device.write(memory, new Float32Array(memory.size).fill(0.5));
  const made = call(...tensors.map(({ node }) => node));
  const outputs = Array.isArray(made) ? (made as readonly Node[]) : [made as Node];
  const executable = await prepare(device, { outputs });
  const { seconds, spread } = await timeProgram(device, executable, 0.15);
  executable.release();
  for (const { memory } of tensors) device.free(memory);
  const bytes = 4 * [...tensors, ...outputs].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const { adapter } = device.info;
  const gigabytesPerSecond = bytes / seconds / 1e9;
  return { suite, case: name, system: "gpugrad", adapter, milliseconds: 1000 * seconds, spread, gigabytesPerSecond };
}
