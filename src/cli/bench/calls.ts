// Calls of WebGPU for each of so many steps, as they go into rows.
import type { Row } from "./row.ts";

export type Calls = Readonly<Record<string, number>>;
export type CallFigures = Pick<Row, "dispatches" | "submits" | "bindGroups" | "buffers" | "writes">;

/** What was called between two countings, for each of `times` steps. */
export function callsOf(before: Calls, after: Calls, times: number): CallFigures {
  const each = (name: string) => Number((((after[name] ?? 0) - (before[name] ?? 0)) / times).toPrecision(4));
  return {
    dispatches: each("dispatchWorkgroups"),
    submits: each("submit"),
    bindGroups: each("createBindGroup"),
    buffers: each("createBuffer"),
    writes: each("writeBuffer"),
  };
}
