// Makes one module of a whole plan, for networks so small that dispatches cost more than what they compute: a single workgroup runs the
// groups one after another, step after step. Every group keeps its shader file and what fills it; the threads of its dispatch become a loop.
// A workgroup of one thread has no barriers, and its loops are written out, so that most values lie in registers.
import type { Profile, Within } from "../graph/form.ts";
import type { Plan } from "../passes/plan.ts";
import { type Filled, fill } from "./fill.ts";
import { neededFrom } from "./library.ts";
import { sizesText } from "./link.ts";
import { type BoundMemory, SoloPlaces, Variables } from "./soloMemory.ts";
import { inTurns, type Part } from "./turns.ts";
import { unrolled } from "./unroll.ts";

/** A plan as one kernel. */
export interface Solo {
  readonly code: string;
  /** Threads of its workgroup. */
  readonly lanes: number;
  /** The memories bound: binding k + 1 of group 0 each; binding 0 is the sizes. */
  readonly bindings: readonly BoundMemory[];
  /** Memories that share one more binding, the last one, as a copy of each: few enough are bound then. None where enough can be bound. */
  readonly gathered: readonly number[];
  /** Run-time values; the first is the number of steps. */
  readonly sizes: readonly number[];
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number;
}

/** Sizes up to this are written into the code: drivers unroll loops so short, and compile them fast enough. */
const SHORT = 8;
/** The same for a thread alone, whose loops we write out. */
const SHORT_ALONE = 32;
/** Threads of a dispatch that a thread alone takes one by one, without a loop. */
const FEW_THREADS = 64;

/**
 * The module of all groups of `plan`, with at most `most` storage buffers; undefined when that is too few, or a group needs more than one
 * workgroup of `profile.within.lanes` threads.
 */
export function linkSolo(plan: Plan, profile: Profile, most: number): Solo | undefined {
  const { lanes } = profile.within as Within;
  const isAlone = lanes === 1;
  const short = isAlone ? SHORT_ALONE : SHORT;
  const variables = new Variables(plan, isAlone);
  const sizes = new Map([["steps", 1]]);
  const libraries = new Set<string>();
  const texts: string[] = [];
  const parts: Part[] = [];
  for (const [i, group] of plan.groups.entries()) {
    const places = new SoloPlaces(group, plan, variables);
    const filled = fill(group, places, profile);
    const entry = entryOf(filled, lanes);
    if (!entry) return undefined;
    for (const library of filled.libraries) libraries.add(library);
    const own = renamer(i, entry.text, filled, places.rawNames(), short);
    for (const [name, value] of filled.sizes) if (value > short) sizes.set(own.sizeName(name), value);
    const text = [entry.text, ...filled.appended].map(own.rename);
    texts.push(...(isAlone ? text.map((each) => unrolled(each, short, own.known)) : text));
    parts.push({ call: own.rename(entry.call), touches: places.touches });
  }
  if (variables.bound().length > most) variables.gather();
  const gathered = variables.gathered();
  const bindings = variables.bound();
  if (bindings.length + (gathered.length > 0 ? 1 : 0) > most) return undefined;
  const barrier = isAlone ? [] : ["workgroupBarrier();"];
  const step = isAlone ? parts.map(({ call }) => call) : inTurns(parts, (memory) => variables.isShared(memory));
  const own = [
    sizesText(sizes),
    ...variables.declarations(),
    ...texts,
    `@compute @workgroup_size(${lanes})`,
    "fn main(@builtin(local_invocation_index) lane: u32) {",
    ...variables.fetches(lanes),
    ...barrier,
    "for (var step = 0u; step < sizes.steps; step++) {",
    ...step,
    "}",
    ...barrier,
    ...variables.returns(lanes),
    "}",
  ].join("\n");
  return {
    code: `${own}\n${neededFrom(libraries, own)}\n`,
    lanes,
    bindings,
    gathered,
    sizes: [...sizes.values()],
    workgroupBytes: variables.workgroupBytes,
  };
}

