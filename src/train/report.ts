// What a training run tells while it goes, and what callbacks may do.

/** Means over the examples seen since the epoch began. */
export interface Report {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in this epoch, and how many it has. */
  readonly step: number;
  readonly steps: number;
  /** Steps done in all. */
  readonly totalSteps: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** At the end of an epoch, when there is a validation set. */
  readonly validation?: Evaluation;
  /** True for the last report of an epoch. */
  readonly isEpochEnd: boolean;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
}

/** Means over a data set. */
export interface Evaluation {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly count: number;
}

/** Loss and metrics of one step. */
export interface StepLog {
  /** From 1, counted over the trainer's life. */
  readonly step: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What callbacks can do to a run. */
export interface RunControl {
  /** Ends the run after this report. */
  stop(): void;
  /** Multiplies the learning rate from now on. */
  scaleLearningRate(factor: number): void;
  /** Keeps the current weights, on the device, in place of those kept before. */
  keepWeights(): void;
  /** Brings back the weights kept last. */
  restoreWeights(): void;
}

/** Something that watches a run; each hook is optional. */
export interface Callback {
  /** After each step, in order; many arrive together. */
  readonly onStep?: (log: StepLog) => void;
  /** With each report, before the loop around `fit` gets it. */
  readonly onReport?: (report: Report, control: RunControl) => void;
  /** After the last epoch, or when the run is stopped. */
  readonly onEnd?: (control: RunControl) => void;
}
