// Means of the loss and the metrics over a whole set. Loaded only where they are wanted.
import type { Dataset } from "../data/dataset.ts";
import { checkBatchSize, epochIndices } from "../data/indices.ts";
import { output } from "../graph/define.ts";
import type { Node } from "../graph/node.ts";
import { fill } from "../ops/constant.ts";
import { record } from "../ops/state.ts";
import { emptyTensor, type Tensor } from "../tensor.ts";
import { EpochLog } from "./epochLog.ts";
import { type Batch, Feed } from "./feed.ts";
import { newEstimate, runSteps } from "./loop.ts";
import type { StepProgram } from "./programs.ts";
import type { Evaluation } from "./report.ts";
import type { Run } from "./run.ts";
import { type Arrays, nodesOf, parameterTree } from "./slots.ts";
import { type Blueprint, forward, logged, score } from "./step.ts";

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
  const { blueprint, state } = run;
  const { feed, executable, ring, estimate } = await programFor(run, set, batchSize);
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

/** The program of one evaluation step over `set`. */
async function programFor({ blueprint, programs, state }: Run, set: Dataset, batchSize: number): Promise<StepProgram> {
  const known = programs.evaluation.get(batchSize);
  if (known?.set === set) return known;
  programs.drop(known);
  const { arrays, device } = state;
  const ring = emptyTensor(device, { ...state.ring.memory, label: "evaluation log" });
  const feed = new Feed(device, await programs.residentSet(set), { batchSize, rows: programs.rows });
  const updates = evaluationStep(blueprint, feed.batch(), { arrays, ring, counter: feed.counter });
  const program = { set, feed, executable: await programs.prepare({ updates }), ring, estimate: newEstimate() };
  programs.evaluation.set(batchSize, program);
  return program;
}

/** One evaluation step: only logs. */
function evaluationStep(
  blueprint: Blueprint,
  batch: Batch,
  state: { arrays: Arrays; ring: Tensor; counter: Tensor },
): [Tensor, Node][] {
  const leaves = nodesOf(blueprint.slots, state.arrays);
  const { mask, fewest } = batch;
  const prediction = forward(blueprint, leaves, batch.x, {
    counter: state.counter.node,
    training: false,
    mask,
    fewest,
  });
  const penalty = blueprint.penalty?.(parameterTree(blueprint.slots, leaves));
  const log = record(
    state.ring.node,
    state.counter.node,
    logged(score(blueprint, prediction, batch), fill([], 0), penalty),
  );
  return [
    [state.ring, log],
    [state.counter, output(log, 1)],
  ];
}
