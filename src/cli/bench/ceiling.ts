// What the adapter at hand can do at most, measured in the same run: the other figures are shown as shares of it.
import { COPY, FMA_CHAIN } from "../../../bench/kernels/ceiling.ts";
import type { Device } from "../../graph/device.ts";
import { measureKernel } from "./kernels.ts";
import type { Ceiling } from "./site.ts";

/** Measures a chain of multiplications and additions, and a copy. */
export async function measureCeiling(device: Device): Promise<Ceiling> {
  const ceiling = { flops: 1, bytes: 1 }; // of which a share is the rate itself
  const [chain] = await measureKernel(device, "ceiling", FMA_CHAIN, { ceiling });
  const [copy] = await measureKernel(device, "ceiling", COPY, { ceiling });
  return { flops: chain?.shareOfFma ?? Number.NaN, bytes: copy?.shareOfCopy ?? Number.NaN };
}

/** "ceiling: 51.3 GFLOP and 9.2 GB per CPU-second" */
export function showCeiling(device: Device, { flops, bytes }: Ceiling): string {
  const [gflop, gigabytes] = [flops, bytes].map((rate) => Number((rate / 1e9).toPrecision(3)));
  return `ceiling: ${gflop} GFLOP and ${gigabytes} GB per ${device.info.class === "software" ? "CPU-second" : "second"}`;
}
