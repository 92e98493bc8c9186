// The confusion matrix and what follows from it, on the host: plain functions on arrays of class indices.
import { DataError, OptionError } from "../core/error.ts";

/** counts[label · classes + prediction]: rows are what is true, columns what was predicted. */
export type ConfusionMatrix = { readonly classes: number; readonly counts: Float64Array };

/** Precision, recall and F₁: of one class, or an average. Where nothing was predicted (or true), they are 0. */
export type Scores = { readonly precision: number; readonly recall: number; readonly f1: number };

/** A class's scores and how many examples are truly of it. */
export type ClassScores = Scores & { readonly support: number };

/** "macro": every class counts alike; "weighted": by its support; "micro": every example alike, which makes all three the accuracy. */
export type Average = "macro" | "micro" | "weighted";

/**
 * Counts how often each class was predicted for each true class. Predictions and labels are class indices.
 * Throws DataError for an index outside 0 … classes − 1 and for lengths that differ.
 *
 * @example
 * const matrix = confusionMatrix([1, 0, 1], [1, 1, 1], 2); // counts [0, 0, 1, 2]
 */
export function confusionMatrix(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new OptionError(`confusionMatrix: classes must be a whole number from 1 on: ${classes}`, { classes });
  }
  if (predictions.length !== labels.length) {
    throw new DataError(`confusionMatrix: counts differ: ${predictions.length} predictions, ${labels.length} labels`);
  }
  const counts = new Float64Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    const at = classAt(labels, i, "label", classes) * classes + classAt(predictions, i, "prediction", classes);
    counts[at] = (counts[at] as number) + 1;
  }
  return { classes, counts };
}

/** The share of examples that were predicted right. Throws DataError for a matrix of no examples. */
export function accuracyOf({ classes, counts }: ConfusionMatrix): number {
  const total = sum(counts);
  if (total === 0) throw new DataError("accuracyOf: there are no examples: count 0");
  return sum(Array.from({ length: classes }, (_, c) => counts[c * classes + c] as number)) / total;
}

/** The scores of each class: precision TP / (TP + FP), recall TP / (TP + FN), F₁ = 2·TP / (2·TP + FP + FN). */
export function classScores({ classes, counts }: ConfusionMatrix): ClassScores[] {
  return Array.from({ length: classes }, (_, c) => {
    const right = counts[c * classes + c] as number;
    const support = sum(counts.subarray(c * classes, (c + 1) * classes));
    const predicted = sum(counts.filter((_, at) => at % classes === c));
    return {
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, predicted + support),
      support,
    };
  });
}

/**
 * Precision, recall and F₁ over all classes, as scikit-learn averages them (macro F₁ is the mean of the classes' F₁).
 * Throws DataError for a matrix of no examples, OptionError for an unknown average.
 */
export function averageScores(matrix: ConfusionMatrix, average: Average = "macro"): Scores {
  const accuracy = accuracyOf(matrix);
  if (average === "micro") return { precision: accuracy, recall: accuracy, f1: accuracy };
  if (average !== "macro" && average !== "weighted") {
    throw new OptionError(`averageScores: average must be "macro", "micro" or "weighted": ${JSON.stringify(average)}`);
  }
  const scores = classScores(matrix);
  const weights = scores.map(({ support }) => (average === "macro" ? 1 : support));
  const mean = (name: keyof Scores) =>
    sum(scores.map((score, c) => score[name] * (weights[c] as number))) / sum(weights);
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

function classAt(values: ArrayLike<number>, i: number, what: string, classes: number): number {
  const value = values[i] as number;
  if (Number.isInteger(value) && value >= 0 && value < classes) return value;
  throw new DataError(`confusionMatrix: a ${what} is not a class index below ${classes}: ${value} at example ${i}`, {
    index: i,
  });
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}
