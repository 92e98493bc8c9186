// Samples that a device gets wrong, each a line of text.
import { runSamples } from "../src/check/run.ts";
import type { Sample } from "../src/check/sample.ts";
import type { Device } from "../src/graph/device.ts";

/** What differs from the reference. */
export async function mistakesIn(device: Device, samples: readonly Sample[], seed: number): Promise<string[]> {
  const runs = await runSamples(device, samples, seed);
  return runs.flatMap(({ sample, comparisons }) =>
    comparisons.filter(({ isEqual }) => !isEqual).map(({ message }) => `${sample.name}: ${message}`),
  );
}
