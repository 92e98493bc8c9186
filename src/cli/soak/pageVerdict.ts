// Whether what was left after each round of a page grew.
import { trendOf } from "./verdict.ts";

/** What was there after a round. */
export interface PageLevel {
  readonly round: number;
  readonly changes: number;
  readonly seconds: number;
  /** Of the worker's device. */
  readonly buffers: number;
  readonly bytes: number;
  readonly textures: number;
  /** Bytes of JavaScript objects of page and worker after collection. */
  readonly heap: number;
}

/** Rounds in which everything that is made once is made, such as memory for readings, as much as is ever under way at once. */
const WARM_UP = 4;
/** Rounds from which on a trend can be told from that; below, levels are shown and not judged. */
const JUDGED = 20;
/** What the heap may seem to grow by, in bytes a round: functions are compiled when they are first called. */
const HEAP_SLACK = 8 * 1024;

/** Judges the second half of the rounds: no trend in buffers, bytes and textures, nor in the heap. */
export function pageVerdictOf(levels: readonly PageLevel[], mistakes: readonly string[]) {
  const warm = levels.slice(Math.min(WARM_UP, levels.length - 1));
  const late = warm.slice(warm.length >> 1);
  const complaints = [...new Set(mistakes)];
  if (levels.length === 0) complaints.push("no round came to its end");
  const lines = (["buffers", "bytes", "textures", "heap"] as const).map((what) => {
    const values = late.map((level) => level[what]);
    const trend = trendOf(values);
    const slack = what === "heap" ? HEAP_SLACK : 0;
    if (levels.length >= JUDGED && trend > slack) complaints.push(`${NAMES[what]} grow by ${trend.toFixed(1)} a round`);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toLocaleString("en"));
    return `  ${NAMES[what].padEnd(34)} ${least === most ? `${most} throughout` : `${least} … ${most}`}, trend ${trend.toFixed(1)} a round`;
  });
  return { lines, complaints };
}

const NAMES = {
  buffers: "live buffers of the worker",
  bytes: "bytes in them",
  textures: "live textures",
  heap: "bytes of JavaScript after collection",
} as const;
