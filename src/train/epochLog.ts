// Reads what the steps logged on the device: sums over examples, turned into means.
import { LOG } from "./step.ts";

/** The sums of an epoch that was begun, as plain data. */
export interface SavedLog {
  readonly sums: Float64Array;
  readonly steps: number;
  readonly examples: number;
}

/** Sums since an epoch began. */
export class EpochLog {
  readonly #metrics: readonly string[];
  readonly #sums: Float64Array;
  /** The row added last, and its examples. */
  readonly #last: Float64Array;
  #lastExamples = 0;
  #steps = 0;
  #examples = 0;
  #next = 0;

  constructor(metrics: readonly string[]) {
    this.#metrics = metrics;
    this.#sums = new Float64Array(LOG.metrics + metrics.length);
    this.#last = new Float64Array(this.#sums.length);
  }

  /** The step after the one added last. */
  get next(): number {
    return this.#next;
  }

  /** Adds the row of `step` (from 0), whose batch had `examples`, and tells whether all in it was finite. Small networks come here 300,000 times a second. */
  add(ring: ArrayLike<number>, step: number, examples: number): boolean {
    const [sums, last] = [this.#sums, this.#last];
    const first = (step * sums.length) % ring.length;
    for (let i = 0; i < sums.length; i++) {
      last[i] = ring[first + i] as number;
      sums[i] = (sums[i] as number) + (last[i] as number);
    }
    this.#steps++;
    this.#examples += examples;
    this.#lastExamples = examples;
    this.#next = step + 1;
    return last[LOG.health] === 0;
  }

  /** Begins a new epoch. */
  clear(): void {
    this.#sums.fill(0);
    this.#steps = 0;
    this.#examples = 0;
  }

  save(): SavedLog {
    return { sums: this.#sums.slice(), steps: this.#steps, examples: this.#examples };
  }

  /** Goes on before step `next` from sums that were saved, those of as many metrics; without them, from nothing. */
  restore(saved: SavedLog | undefined, next: number): void {
    this.clear();
    this.#next = next;
    if (saved?.sums.length !== this.#sums.length) return;
    this.#sums.set(saved.sums);
    this.#steps = saved.steps;
    this.#examples = saved.examples;
  }

  /** The means of the step added last. */
  lastMeans() {
    return this.#meansOf(this.#last, 1, this.#lastExamples);
  }

  means() {
    return this.#meansOf(this.#sums, this.#steps, this.#examples);
  }

  #meansOf(row: ArrayLike<number>, steps: number, examples: number): { loss: number; metrics: Record<string, number> } {
    const at = (column: number) => row[column] as number;
    const metrics = Object.fromEntries(this.#metrics.map((name, i) => [name, at(LOG.metrics + i) / examples]));
    return { loss: at(LOG.loss) / at(LOG.weight) + at(LOG.penalty) / steps, metrics };
  }
}
