// What `fit` takes.
import { OptionError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Callback } from "./report.ts";

/** How `fit` runs; every field has a default. */
export interface FitOptions {
  /** Epochs to finish, one that was begun before included. 1 */
  readonly epochs?: number;
  readonly batchSize?: number;
  /** Evaluated at the end of each epoch. */
  readonly validation?: Dataset;
  /** A new order each epoch (default true). */
  readonly shuffle?: boolean;
  readonly callbacks?: readonly Callback[];
  /** Stops the run after the submissions in flight, keeping what was learnt. */
  readonly signal?: AbortSignal;
  /** Stops after so many steps, in mid-epoch if need be. */
  readonly maxSteps?: number;
  /** Steps in one submission, 1 … 1024; found by itself when left out. It never changes a result. */
  readonly stepsPerSubmit?: number;
  /** The most milliseconds that one submission should keep the device. */
  readonly budget?: number;
  /** Milliseconds between reports inside of an epoch. 100 */
  readonly reportEvery?: number;
  /** Given a whole checkpoint about every second, taken while the steps go on and in at most 5 % of the time, and at the end. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
}

const FIT_OPTIONS: readonly (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "validation",
  "shuffle",
  "callbacks",
  "signal",
  "maxSteps",
  "stepsPerSubmit",
  "budget",
  "reportEvery",
  "onCheckpoint",
];

/** The ring holds those of several submissions. */
const MOST_STEPS_GIVEN = 1024;

/** @throws OptionError for an option that is unknown or out of its range */
export function checkFitOptions(options: FitOptions): void {
  checkKnown("fit", options, FIT_OPTIONS);
  const { epochs, maxSteps, stepsPerSubmit } = options;
  const isWhole = (value: number) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1);
  for (const [name, value] of Object.entries({ epochs, maxSteps })) {
    if (value !== undefined && !isWhole(value))
      throw new OptionError(`fit: ${name} must be a whole number from 1 on: got ${value}`, { [name]: value });
  }
  if (stepsPerSubmit !== undefined && (!isWhole(stepsPerSubmit) || stepsPerSubmit > MOST_STEPS_GIVEN)) {
    throw new OptionError(
      `fit: stepsPerSubmit must be a whole number in 1 … ${MOST_STEPS_GIVEN}: got ${stepsPerSubmit}`,
      { stepsPerSubmit },
    );
  }
}
