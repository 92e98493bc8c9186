// What a training step asks of WebGPU, seen from outside: calls on the GPU object between the first finished step and the end of training.

import type { Calls } from "../../check/count.ts";

/** Per training step; null where there is no GPU. */
export interface CallsPerStep {
  readonly dispatchesPerStep: number | null;
  readonly submitsPerStep: number | null;
  readonly createdPerStep: number | null;
  readonly writesPerStep: number | null;
}

const NOTHING: Calls = { dispatches: 0, submits: 0, created: 0, writes: 0 };

/** Sums calls while training runs; what tests and snapshots of other work call in between is left out by pausing. */
export class StepCosts {
  readonly #calls: () => Calls;
  #base = NOTHING;
  #total = NOTHING;
  #warm: Calls | undefined;

  constructor(calls: () => Calls = () => NOTHING) {
    this.#calls = calls;
  }

  resume(): void {
    this.#base = this.#calls();
  }

  pause(): void {
    this.#total = this.#now();
    this.#base = this.#calls();
  }

  /** The callback that ends the warm-up: the first submission has come back. */
  readonly onStep = (): void => {
    this.#warm ??= this.#now();
  };

  /** Calls per step, `steps` having been made in all. Submissions in flight at the first step make dispatches, not steps, the measure. */
  perStep(steps: number): CallsPerStep {
    const { dispatches, submits, created, writes } = this.#total;
    if (dispatches === 0 || steps === 0) {
      return { dispatchesPerStep: null, submitsPerStep: null, createdPerStep: null, writesPerStep: null };
    }
    const dispatchesPerStep = dispatches / steps;
    const warm = this.#warm && this.#warm.dispatches < dispatches ? this.#warm : NOTHING;
    const counted = (dispatches - warm.dispatches) / dispatchesPerStep;
    return {
      dispatchesPerStep,
      submitsPerStep: round((submits - warm.submits) / counted),
      createdPerStep: round((created - warm.created) / counted),
      writesPerStep: round((writes - warm.writes) / counted),
    };
  }

  #now(): Calls {
    const now = this.#calls();
    const add = (name: keyof Calls) => this.#total[name] + now[name] - this.#base[name];
    return { dispatches: add("dispatches"), submits: add("submits"), created: add("created"), writes: add("writes") };
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
