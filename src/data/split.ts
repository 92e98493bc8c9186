// Splits a data set into a training and a validation part, at random or with every class in its share.
import { DataError, OptionError } from "../core/error.ts";
import { permutation, STREAM } from "../core/rng.ts";
import { type Dataset, take } from "./dataset.ts";

/** How `split` divides. */
export type SplitOptions = {
  /** The share of examples that goes to validation, between 0 and 1; 0.2 by default. */
  readonly validation?: number;
  /** Takes that share of each class (needs one class index an example). */
  readonly stratified?: boolean;
  /** Chooses the examples; 0 by default. */
  readonly seed?: number;
};

/** Indices of the two parts, in rising order: together every example once. */
export type SplitIndices = { readonly train: Uint32Array; readonly validation: Uint32Array };

/**
 * Splits a set into two, the validation part of round(count · validation) examples. Each keeps the order of the set.
 * Throws OptionError for a share outside (0, 1) or labels that cannot be stratified, DataError where a part would be empty.
 *
 * @example
 * const { train, validation } = split(mnist.train, { validation: 0.1, stratified: true, seed: 1 });
 */
export function split(set: Dataset, options: SplitOptions = {}): { train: Dataset; validation: Dataset } {
  const { stratified = false } = options;
  if (stratified && (set.classes === undefined || set.labelShape.length > 0)) {
    throw new OptionError(`split: stratified needs one class index an example: labels are ${labelsOf(set)}`);
  }
  const { train, validation } = splitIndices(set.count, options, stratified ? set.labels : undefined);
  return { train: take(set, train), validation: take(set, validation) };
}

/** The indices that `split` takes; `classOf` stratifies. Throws as `split` does. */
export function splitIndices(count: number, options: SplitOptions = {}, classOf?: ArrayLike<number>): SplitIndices {
  const { validation: share = 0.2, seed = 0 } = options;
  if (!(share > 0 && share < 1))
    throw new OptionError(`split: validation must lie between 0 and 1: ${share}`, { share });
  const wanted = Math.round(count * share);
  if (wanted < 1 || wanted >= count) {
    throw new DataError(`split: a part would be empty: ${wanted} of ${count} examples for validation`, {
      count,
      share,
    });
  }

  const order = permutation(seed, STREAM.split, count);
  const chosen = new Uint8Array(count);
  for (const { members, quota } of quotas(order, wanted, share, classOf)) {
    for (const example of members.slice(0, quota)) chosen[example] = 1;
  }
  const part = (value: number) => order.filter((example) => chosen[example] === value).sort();
  return { train: part(0), validation: part(1) };
}

type Group = { readonly members: readonly number[]; quota: number };

/** The examples by class, in random order, and how many of each go to validation: largest remainders make up the sum. */
function quotas(order: Uint32Array, wanted: number, share: number, classOf: ArrayLike<number> | undefined): Group[] {
  const byClass = new Map<number, number[]>();
  for (const example of order) {
    const label = classOf?.[example] ?? 0;
    const members = byClass.get(label);
    if (members) members.push(example);
    else byClass.set(label, [example]);
  }
  const groups = [...byClass.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => ({ members, quota: Math.floor(members.length * share) }));
  const remainder = ({ members }: Group) => (members.length * share) % 1;
  let missing = wanted - groups.reduce((sum, { quota }) => sum + quota, 0);
  for (const group of [...groups].sort((a, b) => remainder(b) - remainder(a))) {
    if (missing <= 0) break;
    group.quota += 1;
    missing -= 1;
  }
  return groups;
}

function labelsOf(set: Dataset): string {
  return set.classes === undefined ? "targets" : `class indices of shape [${set.labelShape.join(", ")}]`;
}
