// Replays the plan of a training step and times what the host does for it. Knows no platform: it runs in Node and in a page.
import type { StepCase } from "../../../bench/steps/step.ts";
import { leavesOf } from "../../core/tree.ts";
import { epochIndices } from "../../data/indices.ts";
import type { Device } from "../../graph/device.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { isParameter, type Parameter } from "../../nn/layer.ts";
import { scalarsAt } from "../../optim/optimizer.ts";
import { Programs, type StepProgram } from "../../train/programs.ts";
import { ModelState } from "../../train/state.ts";

/** Dispatches in one submission, about. */
const ENOUGH = 512;
/** Submissions that are timed: as many as fit into so many ms, within these bounds. */
const FEWEST = 5;
const MOST = 41;
const LONG_ENOUGH = 3000;
/** Submissions before those: caches fill, and the loop is compiled. */
const WARM_UP = 1;

/** µs of each dispatch, turn by turn, and the dispatches of one step. */
export interface HostSamples {
  readonly samples: number[];
  readonly dispatches: number;
}

/** Submissions of many steps: encoded, finished and submitted. `microseconds` is the clock of the calling thread. */
export async function replay(device: Device, step: StepCase, microseconds: () => number): Promise<HostSamples> {
  const { programs, program } = await programOf(device, step);
  const { executable, ring } = program;
  const { dispatches } = executable.stats;
  const steps = Math.ceil(ENOUGH / dispatches);
  const samples: number[] = [];
  const start = performance.now();
  for (let turn = -WARM_UP; turn < FEWEST || (turn < MOST && performance.now() - start < LONG_ENOUGH); turn++) {
    const { result, spent } = timed(microseconds, () => executable.run(steps, [ring.memory]));
    if (turn >= 0) samples.push(spent / (steps * dispatches));
    await result();
  }
  if (device.failure) throw device.failure;
  programs.drop(program); // until here they must be kept: what nobody has is freed on the device, too
  return { samples, dispatches };
}

/** What `call` gives, and the µs that it took by a clock, without what asking that takes. */
export function timed<Result>(microseconds: () => number, call: () => Result): { result: Result; spent: number } {
  const asked = microseconds();
  const before = microseconds();
  const result = call();
  return { result, spent: microseconds() - before - (before - asked) };
}

/** A training program as `fit` compiles it, with an epoch to read. */
async function programOf(
  device: Device,
  { model: modelOf, input, optimizer: optimizerOf, data, batchSize }: StepCase,
): Promise<{ readonly programs: Programs; readonly program: StepProgram }> {
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
  const programs = new Programs(blueprint, { input, optimizer }, state);
  const program = await programs.training(set, batchSize);
  program.feed.writeLap([epochIndices(set.count, batchSize)]);
  for (let written = 0, count: number; written < 256; written += count) {
    count = Math.min(program.feed.steps, 256 - written);
    program.feed.writeSteps(0, count, (i) => scalarsAt(optimizer, written + i + 1));
  }
  return { programs, program };
}
