// Teams: on GPUs several threads of a workgroup share one result, each folds every LANES-th element, and a tree folds what they have. Where
// barriers cost more than they save (software adapters, whole steps in one kernel), a thread has a result to itself.
import library from "../../shaders/lib/team.wgsl?raw";
import type { Kernel, Profile } from "../graph/form.ts";

/** What a kernel's results are like. */
interface Shares {
  readonly results: number;
  /** Elements folded into each. */
  readonly count: number;
  /** They lie side by side in memory: so do the lanes that read them. Otherwise neighbouring results do. */
  readonly isContiguous: boolean;
  /** Elements that a thread takes at a time; 1 when left out. */
  readonly width?: number;
}

/** A function that folds the values of a team's lanes: its name, the values' type, and the body of a function of `a` and `b` (of a lane behind). */
type Fold = readonly [name: string, type: string, combine: string];

/** How the threads of a kernel share its results: what it needs for that, and how many share one. */
interface Team extends Required<Pick<Kernel, "consts" | "code" | "workgroups">> {
  readonly lanes: number;
}

/** Threads of a workgroup of teams, and of all of them where they keep a large GPU's memory busy. */
const MOST = 256;
const ENOUGH = 131_072;
/** What each lane folds at least, so that the tree is worth it. */
const LEAST = 4;
/** Neighbouring lanes that read whole lines of memory, and elements of a result for which it pays although there are threads enough. */
const COALESCED = { lanes: 32, count: 64 };
/** Neighbouring results that do. */
const NEIGHBOURS = 8;

function lanesFor({ results, count, isContiguous, width = 1 }: Shares, { family, within, choose }: Profile): number {
  if (family !== "gpu" || within) return 1;
  const turns = count / width;
  const forms = [1, 4, 32, MOST].filter((lanes) => lanes <= turns);
  const wanted = Math.max(ENOUGH / results, isContiguous && count >= COALESCED.count ? COALESCED.lanes : 1);
  const most = isContiguous ? MOST : MOST / Math.min(NEIGHBOURS, results);
  const lanes = Math.max(1, Math.min(wanted, most, turns / LEAST));
  return Number(choose?.("lanes", forms.map(String)) ?? 2 ** Math.floor(Math.log2(lanes)));
}

/**
 * The teams that suit `shares`; every lane has an element. In WGSL: `team_of(workgroup, thread)` is the result that a thread shares, and `member`,
 * from then on, which of the lanes it is; `may_leave(is_idle)` says whether nobody waits for it; each of `folds`, called by all threads of
 * the workgroup with a value and `thread`, gives the whole to all. `threads`: the workgroup of threads that have a result each.
 */
export function teamFor(shares: Shares, profile: Profile, folds: readonly Fold[], threads = 64): Team {
  const lanes = lanesFor(shares, profile);
  const isAlone = lanes === 1;
  const THREADS = isAlone ? threads : MOST;
  const COLUMNS = THREADS / lanes;
  const [LANE_STEP, COLUMN_STEP] = shares.isContiguous ? [1, lanes] : [COLUMNS, 1];
  return {
    lanes,
    consts: { THREADS, LANES: lanes, COLUMNS, ...(isAlone ? { member: 0 } : { LANE_STEP, COLUMN_STEP }) },
    code: [isAlone ? ALONE : library, ...folds.map((fold) => foldText(fold, isAlone))].join("\n"),
    workgroups: Math.ceil(shares.results / COLUMNS),
  };
}

const ALONE = `fn team_of(workgroup: u32, thread: u32) -> u32 { return workgroup * THREADS + thread; }
fn may_leave(is_idle: bool) -> bool { return is_idle; }`;

function foldText([name, type, combine]: Fold, isAlone: boolean): string {
  const head = `fn ${name}(value: ${type}, thread: u32) -> ${type} {`;
  if (isAlone) return `${head} return value; }`;
  return `var<workgroup> ${name}_all: array<${type}, THREADS>;
fn ${name}_pair(a: ${type}, b: ${type}) -> ${type} { ${combine} }
${head}
  workgroupBarrier();
  ${name}_all[thread] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (member < half) { ${name}_all[thread] = ${name}_pair(${name}_all[thread], ${name}_all[thread + half * LANE_STEP]); }
    workgroupBarrier();
  }
  return ${name}_all[thread - member * LANE_STEP];
}`;
}

/** The fold that adds. */
export const sumOf = (type: string): Fold => ["sum_of_team", type, "return a + b;"];
