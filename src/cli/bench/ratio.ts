// How many times as fast one row is as another.
import type { Row } from "./row.ts";

/** In wall time and per CPU-second; nothing where a row has no such figure. */
export type Ratios = readonly [wall: number | undefined, cpu: number | undefined];

export function ratiosOf(row: Row, other: Row): Ratios {
  const cpu = (each: Row) => each.stepsPerCpuSecond ?? each.gflopsPerCpuSecond;
  return [ratio(other.milliseconds, row.milliseconds), ratio(cpu(row), cpu(other))];
}

/** gpugrad against the peer of this row, in the same case on the same adapter. Nothing for gpugrad itself. */
export function leadOf(row: Row, rows: readonly Row[]): Ratios {
  const isOwn = (each: Row) =>
    each.system === "gpugrad" && each.suite === row.suite && each.case === row.case && each.adapter === row.adapter;
  const own = rows.find(isOwn);
  return own && row.system !== "gpugrad" ? ratiosOf(own, row) : [undefined, undefined];
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}
