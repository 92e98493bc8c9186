// Runs a sample on a device and compares it with the float64 reference.
import { runGraph } from "../compile.ts";
import { sizeOf } from "../core/shape.ts";
import { evaluate } from "../cpu/evaluate.ts";
import type { Device } from "../graph/device.ts";
import type { Node, Values } from "../graph/node.ts";
import { type Comparison, compare, expect } from "./compare.ts";
import { graphOf, type Sample } from "./sample.ts";
import { drawValues } from "./values.ts";

/** A sample as a graph with the elements of its inputs. */
export interface Prepared {
  readonly results: readonly Node[];
  readonly leaves: ReadonlyMap<Node, Values>;
}

export function prepareSample(sample: Sample, seed: number): Prepared {
  const { leaves, results } = graphOf(sample);
  return { results, leaves: new Map(leaves.map((leaf, i) => [leaf, drawValues(sample.inputs[i] ?? leaf, seed, i)])) };
}

/** Computes a sample with the reference alone. */
export function runReference(sample: Sample, seed: number): Values[] {
  const { results, leaves } = prepareSample(sample, seed);
  return evaluate(results, (leaf) => leaves.get(leaf) as Values);
}

/** Runs a sample on `device`; one comparison for each result. */
export async function runSample(device: Device, sample: Sample, seed: number): Promise<Comparison[]> {
  const { results, leaves } = prepareSample(sample, seed);
  const filled = results.filter((result) => sizeOf(result.shape) > 0);
  if (filled.length === 0) return [];
  const { values, errors } = expect(filled, (leaf) => leaves.get(leaf) as Values, sample.each);
  const got = await runGraph(device, filled, leaves);
  return filled.map((node, i) => compare(node, got[i] ?? [], values[i] as Values, errors[i] as Values));
}
