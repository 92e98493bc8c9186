/**
 * The course of a training run as plain arrays, ready to plot or to write as JSON.
 * @module
 */

/** Loss and metrics of one report, and of the validation set where it came at the end of an epoch. */
export type Measured = { readonly loss: number; readonly metrics: Readonly<Record<string, number>> };

/** What of a report the history keeps. A trainer's report has more fields. */
export type HistoryEntry = Measured & {
  readonly epoch: number;
  /** Steps done in all. */
  readonly totalSteps: number;
  readonly validation?: Measured | undefined;
};

/** Equally long columns: entry i of each belongs to the i-th report. Where a report lacked a metric, there is NaN (null in JSON). */
export type Columns = {
  readonly epoch: number[];
  /** Steps done in all when the report came. */
  readonly step: number[];
  readonly loss: number[];
  readonly metrics: Record<string, number[]>;
};

/** Columns of the training reports, and shorter ones of those that carried a validation. */
export type History = { readonly train: Columns; readonly validation: Columns };

/** A history of no reports. */
export function emptyHistory(): History {
  return { train: emptyColumns(), validation: emptyColumns() };
}

/**
 * Appends a report to the history, in place.
 *
 * @example
 * const history = emptyHistory();
 * for await (const report of trainer.fit(set, { epochs: 3 })) record(history, report);
 * plot(history.train.step, history.train.loss);
 */
export function record(history: History, report: HistoryEntry): void {
  append(history.train, report, report);
  if (report.validation) append(history.validation, report, report.validation);
}

function emptyColumns(): Columns {
  return { epoch: [], step: [], loss: [], metrics: {} };
}

function append(columns: Columns, { epoch, totalSteps }: HistoryEntry, { loss, metrics }: Measured): void {
  for (const name of Object.keys(metrics)) {
    if (!Object.hasOwn(columns.metrics, name)) columns.metrics[name] = columns.step.map(() => Number.NaN);
  }
  for (const [name, column] of Object.entries(columns.metrics)) column.push(metrics[name] ?? Number.NaN);
  columns.epoch.push(epoch);
  columns.step.push(totalSteps);
  columns.loss.push(loss);
}
