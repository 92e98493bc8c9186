// Loads what the ops of a graph need before it can be scheduled, and not every page that knows them has.
import { topological } from "../graph/node.ts";
import type { Wanted } from "./schedule.ts";

/** Loads the kernels that `wanted` calls for. */
export async function load({ outputs, donations }: Wanted): Promise<void> {
  const loads = new Set(topological([...outputs, ...donations.keys()]).map(({ op }) => op.kernel?.load));
  await Promise.all([...loads].map((load) => load?.()));
}
