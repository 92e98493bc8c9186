// Times the dispatches of a trainer's step. Loaded only where they are wanted.
import type { DispatchTime } from "../graph/device.ts";
import type { Run } from "./run.ts";

/** Does the work of `Trainer.profile`: the last steps done over again. */
export async function profileSteps({ programs, state, step }: Run): Promise<DispatchTime[]> {
  const { feed, executable } = programs.compiled.at(-1) ?? {};
  if (!step || !feed || !executable?.profile) return [];
  const steps = Math.min(step, executable.stats.stepsPerDispatch ?? 8);
  feed.startAt(step - steps); // what the schedule says of them is still there
  const times = await executable.profile(steps);
  state.health.write([0]); // by the host's clock dispatches run oftener than there are batches
  return times;
}
