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

/** Traces a sample and draws the values of its inputs from `seed`. */
export function prepareSample(sample: Sample, seed: number): Prepared {
  const { leaves, results } = graphOf(sample);
  return { results, leaves: new Map(leaves.map((leaf, i) => [leaf, drawValues(sample.inputs[i] ?? leaf, seed, i)])) };
}

/** Computes a sample with the reference alone. */
export function runReference(sample: Sample, seed: number): Values[] {
  const { results, leaves } = prepareSample(sample, seed);
  return evaluate(results, (leaf) => leaves.get(leaf) as Values);
}

/** What came of one sample on a device. */
export interface SampleRun {
  readonly sample: Sample;
  /** One for each result that has elements. */
  readonly comparisons: readonly Comparison[];
}

/** Runs samples on `device`, all in one program, and compares them with the reference. */
export async function runSamples(device: Device, samples: readonly Sample[], seed: number): Promise<SampleRun[]> {
  const prepared = samples.map((sample) => prepareSample(sample, seed));
  const leaves = new Map(prepared.flatMap((each) => [...each.leaves]));
  const filled = prepared.map(({ results }) => results.filter((result) => sizeOf(result.shape) > 0));
  const outputs = filled.flat();
  const got = outputs.length > 0 ? await runGraph(device, outputs, leaves) : [];
  let next = 0;
  return samples.map((sample, k) => {
    const results = filled[k] as readonly Node[];
    const { values, errors } = expect(results, (leaf) => leaves.get(leaf) as Values, sample.each);
    const comparisons = results.map((node, i) =>
      compare(node, got[next++] ?? [], values[i] as Values, errors[i] as Values),
    );
    return { sample, comparisons };
  });
}

/** Runs one sample on `device`; one comparison for each result that has elements. */
export async function runSample(device: Device, sample: Sample, seed: number): Promise<readonly Comparison[]> {
  const [run] = await runSamples(device, [sample], seed);
  return run?.comparisons ?? [];
}
