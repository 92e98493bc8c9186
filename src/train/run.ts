// A trainer's insides, as far as runs change them.
import type { EpochLog } from "./epochLog.ts";
import type { ProgramOptions, Programs } from "./programs.ts";
import type { ModelState } from "./state.ts";
import type { Blueprint } from "./step.ts";

/** How steps make epochs: step `base` (from 0) was the first of epoch `epoch` (from 0), whose order later steps follow on. */
export interface Course {
  readonly base: number;
  readonly epoch: number;
  readonly batchSize: number;
  /** Examples of an epoch. */
  readonly count: number;
}

/** What a trainer is between its steps. */
export interface Run {
  readonly blueprint: Blueprint;
  readonly options: ProgramOptions;
  readonly state: ModelState;
  readonly programs: Programs;
  /** Sums over the steps of the epoch that was begun last. */
  readonly log: EpochLog;
  course: Course | undefined;
  step: number;
  epoch: number;
  rateScale: number;
  isRunning: boolean;
}

/** Epochs done after `step` steps, and the steps done in the next one. */
export function placeOf({ base, epoch, batchSize, count }: Course, step: number): { epoch: number; row: number } {
  const steps = Math.ceil(count / batchSize);
  return { epoch: epoch + Math.floor((step - base) / steps), row: (step - base) % steps };
}
