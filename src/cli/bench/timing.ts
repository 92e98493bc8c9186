// Wall and CPU time of something that is done over and over.
import { setTimeout } from "node:timers/promises";

export interface Timing {
  /** Medians of one repetition. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Distance between the quarters as a share of the median. */
  readonly spread: number;
}

const REPETITIONS = 7;

/** Times `work`, which has been warmed up. */
export async function timed(work: () => Promise<unknown>, repetitions = REPETITIONS): Promise<Timing> {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const used = process.cpuUsage(cpu);
    seconds.push((performance.now() - start) / 1000);
    cpuSeconds.push((used.user + used.system) / 1e6);
  }
  const median = quantile(seconds, 0.5);
  return {
    seconds: median,
    cpuSeconds: quantile(cpuSeconds, 0.5),
    spread: (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / median,
  };
}

/** The value below which the share `q` of all values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

/** Waits for a device: Dawn polls while a promise is pending, and would take the core that a software adapter computes on. */
export async function patiently<Result>(expected: number, result: () => Promise<Result>): Promise<Result> {
  const nap = expected * 900;
  if (nap > 2) await setTimeout(nap);
  return result();
}
