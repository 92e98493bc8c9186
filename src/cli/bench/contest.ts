// Times gpugrad in turns with the peers that can do the same task.
import { countPeer, openPeers, type PeerName, type Place, type Task } from "./peers.ts";
import type { Row } from "./row.ts";
import { type Contestant, type Timing, timedInTurns } from "./timing.ts";

/** What peers are given to do, and where. */
export interface Challenge {
  readonly place: Place;
  readonly task: Task;
  /** Told what a peer computed first, says what is wrong with it. */
  readonly check: (first: Float32Array) => string | undefined;
}

export interface Contest {
  readonly suite: string;
  readonly case: string;
  readonly own: Contestant;
  /** Nothing: gpugrad is timed alone. */
  readonly challenge: Challenge | undefined;
  /** Seconds that a turn should take. */
  readonly seconds: number;
  /** What a timing means in this suite. */
  readonly figures: (timing: Timing) => Partial<Row>;
}

/** gpugrad's timing, and a row for each peer: its figures, or why it has none. */
export async function hold(contest: Contest): Promise<{ readonly timing: Timing; readonly peers: readonly Row[] }> {
  const { own, challenge, seconds, figures } = contest;
  if (!challenge) return { timing: (await timedInTurns([own], seconds))[0] as Timing, peers: [] };
  const { place, task, check } = challenge;
  const labels = (system: PeerName) => ({ suite: contest.suite, case: contest.case, system, adapter: place.adapter });
  const { ready, failed } = await openPeers(place, task, check);
  const [timing, ...others] = await timedInTurns([own, ...ready], seconds);
  for (const peer of ready) peer.end();
  const rows: Row[] = [];
  for (const [i, { name, failure }] of ready.entries()) {
    const note = failure();
    if (note !== undefined) rows.push({ ...labels(name), note });
    else rows.push({ ...labels(name), ...figures(others[i] as Timing), ...(await countPeer(place, name, task)) });
  }
  rows.push(...failed.map(({ name, note }) => ({ ...labels(name), note })));
  return { timing: timing as Timing, peers: rows };
}
