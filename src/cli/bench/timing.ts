// Wall and CPU time of something that is done over and over, alone or in turns with others.
import { setTimeout } from "node:timers/promises";

/** What `times` repetitions took. */
export interface Spent {
  readonly times: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Something that can be done over and over; it says how often it was, at least as often as was asked. */
export interface Contestant {
  readonly run: (times: number) => Promise<Spent>;
  /** The fewest and the most times in one turn. */
  readonly fewest?: number;
  readonly most?: number;
}

export interface Timing {
  /** Medians of doing it once. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Distance between the quarters as a share of the median. */
  readonly spread: number;
  /** How often one turn did it. */
  readonly times: number;
}

const TURNS = 7;
/** Seconds of a turn beyond which a contestant takes but the first, middle and last turn, or the middle one alone. */
const SLOW = 2;
const VERY_SLOW = 8;

/** Times `contestants`, which have been warmed up, in turns of about `seconds`: what slows the machine down meets all of them. */
export async function timedInTurns(contestants: readonly Contestant[], seconds: number): Promise<Timing[]> {
  const pace: Pace[] = [];
  for (const contestant of contestants) pace.push(await paceOf(contestant, seconds));
  const spent: Spent[][] = contestants.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, { run }] of contestants.entries()) {
      const { times, every } = pace[i] as Pace;
      if (turn % every === (every === TURNS ? (TURNS - 1) / 2 : 0)) spent[i]?.push(await run(times));
    }
  }
  return spent.map(timingOf);
}

/** How often in a turn, and in which of the turns: each, every third, one of all. */
interface Pace {
  readonly times: number;
  readonly every: number;
}

/** How often it must be done to take `wanted` seconds: found from the fewest times on, eight times as often at most each time. */
async function paceOf({ run, fewest = 1, most = 2 ** 20 }: Contestant, wanted: number): Promise<Pace> {
  let times = fewest;
  for (;;) {
    const { seconds } = await run(times);
    const next = Math.ceil(times * Math.min(8, (0.9 * wanted) / seconds));
    if (Number.isNaN(seconds)) return { times, every: 1 };
    if (seconds > wanted / 2 || times >= most) {
      const chosen = Math.max(fewest, Math.min(next, most));
      const expected = (seconds * chosen) / times;
      return { times: chosen, every: expected > VERY_SLOW ? TURNS : expected > SLOW ? (TURNS - 1) / 2 : 1 };
    }
    times = Math.min(most, Math.max(times + 1, next));
  }
}

function timingOf(spent: readonly Spent[]): Timing {
  const each = spent.map(({ seconds, times }) => seconds / times);
  const seconds = quantile(each, 0.5);
  return {
    seconds,
    cpuSeconds: quantile(
      spent.map(({ cpuSeconds, times }) => cpuSeconds / times),
      0.5,
    ),
    spread: (quantile(each, 0.75) - quantile(each, 0.25)) / seconds,
    times: Math.max(...spent.map(({ times }) => times)),
  };
}

/** A contestant of this process: `work` does it so many times, or more and says how many. */
export function contestant(work: (times: number) => Promise<unknown>): Contestant {
  return {
    async run(times) {
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      const done = await work(times);
      const used = process.cpuUsage(cpu);
      const seconds = (performance.now() - start) / 1000;
      return { times: typeof done === "number" ? done : times, seconds, cpuSeconds: (used.user + used.system) / 1e6 };
    },
  };
}

/** The value below which the share `q` of all values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

/** Waits for a device: Dawn polls while a promise is pending, and would take the core that a software adapter computes on. */
export async function patiently<Result>(expected: number, result: () => Promise<Result>): Promise<Result> {
  const nap = expected * 900;
  if (nap > 2) await setTimeout(nap);
  return result();
}
