// The sample table run on a device: how much of its tolerance each function uses, its gradient included.
import type { Device } from "../graph/device.ts";
import { toleranceOf } from "./compare.ts";
import { gradientOf } from "./gradient.ts";
import { runSamples, type SampleRun } from "./run.ts";
import { graphOf, type Row } from "./sample.ts";
import { samples } from "./samples.ts";

/** What became of one function's samples, its gradients among them. */
export interface OpReport {
  readonly op: string;
  readonly cases: number;
  /** The error that f32 may show, over the largest element of a result. */
  readonly tolerance: number;
  /** Largest error, as a share of what the tolerances of all ops involved allow. */
  readonly maxError: number;
  /** One line for each case that is wrong. */
  readonly failures: readonly string[];
}

/** The names of all functions that have samples. */
export const sampledOps: readonly string[] = Object.keys(samples);

const SEED = 1;

/**
 * Runs the samples of every function, or of those named, on `device`; gives one report for each, in the order of the table.
 * @example
 * for await (const { op, failures } of checkOps(device)) console.log(op, failures.length === 0 ? "ok" : failures);
 */
export async function* checkOps(
  device: Device,
  options: { readonly ops?: readonly string[] } = {},
): AsyncGenerator<OpReport, void, undefined> {
  for (const [op, row] of Object.entries(samples) as [string, Row][]) {
    if (options.ops && !options.ops.includes(op)) continue;
    const cases = row.samples
      .flatMap((sample) => [sample, gradientOf(sample)])
      .filter((sample) => sample !== undefined);
    const tolerances = row.samples.flatMap((sample) => graphOf(sample).results).map(toleranceOf);
    const tolerance = Math.max(0, ...tolerances.map(({ relative }) => relative));
    try {
      yield { op, cases: cases.length, tolerance, ...sum(await runSamples(device, cases, SEED)) };
    } catch (error) {
      device.check("doctor"); // when the device is gone, nothing that follows means anything
      const failures = [`did not run: ${(error as Error).message}`];
      yield { op, cases: cases.length, tolerance, maxError: Number.POSITIVE_INFINITY, failures };
    }
  }
}

function sum(runs: readonly SampleRun[]): Pick<OpReport, "maxError" | "failures"> {
  const all = runs.flatMap(({ sample, comparisons }) => comparisons.map((each) => ({ sample, ...each })));
  return {
    maxError: Math.max(0, ...all.map(({ worst }) => worst)),
    failures: all.filter(({ isEqual }) => !isEqual).map(({ sample, message }) => `${sample.name}: ${message}`),
  };
}
