// Index tables: which example stands where in each batch of an epoch. Shuffling and partial batches are nothing but such tables,
// so one compiled step serves them all.
import { DataError, OptionError } from "../core/error.ts";
import { permutation, STREAM } from "../core/rng.ts";

/** Stands in a table where a partial batch has no example; the mask there is 0. */
export const NO_EXAMPLE = 0xffffffff;

/** One epoch: row s of `indices`, [steps, batchSize], lists the examples of step s; `valid[s]` of them count, the rest is NO_EXAMPLE. */
export type IndexTable = {
  readonly steps: number;
  readonly batchSize: number;
  readonly indices: Uint32Array;
  readonly valid: Uint32Array;
};

export type EpochOptions = {
  /** The order of the examples, new in each epoch; false (default) keeps theirs. */
  readonly shuffle?: boolean;
  /** Chooses the orders together with `epoch`; 0 by default. */
  readonly seed?: number;
  readonly epoch?: number;
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
};

/**
 * The index table of one epoch over `count` examples. A function of its arguments: resuming at an epoch gives that epoch's order.
 * Throws DataError for an empty set, OptionError for a batch size that is no whole number from 1 to `count`.
 *
 * @example
 * const { steps, indices } = epochIndices(60000, 64, { shuffle: true, seed: 1, epoch: 0 }); // 938 steps, the last of 32
 */
export function epochIndices(count: number, batchSize: number, options: EpochOptions = {}): IndexTable {
  const { shuffle = false, seed = 0, epoch = 0, dropLast = false } = options;
  checkBatchSize("epochIndices", batchSize, count);
  const steps = stepsPerEpoch(count, batchSize, dropLast);
  const indices = new Uint32Array(steps * batchSize).fill(NO_EXAMPLE);
  const used = Math.min(count, indices.length);
  if (shuffle) indices.set(permutation(seed, [STREAM.shuffle, epoch], count).subarray(0, used));
  else for (let i = 0; i < used; i++) indices[i] = i;
  const valid = Uint32Array.from({ length: steps }, (_, step) => Math.min(batchSize, used - step * batchSize));
  return { steps, batchSize, indices, valid };
}

/** How many batches an epoch has, a last partial one included unless `dropLast`. */
export function stepsPerEpoch(count: number, batchSize: number, dropLast = false): number {
  return dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
}

/** Refuses an empty set and a batch size that is no whole number from 1 to `count`, in the name of `call`. */
export function checkBatchSize(call: string, batchSize: number, count: number): void {
  if (!(count > 0)) throw new DataError(`${call}: there are no examples: count ${count}`, { count });
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new OptionError(`${call}: batch size must be a whole number from 1 on: ${batchSize}`, { batchSize });
  }
  if (batchSize > count) {
    throw new OptionError(`${call}: the batch is larger than the set: ${batchSize} > ${count}. Use at most ${count}`, {
      batchSize,
      count,
    });
  }
}
