// What the host pays for a dispatch: CPU time of the calling thread while a plan is replayed, and while a whole run goes on around it.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../../bench/steps/step.ts";
import { leavesOf } from "../../core/tree.ts";
import { epochIndices } from "../../data/indices.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { isParameter, type Parameter } from "../../nn/layer.ts";
import { openDevice } from "../../open.ts";
import { scalarsAt } from "../../optim/optimizer.ts";
import { Programs, type StepProgram } from "../../train/programs.ts";
import { ModelState } from "../../train/state.ts";
import { createTrainer } from "../../train/trainer.ts";
import type { Row } from "./row.ts";
import { threadMicroseconds } from "./threadTime.ts";
import { quantile } from "./timing.ts";

/** Dispatches in one submission, about. */
const ENOUGH = 512;
/** Steps of one turn of `fit`. */
const STEPS = 128;
const TURNS = 9;

export interface HostCase {
  readonly name: string;
  readonly step: StepCase;
  readonly measure: (device: Device, step: StepCase) => Promise<{ samples: number[]; dispatches: number }>;
}

/** Plans replayed, and a whole `fit`, which also writes schedules, reads logs and waits. */
export const HOST_CASES: readonly HostCase[] = [
  { name: "replay-mlp-adam", step: mlpAdam, measure: replay },
  { name: "replay-cnn-adam", step: cnnAdam, measure: replay },
  { name: "fit-mlp-adam", step: mlpAdam, measure: fit },
];

/** On a device of its own whose calls nobody counts, since counting takes time too. */
export async function measureHost(gpu: GPU, { name, step, measure }: HostCase): Promise<Row> {
  const device = await openDevice({ gpu });
  try {
    const { samples, dispatches } = await measure(device, step);
    const median = quantile(samples, 0.5);
    return {
      suite: "host",
      case: name,
      system: "gpugrad",
      adapter: device.info.adapter,
      hostMicroseconds: median,
      spread: (quantile(samples, 0.75) - quantile(samples, 0.25)) / median,
      dispatches,
    };
  } finally {
    device.close();
  }
}

/** µs of each dispatch of submissions of many steps: encoded, finished and submitted. */
async function replay(device: Device, step: StepCase): Promise<{ samples: number[]; dispatches: number }> {
  const { executable, ring } = await programOf(device, step);
  const { dispatches } = executable.stats;
  const steps = Math.ceil(ENOUGH / dispatches);
  const samples: number[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    const asked = threadMicroseconds();
    const before = threadMicroseconds();
    const reading = executable.run(steps, [ring.memory]);
    const spent = threadMicroseconds() - before - (before - asked); // without what asking takes
    if (turn > 0) samples.push(spent / (steps * dispatches)); // the first one warms up
    await reading();
  }
  return { samples, dispatches };
}

/** A training program as `fit` compiles it, with an epoch to read. */
async function programOf(device: Device, { model: modelOf, input, optimizer: optimizerOf, data, batchSize }: StepCase) {
  const [model, optimizer, set] = [modelOf(), optimizerOf(), data()];
  let stream = 0;
  const { params } = model.init(input, { seed: 1, nextStream: () => stream++ });
  const leaves = leavesOf<Parameter>(params, isParameter).map(({ path, leaf }) => ({
    path,
    ...leaf,
    role: "trained" as const,
  }));
  const state = new ModelState(device, leaves, optimizer, 0);
  const blueprint = { model, slots: state.slots, loss: softmaxCrossEntropy(), metrics: [], seed: 1 };
  const program: StepProgram = await new Programs(blueprint, { input, optimizer }, state).training(set, batchSize);
  program.feed.writeLap([epochIndices(set.count, batchSize)]);
  for (let written = 0, count: number; written < 256; written += count) {
    count = Math.min(program.feed.steps, 256 - written);
    program.feed.writeSteps(0, count, (i) => scalarsAt(optimizer, written + i + 1));
  }
  return program;
}

/** µs of each dispatch of a run. */
async function fit(device: Device, step: StepCase): Promise<{ samples: number[]; dispatches: number }> {
  const { model, input, optimizer, data, batchSize } = step;
  const set = data();
  const options = { input, optimizer: optimizer(), loss: softmaxCrossEntropy(), seed: 1 };
  const trainer = await createTrainer(device, model(), options);
  const train = async (maxSteps: number) => {
    for await (const _ of trainer.fit(set, { batchSize, epochs: Number.POSITIVE_INFINITY, maxSteps }));
  };
  await train(STEPS); // compiles, and finds how many steps a submission should have
  const dispatches = trainer.stats?.dispatches ?? 0;
  const samples: number[] = [];
  for (let turn = 0; turn < TURNS / 3; turn++) {
    const before = threadMicroseconds();
    await train(STEPS);
    samples.push((threadMicroseconds() - before) / (STEPS * dispatches));
  }
  return { samples, dispatches };
}
