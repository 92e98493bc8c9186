// The figure of what a dispatch costs the host, in Node and in a page.
import { HOST_CASES, measureHost } from "../bench/host.ts";
import type { Row } from "../bench/row.ts";
import { verdictOf, withSpread } from "./beside.ts";
import type { Figure } from "./figure.ts";

/** µs of a dispatch at most. */
const BOUNDS = { "replay-mlp-adam": 2.5, "replay-mlp-adam-chromium": 0.5 };

/** The same calls with no engine around them: what no replay in Node can go below. */
const FLOOR = "bare-calls";

export const hostCost: Figure = {
  name: "host",
  what: "host time of a replayed dispatch, µs, Node; Chromium",
  bound: Object.values(BOUNDS)
    .map((most) => `≤ ${most}`)
    .join("; "),
  async measure(bench) {
    const found = await bench.find(bench.device);
    if (!found?.gpu) return { value: "no GPU", isMet: undefined, data: null };
    const rows: Row[] = [];
    for (const name of [...Object.keys(BOUNDS), FLOOR]) {
      bench.note(`host time, ${name}`);
      rows.push(
        await measureHost(found.gpu, HOST_CASES.find((each) => each.name === name) as (typeof HOST_CASES)[number]),
      );
    }
    const spent = rows.map(({ hostMicroseconds = Number.NaN }) => hostMicroseconds);
    const shown = spent.map((each, i) => withSpread(each, rows[i]?.spread));
    const floor = shown.pop();
    const verdicts = Object.values(BOUNDS).map((most, i) => (spent[i] as number) <= most);
    return {
      value: `${shown.join("; ")} (WebGPU's own calls in Node: ${floor})`,
      isMet: verdictOf(verdicts),
      data: rows,
    };
  },
};
