// Means of the loss and the metrics over a whole set. Loaded only where they are wanted.
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices } from "../data/indices.ts";
import { EpochLog } from "./epochLog.ts";
import { runSteps } from "./loop.ts";
import type { Evaluation } from "./report.ts";
import type { Run } from "./run.ts";

/** How `Trainer.evaluate` runs. */
export interface EvaluateOptions {
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  /** The most milliseconds that one submission should keep the device. */
  readonly budget?: number;
}

/** Does the work of `Trainer.evaluate`. */
export async function evaluate(run: Run, set: Dataset, options: EvaluateOptions): Promise<Evaluation> {
  const { batchSize = Math.min(256, set.count), signal, budget } = options;
  checkBatchSize("evaluate", batchSize, set.count);
  const { blueprint, programs, state } = run;
  const { feed, executable, ring, estimate } = await programs.evaluation(set, batchSize);
  feed.writeLap([epochIndices(set.count, batchSize)]);
  const start = feed.written;
  const log = new EpochLog(blueprint.metrics.map(({ name }) => name));
  const submissions = runSteps(state.device, executable, {
    steps: feed.steps,
    fetch: [ring.memory],
    rows: ring.shape[0] as number,
    pace: { budget },
    estimate,
    before: (first, count) => feed.writeSteps(first, count),
  });
  for await (const { first, count, values } of submissions) {
    signal?.throwIfAborted();
    for (let i = first; i < first + count; i++) log.add(values[0] as ArrayLike<number>, start + i, feed.validIn(i));
  }
  return { ...log.means(), count: set.count };
}