/** What the entry point of a shader file may ask for, where thread THREAD of workgroups of SIZE runs. */
const GIVEN: Readonly<Record<string, string>> = {
  workgroup_id: "vec3u(THREAD / SIZE, 0u, 0u)",
  num_workgroups: "vec3u(GROUPS, 1u, 1u)",
  local_invocation_index: "THREAD % SIZE",
};

/** The file with its entry point made a function, and the loop over threads that calls it. */
function entryOf({ kernel, sizes, appended }: Filled, lanes: number): { text: string; call: string } | undefined {
  const { shader, consts = {}, workgroups, enables = [] } = kernel;
  if (kernel.elements) {
    const loop = threadLoop(sizes.get("row_size") ?? 0, lanes, "element(thread, 0u, values);");
    return { text: "", call: `{ let values = ahead(0u); ${loop} }` };
  }
  const found = /@compute @workgroup_size\((\w+)\)\s*fn main\(((?:[^()]|\(\w+\))*)\)/.exec(shader);
  if (!found || enables.length > 0) return undefined;
  const [whole, written, given] = found as unknown as [string, string, string];
  const size = Number(consts[written] ?? written);
  const works = /Barrier|var<workgroup>/.test([shader, ...appended].join()) ? "together" : "alone";
  if (works === "together" && (workgroups !== 1 || size !== lanes)) return undefined;
  const parameters = [...given.matchAll(/@builtin\((\w+)\) (\w+: \w+)/g)];
  const values = parameters.map(([, name = ""]) => GIVEN[name]);
  if (values.includes(undefined)) return undefined;
  const call = `main(${values.join(", ")});`
    .replaceAll("THREAD", works === "together" ? "lane" : "thread")
    .replaceAll("SIZE", `${size}u`)
    .replaceAll("GROUPS", `${workgroups}u`);
  return {
    text: (lanes === 1 ? shader.replaceAll("workgroupBarrier();", "") : shader).replace(
      whole,
      `fn main(${parameters.map(([, , parameter]) => parameter).join(", ")})`,
    ),
    call: works === "together" ? call : threadLoop(kernel.threads ?? workgroups * size, lanes, call),
  };
}

function threadLoop(count: number, lanes: number, call: string): string {
  if (lanes === 1 && count <= FEW_THREADS)
    return Array.from({ length: count }, (_, i) => call.replace(/\bthread\b/g, `${i}u`)).join("\n");
  if (count <= lanes) return `if (lane < ${count}u) { let thread = lane; ${call} }`;
  return `for (var thread = lane; thread < ${count}u; thread += ${lanes}u) { ${call} }`;
}

/** Gives what a group's text declares names of its own, and small sizes their values. */
function renamer(
  group: number,
  text: string,
  { appended, sizes, kernel }: Filled,
  raw: ReadonlyMap<string, string>,
  short: number,
) {
  const declared = `${text}\n${appended.join("\n")}`.matchAll(/^(?:fn|struct|const|alias|var<private>) (\w+)/gm);
  const own = new Set([...declared].map(([, name]) => name));
  const sizeName = (name: string) => (name in kernel.sizes ? `g${group}_${name}` : name);
  const size = (name: string) => {
    const value = sizes.get(name) ?? Number.POSITIVE_INFINITY;
    return value > short ? `sizes.${sizeName(name)}` : `${value}u`;
  };
  const rename = (body: string) =>
    body
      .replace(/\bsizes\.(\w+)/g, (_, name) => size(name))
      .replace(/(?<!\.)\b[a-zA-Z_]\w*\b/g, (name) => raw.get(name) ?? (own.has(name) ? `g${group}_${name}` : name));
  const known = new Map(
    Object.entries(kernel.consts ?? {}).flatMap(([name, value]) =>
      typeof value === "number" ? [[`g${group}_${name}`, value] as const] : [],
    ),
  );
  return { sizeName, rename, known };
}
