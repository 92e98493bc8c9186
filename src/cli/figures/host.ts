// The figure of what a dispatch costs the host, in Node and in a page.
import { HOST_CASES, measureHost } from "../bench/host.ts";
import { withSpread } from "./beside.ts";
import type { Figure } from "./figure.ts";

const MOST = 2.5;

export const hostCost: Figure = {
  name: "host",
  what: "host time of a replayed dispatch, µs, Node; Chromium",
  bound: "≤ 2.5; ≤ 0.5",
  async measure(bench) {
    const found = await bench.find(bench.device);
    if (!found?.gpu) return { value: "no GPU", isMet: undefined, data: null };
    bench.note("host time of replays in Node");
    const row = await measureHost(found.gpu, HOST_CASES[0] as (typeof HOST_CASES)[number]);
    const { hostMicroseconds = Number.NaN, spread } = row;
    return { value: withSpread(hostMicroseconds, spread), isMet: hostMicroseconds <= MOST, data: [row] };
  },
};
