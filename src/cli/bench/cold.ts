// Times starts: processes of their own, from nothing to the first finished training step.
import { jsonOf, runCommand } from "../child.ts";
import type { Row } from "./row.ts";
import { quantile } from "./timing.ts";

const STARTS = 5;

interface Cold {
  readonly adapter: string;
}

/** With what drivers keep of earlier starts, and without. */
export const COLD_CASES = [
  { name: "first-step", env: {} },
  { name: "first-step-no-shader-cache", env: { MESA_SHADER_CACHE_DISABLE: "true" } },
] as const;

/** From the start of the process to the line that it prints after the step, on a clock outside of it. The first start only fills caches. */
export async function measureCold(device: string, { name, env }: (typeof COLD_CASES)[number]): Promise<Row> {
  const times: number[] = [];
  let adapter = "";
  for (let i = 0; i <= STARTS; i++) {
    const ended = await runCommand(["cold", "--device", device, "--json"], env);
    adapter = jsonOf<Cold>(ended).adapter;
    if (i > 0) times.push(ended.firstLine);
  }
  const median = quantile(times, 0.5);
  const spread = (quantile(times, 0.75) - quantile(times, 0.25)) / median;
  return { suite: "cold", case: name, system: "gpugrad", adapter, milliseconds: median, spread };
}
