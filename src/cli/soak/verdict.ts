// Whether what was left after each round grew.

/** What was there after a round. */
export interface Level {
  readonly round: number;
  readonly steps: number;
  readonly seconds: number;
  /** On the device that stays open. */
  readonly buffers: number;
  readonly bytes: number;
  /** Made on that device since the start. */
  readonly pipelines: number;
  /** Buffers of devices that have come and gone. */
  readonly left: number;
  /** Bytes of JavaScript objects after collection. */
  readonly heap: number;
  /** Bytes of memory of the whole process. */
  readonly resident: number;
}

/** Rounds after which everything that is made once has been made. */
export const WARM_UP = 8;
/** What the heap may seem to grow by, in bytes a round and in all: functions are compiled when they are first called. */
const HEAP_SLACK = 1024;
const HEAP_NOISE = 2 ** 16;
/** Rounds from which on a trend of the heap can be told from the code that is still being compiled; below, it is shown and not judged. */
const HEAP_ROUNDS = 40;

export interface Verdict {
  /** What was watched, for people. */
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
  /** Bytes a round, in the second half. */
  readonly heapTrend: number;
}

/** Judges the rounds after warm-up: counts on the device must stay what they are, the heap must not have a trend. */
export function verdictOf(levels: readonly Level[], mistakes: readonly string[]): Verdict {
  const warm = levels.slice(Math.min(WARM_UP, levels.length - 1));
  const complaints = [...new Set(mistakes)];
  const lines = (["buffers", "bytes", "pipelines", "left"] as const).map((what) => {
    const values = warm.map((level) => level[what]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    if (least !== most || (what === "left" && most > 0)) complaints.push(`${NAMES[what]} change: ${least} … ${most}`);
    return `  ${NAMES[what].padEnd(34)} ${least === most ? `${most.toLocaleString("en")} throughout` : `${least} … ${most}`}`;
  });
  const late = warm.slice(warm.length >> 1).map(({ heap }) => heap);
  const heapTrend = trendOf(late);
  if (late.length >= HEAP_ROUNDS && heapTrend > HEAP_SLACK && heapTrend * late.length > HEAP_NOISE) {
    complaints.push(`the heap grows by ${(heapTrend / 1024).toFixed(1)} KB a round`);
  }
  const [first, last] = [warm[0] as Level, warm.at(-1) as Level];
  const mega = (value: number) => (value / 2 ** 20).toFixed(1);
  lines.push(
    `  ${"heap after collection".padEnd(34)} ${mega(first.heap)} → ${mega(last.heap)} MB, trend ${(heapTrend / 1024).toFixed(2)} KB a round`,
    `  ${"memory of the process".padEnd(34)} ${mega(first.resident)} → ${mega(last.resident)} MB`,
  );
  return { lines, complaints, heapTrend };
}

const NAMES = {
  buffers: "live buffers",
  bytes: "live bytes",
  pipelines: "pipelines made",
  left: "buffers left by closed devices",
} as const;

/** The middle of the slopes between all pairs (Theil and Sen): a few odd values do not move it. */
export function trendOf(values: readonly number[]): number {
  const slopes = values.flatMap((from, i) => values.slice(i + 1).map((to, k) => (to - from) / (k + 1)));
  slopes.sort((a, b) => a - b);
  return slopes[slopes.length >> 1] ?? 0;
}
