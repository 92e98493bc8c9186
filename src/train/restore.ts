// Going on from a checkpoint.
import { DataError, OptionError } from "../core/error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Run } from "./run.ts";

/** Makes a trainer what another one was, or leaves it as it is. @throws DataError naming what does not fit */
export function restore(run: Run, checkpoint: Checkpoint): void {
  if (run.isRunning) throw new OptionError("restore: this trainer is in a run. Wait for it, or stop it first");
  const { state, options } = run;
  const { step, epoch, begun, rateScale, health, weights, optimizer } = checkpoint ?? {};
  const isWhole = [step, epoch, begun?.step, begun?.batchSize, begun?.count].every(
    (count) => Number.isSafeInteger(count) && count >= 0,
  );
  if (!isWhole || !weights || !optimizer?.slots || !(rateScale >= 0) || !begun.batchSize) {
    throw new DataError("restore: this is no checkpoint, or parts of it are missing");
  }
  if (optimizer.name !== options.optimizer.name) {
    throw new DataError(`restore: the optimiser is ${options.optimizer.name}: the checkpoint is of ${optimizer.name}`);
  }
  const slots = Object.entries(state.optimizer);
  for (const [name, { size }] of slots) {
    const { length } = optimizer.slots[name] ?? [];
    if (length !== size) throw new DataError(`restore: "${name}" of the optimiser has ${size} numbers: got ${length}`);
  }
  state.load(weights, "restore");
  for (const [name, tensor] of slots) tensor.write(optimizer.slots[name] as Float32Array);
  state.counter.write([step]);
  state.health.write([health]);
  Object.assign(run, { step, epoch, rateScale, course: { ...begun, base: step - begun.step, epoch } });
  run.log.restore(begun.log, step);
}
