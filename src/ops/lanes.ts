// Long sums with few results: on GPUs several threads of a workgroup share one; on software adapters, where barriers cost more than they save, none do.
import library from "../../shaders/lib/lanes.wgsl?raw";
import type { Profile } from "../graph/form.ts";

/** Threads that add up one result. */
const LANES = 16;

/** What a kernel with `threads` threads in a workgroup needs to share sums of `count` elements: results of a workgroup, constants, and the text of `sum_of_lanes`. */
export function sharedSums(
  threads: number,
  count: number,
  { family, within }: Profile,
): { readonly columns: number; readonly consts: Readonly<Record<string, number>>; readonly text: string } {
  const isShared = family === "gpu" && !within && count >= LANES;
  const lanes = isShared ? LANES : 1;
  return { columns: threads / lanes, consts: { THREADS: threads, LANES: lanes }, text: isShared ? library : ALONE };
}

const ALONE = "const COLUMNS = THREADS;\nfn sum_of_lanes(total: f32, lane: u32) -> f32 { return total; }";
