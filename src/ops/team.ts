// Teams: on GPUs several threads of a workgroup share one result, each folds every LANES-th element, and a tree folds what they have. Where
// barriers cost more than they save (software adapters, whole steps in one kernel), a thread has a result to itself.
import library from "../../shaders/lib/team.wgsl?raw";
import type { Kernel, Profile } from "../graph/form.ts";

/** How the threads of a kernel share its results. */
export interface Team {
  /** Threads that share a result, a power of two. */
  readonly lanes: number;
  readonly consts: NonNullable<Kernel["consts"]>;
  /** `team_of(workgroup, thread)`, `may_leave(is_idle)` and `member`: which of its team's lanes a thread is. */
  readonly text: string;
  readonly workgroups: number;
}

/** What a kernel's results are like. */
export interface Shares {
  readonly results: number;
  /** Elements folded into each. */
  readonly count: number;
  /** They lie side by side in memory: so do the lanes that read them. Otherwise neighbouring results do. */
  readonly isContiguous: boolean;
  /** Elements that a thread takes at a time; 1 when left out. */
  readonly width?: number;
  /** Threads of all workgroups together from which more are of no use; what fills a GPU when left out. */
  readonly enough?: number;
}

/** Threads of a workgroup of teams. */
export const TEAM_THREADS = 256;
/** Threads that keep a large GPU's memory busy. */
const ENOUGH = 131_072;
/** What each lane has to fold at least, so that the tree is worth it. */
const LEAST = 4;
/** Neighbouring lanes that read whole lines of memory, and elements of a result for which it pays although there are threads enough. */
const COALESCED = { lanes: 32, count: 64 };
/** Neighbouring results that do. */
const NEIGHBOURS = 8;

const atLeast = (value: number) => 2 ** Math.ceil(Math.log2(Math.max(1, value)));
const atMost = (value: number) => 2 ** Math.floor(Math.log2(Math.max(1, value)));

/** The most threads that may share one of `results` on `profile`. */
export function mostLanes(
  { results, isContiguous }: Pick<Shares, "results" | "isContiguous">,
  profile: Profile,
): number {
  if (profile.family !== "gpu" || profile.within) return 1;
  return isContiguous ? TEAM_THREADS : TEAM_THREADS / Math.min(NEIGHBOURS, atLeast(results));
}

function lanesFor(shares: Shares, profile: Profile): number {
  const { results, count, isContiguous, width = 1, enough = ENOUGH } = shares;
  const most = mostLanes(shares, profile);
  if (most === 1) return 1;
  const turns = Math.floor(count / width);
  const forms = Array.from({ length: Math.log2(atMost(Math.min(TEAM_THREADS, turns))) + 1 }, (_, k) => `${2 ** k}`);
  const chosen = profile.choose?.("lanes", forms);
  if (chosen) return Number(chosen);
  const wanted = Math.max(atLeast(enough / results), isContiguous && count >= COALESCED.count ? COALESCED.lanes : 1);
  return turns < LEAST * LEAST ? 1 : Math.min(wanted, most, atMost(turns / LEAST));
}

/** The teams that suit `shares`: every lane has an element. `threads` is the workgroup of threads that have a result each. */
export function teamFor(shares: Shares, profile: Profile, threads = 64): Team {
  const lanes = lanesFor(shares, profile);
  const { results, isContiguous } = shares;
  if (lanes === 1) {
    const consts = { THREADS: threads, LANES: 1, COLUMNS: threads, member: 0 };
    return { lanes, consts, text: ALONE, workgroups: Math.ceil(results / threads) };
  }
  const COLUMNS = TEAM_THREADS / lanes;
  const [LANE_STEP, COLUMN_STEP] = isContiguous ? [1, lanes] : [COLUMNS, 1];
  const consts = { THREADS: TEAM_THREADS, LANES: lanes, COLUMNS, LANE_STEP, COLUMN_STEP };
  return { lanes, consts, text: library, workgroups: Math.ceil(results / COLUMNS) };
}

const ALONE = `fn team_of(workgroup: u32, thread: u32) -> u32 { return workgroup * THREADS + thread; }
fn may_leave(is_idle: bool) -> bool { return is_idle; }`;

/**
 * WGSL of `name(value, thread) -> type`, which folds the values of a team's lanes: all threads of the workgroup call it, and all lanes get the
 * result. `combine` is the body of a function of `a` and `b` (of a lane behind).
 */
export function teamFold({ lanes }: Team, name: string, type: string, combine: string): string {
  if (lanes === 1) return `fn ${name}(value: ${type}, thread: u32) -> ${type} { return value; }`;
  return `var<workgroup> ${name}_values: array<${type}, THREADS>;
fn ${name}_of_two(a: ${type}, b: ${type}) -> ${type} { ${combine} }
fn ${name}(value: ${type}, thread: u32) -> ${type} {
  workgroupBarrier();
  ${name}_values[thread] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (member < half) { ${name}_values[thread] = ${name}_of_two(${name}_values[thread], ${name}_values[thread + half * LANE_STEP]); }
    workgroupBarrier();
  }
  return ${name}_values[thread - member * LANE_STEP];
}`;
}

/** The body that adds. */
export const ADD = "return a + b;";
