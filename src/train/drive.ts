// Runs `fit` for a remote trainer: from where the trainer stands to a goal, and tells of each step and report once, whatever was repeated.
import type { Told } from "./channel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { FitOptions } from "./fitOptions.ts";
import { isLost, type Presence, prepareStep } from "./opened.ts";
import type { Callback, Report, StepLog } from "./report.ts";
import type { Served } from "./serve.ts";
import type { Trainer } from "./trainer.ts";

/** ms between reports to a page. */
const REPORT_EVERY = 33;
/** ms that a submission may take: half a frame; software adapters lose too much by short ones. */
const BUDGET = 8;
const BUDGET_SOFTWARE = 25;

/** What the page has been told already. It outlives devices. */
export class Teller {
  /** Steps and reports up to these are repeated ones. */
  #step = 0;
  #report = 0;
  readonly #tell: (told: Told, transfer?: Transferable[]) => void;
  readonly #wantsSteps: boolean;
  #metrics: readonly string[] = [];
  #rows: number[] = [];
  #held: Report | undefined;
  #lastSent = Number.NEGATIVE_INFINITY;

  constructor(tell: (told: Told, transfer?: Transferable[]) => void, wantsSteps: boolean) {
    this.#tell = tell;
    this.#wantsSteps = wantsSteps;
  }

  /** Watches each step where the page wants to know of them. */
  get watchers(): Callback[] {
    return this.#wantsSteps ? [{ onStep: (log) => this.#add(log) }] : [];
  }

  /** Steps from `step` on are new, whatever came before. */
  startAt(step: number): void {
    this.#step = step;
    this.#report = step;
  }

  #add({ step, loss, metrics }: StepLog): void {
    if (step <= this.#step) return;
    this.#step = step;
    this.#metrics = Object.keys(metrics);
    this.#rows.push(step, loss, ...Object.values(metrics));
  }

  /** Sends a report, or holds it back while others have just gone out. */
  report(report: Report, { fit, onReport }: Served): Promise<void> | undefined {
    if (report.totalSteps <= this.#report) return undefined;
    this.#report = report.totalSteps;
    this.#held = report;
    const wait = fit?.reportEvery ?? REPORT_EVERY;
    const isDue = report.validation !== undefined || performance.now() - this.#lastSent >= wait;
    return isDue ? this.flush(onReport) : undefined;
  }

  /** Sends what was held back. */
  async flush(onReport?: Served["onReport"]): Promise<void> {
    const report = this.#held;
    this.#held = undefined;
    if (this.#rows.length > 0) {
      const rows = Float64Array.from(this.#rows);
      this.#rows = [];
      this.#tell({ told: "steps", metrics: this.#metrics, rows }, [rows.buffer]);
    }
    if (!report) return;
    await onReport?.(report);
    this.#tell({ told: "report", report });
    this.#lastSent = performance.now();
  }
}

/** ms that a submission may take: what was asked for, or what suits the adapter. */
export function budgetOf({ fit, trainer }: Served): number {
  return fit?.budget ?? (trainer.device.info.class === "software" ? BUDGET_SOFTWARE : BUDGET);
}

/** How far to run, and how to end before that. */
export interface Leg {
  /** Steps of the trainer's life to stop at. */
  readonly goal: number;
  readonly signal: AbortSignal;
  /** Whether an end by the signal is the end of the run, so that callbacks are told. */
  readonly isFinal: () => boolean;
  readonly teller: Teller;
  readonly keep: (checkpoint: Checkpoint) => void;
  readonly presence: Presence;
}

/** Compiling that a pause did not wait for. The next run of that trainer does. */
const preparing = new WeakMap<Trainer, Promise<void>>();

/** Compiles the step, or leaves when the signal comes. */
async function prepare(served: Served, { signal, presence }: Leg): Promise<void> {
  const before = preparing.get(served.trainer) ?? Promise.resolve();
  const ready = before.catch(() => {}).then(() => prepareStep(served));
  preparing.set(served.trainer, ready);
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await presence.whileThere(Promise.race([ready, aborted]));
}

/** Trains until the goal, the signal, or the run's own end; true when that was it. */
export async function drive(served: Served, leg: Leg): Promise<boolean> {
  const { trainer, set, fit = {}, onReport } = served;
  const { goal, signal, teller, presence } = leg;
  const { epochs = Number.POSITIVE_INFINITY, maxSteps = Number.POSITIVE_INFINITY, callbacks = [] } = fit;
  const isOver = () => trainer.epoch >= epochs || trainer.step >= maxSteps;
  if (isOver()) return true;
  if (trainer.step >= goal || signal.aborted) return false;
  await prepare(served, leg);
  if (signal.aborted) return false;
  const isPause = () => !isOver() && !leg.isFinal() && (signal.aborted || trainer.step >= goal);
  const firstEpoch = trainer.epoch;
  const options: FitOptions = {
    reportEvery: REPORT_EVERY,
    ...fit,
    budget: budgetOf(served),
    ...{ signal, onCheckpoint: leg.keep },
    epochs: epochs - firstEpoch,
    maxSteps: Math.min(goal, maxSteps) - trainer.step,
    callbacks: [...teller.watchers, ...callbacks.map((callback) => withoutPauses(callback, isPause))],
  };
  const reports = trainer.fit(set, options);
  try {
    for (;;) {
      const next = await presence.whileThere(reports.next());
      if (next.done) break;
      const { epoch } = next.value;
      const told = teller.report({ ...next.value, epoch: firstEpoch + epoch, epochs }, served);
      if (told) await presence.whileThere(told);
    }
  } finally {
    const closed = reports.return().catch(() => {}); // where telling failed, the steps under way are still to be read
    await presence.whileThere(closed.then(() => teller.flush(onReport))).catch((error) => {
      if (!isLost(error)) throw error;
    });
  }
  return isOver() || !isPause();
}

/** A callback that does not take a pause for the end. */
function withoutPauses({ onStep, onReport, onEnd }: Callback, isPause: () => boolean): Callback {
  return {
    ...(onStep ? { onStep } : {}),
    ...(onReport ? { onReport } : {}),
    ...(onEnd ? { onEnd: (control) => void (isPause() || onEnd(control)) } : {}),
  };
}
