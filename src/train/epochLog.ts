// Reads what the steps logged on the device: sums over examples, turned into means.
import { RING_ROWS } from "./feed.ts";
import { LOG } from "./step.ts";

/** Sums since an epoch began. */
export class EpochLog {
  readonly #metrics: readonly string[];
  readonly #sums: Float64Array;
  #steps = 0;
  #examples = 0;

  constructor(metrics: readonly string[]) {
    this.#metrics = metrics;
    this.#sums = new Float64Array(LOG.metrics + metrics.length);
  }

  /** Adds the row of `step` (from 0), whose batch had `examples`, and gives that step's own means. */
  add(ring: ArrayLike<number>, step: number, examples: number) {
    const width = this.#sums.length;
    const row = Array.from({ length: width }, (_, i) => ring[(step % RING_ROWS) * width + i] as number);
    row.forEach((value, i) => {
      this.#sums[i] = (this.#sums[i] as number) + value;
    });
    this.#steps++;
    this.#examples += examples;
    return { step: step + 1, isHealthy: row[LOG.health] === 0, ...this.#meansOf(row, 1, examples) };
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
