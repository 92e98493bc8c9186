// Rows as tables for people, peers with gpugrad's lead over them.
import Table from "cli-table3";
import colors from "../colors.ts";
import { BARE } from "../start/confusion.ts";
import { leadOf, ratiosOf } from "./ratio.ts";
import { keyOf } from "./results.ts";
import type { Row } from "./row.ts";

export type Figure = Exclude<keyof Row, "suite" | "case" | "system" | "adapter" | "note">;

export const COLUMNS: Readonly<Record<Figure, readonly [title: string, show: (value: number) => string]>> = {
  milliseconds: ["ms", short],
  spread: ["spread", (value) => `±${(50 * value).toFixed(0)} %`],
  stepsPerSecond: ["steps/s", short],
  stepsPerCpuSecond: ["steps/CPU-s", short],
  gflops: ["GFLOP/s", short],
  gflopsPerCpuSecond: ["GFLOP/CPU-s", short],
  gigabytesPerSecond: ["GB/s", short],
  shareOfFma: ["of FMA", percent],
  shareOfCopy: ["of copy", percent],
  hostMicroseconds: ["host µs/dispatch", short],
  dispatches: ["dispatches", short],
  submits: ["submits", short],
  bindGroups: ["bind groups", short],
  buffers: ["buffers", short],
  writes: ["writes", short],
  plannedBytes: ["planned", bytes],
  peakLiveBytes: ["peak live", bytes],
  boundBytes: ["bound", bytes],
  boundOfPeak: ["bound / peak", (ratio) => ratio.toFixed(3)],
  inPlaceBytes: ["in place", bytes],
  recomputedBytes: ["recomputed", bytes],
  programBytes: ["program", bytes],
  liveBytes: ["all buffers", bytes],
};

/** The figures that some of these rows have, in the order of columns. Runs a second are left out where there are other rates. */
export function figuresOf(rows: readonly Row[]): Figure[] {
  const has = (name: Figure) => rows.some((row) => row[name] !== undefined);
  const hidden: readonly Figure[] = has("gigabytesPerSecond") ? ["stepsPerSecond", "stepsPerCpuSecond"] : [];
  return (Object.keys(COLUMNS) as Figure[]).filter((name) => has(name) && !hidden.includes(name));
}

/** The rows of one suite. Where there are peers: gpugrad ÷ peer, in wall time and per CPU-second. */
export function tableOf(suite: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.suite === suite);
  const columns = figuresOf(own);
  const hasPeers = own.some(({ system }) => system !== "gpugrad");
  const titles = columns.map((name) => COLUMNS[name][0]);
  const table = tableWith(
    hasPeers ? [suite, "system", "ahead", "per CPU-s", ...titles] : [suite, ...titles],
    hasPeers ? 2 : 1,
  );
  for (const row of own) {
    const cells = columns.map((name) => (row[name] === undefined ? "" : COLUMNS[name][1](row[name])));
    if (!hasPeers) table.push([row.case, ...cells]);
    else if (row.note !== undefined)
      table.push([row.case, row.system, { colSpan: columns.length + 2, content: row.note, hAlign: "left" }]);
    else table.push([row.case, row.system, ...leadOf(row, own).map(times), ...cells]);
  }
  return table.toString();
}

/** What `after` reaches in terms of `before`, row by row where both have it. */
export function comparisonOf(before: readonly Row[], after: readonly Row[]): string {
  const table = tableWith(["case", "system", "adapter", "wall", "CPU"], 3);
  const known = new Map(before.map((row) => [keyOf(row), row]));
  let lone = before.length;
  for (const row of after) {
    const old = known.get(keyOf(row));
    lone += old ? -1 : 1;
    if (old) table.push([`${row.suite} ${row.case}`, row.system, row.adapter, ...ratiosOf(row, old).map(times)]);
  }
  const rest = lone > 0 ? `\n${lone} rows are in one of the files only` : "";
  return `${table.toString()}${rest}`;
}

function tableWith(titles: readonly string[], texts: number) {
  return new Table({
    head: titles.map((title) => colors.bold(title)),
    colAligns: titles.map((_, i) => (i < texts ? "left" : "right")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
}

export function times(ratio: number | undefined): string {
  return ratio === undefined ? "" : `${short(ratio)}×`;
}

export function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : `${Number(value.toPrecision(3))}`;
}

function percent(share: number): string {
  return `${short(100 * share)} %`;
}

function bytes(value: number): string {
  return value < 2 ** 20 ? `${short(value / 2 ** 10)} KiB` : `${short(value / 2 ** 20)} MiB`;
}
