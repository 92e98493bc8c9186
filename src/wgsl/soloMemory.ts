// Where the values of a small network lie while its steps run in one kernel: buffers where they are given from outside, else variables of
// the workgroup, or of its only thread.
import { STORED_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import { type Node, storageOf } from "../graph/node.ts";
import type { Group } from "../passes/fuse.ts";
import type { Location, MemoryPlan, Plan } from "../passes/plan.ts";
import { decode } from "./expression.ts";
import type { Places } from "./places.ts";
import type { Touch } from "./turns.ts";

/** A memory that is bound. */
export interface BoundMemory {
  readonly memory: number;
  readonly access: "read" | "read_write";
}

/** How a variable of the module is declared. */
interface Variable {
  readonly memory: number;
  readonly type: string;
  isWritten: boolean;
}

/** Bytes of state, all together, that stay out of buffers as long as a dispatch runs: those are checked at every access. */
const KEPT_BYTES = 8192;

/**
 * The memories of a plan as variables, found as they are used: those given from outside are bound, the others are the kernel's own. Small
 * state is both: it is fetched before the first step, and returned after the last.
 */
export class Variables {
  readonly #plan: Plan;
  readonly #known = new Map<number, Variable>();
  readonly #flags: ReadonlySet<number>;

  readonly #isAlone: boolean;
  #gathers = false;

  constructor(plan: Plan, isAlone: boolean) {
    this.#plan = plan;
    this.#isAlone = isAlone;
    this.#flags = new Set(plan.groups.flatMap(({ watches }) => watches.map(([, flag]) => this.locate(flag).memory)));
  }

  locate(node: Node): Location {
    const location = this.#plan.locationOf.get(node);
    if (!location) throw internal(`${node.op.name} ${node.id} has no memory`);
    return location;
  }

  /** True of what several threads may raise at once. */
  isFlag(memory: number): boolean {
    return !this.#isAlone && this.#flags.has(memory);
  }

  isBound(memory: number): boolean {
    const { kind } = this.#memory(memory);
    return kind === "leaf" || kind === "output";
  }

  /** True of what lies in a buffer all the time. */
  isShared(memory: number): boolean {
    return this.isBound(memory) && !this.isKept(memory);
  }

  /** The name of the variable behind a value. */
  name(node: Node, isWritten: boolean): string {
    const { memory } = this.locate(node);
    const type = this.isFlag(memory) ? "atomic<u32>" : STORED_TYPE[node.op.leaf ? storageOf(node) : node.dtype];
    const known = this.#known.get(memory) ?? { memory, type, isWritten: false };
    if (known.type !== type) throw internal(`one memory is ${known.type} and ${type}`);
    known.isWritten ||= isWritten;
    this.#known.set(memory, known);
    return `m${memory}`;
  }

  /** True of bound state that lies in a variable meanwhile. */
  isKept(memory: number): boolean {
    let left = KEPT_BYTES;
    for (const known of this.#known.values()) {
      const { bytes } = this.#memory(known.memory);
      const fits = known.isWritten && this.isBound(known.memory) && bytes <= left;
      if (fits) left -= bytes;
      if (known.memory === memory) return fits;
    }
    return false;
  }

  /** Binds all that is kept as one buffer: where WebGPU's own limit of eight is not raised. */
  gather(): void {
    this.#gathers = true;
  }

  /** The memories in that buffer, one after the other. */
  gathered(): readonly number[] {
    return this.#gathers ? [...this.#known.keys()].filter((memory) => this.isKept(memory)) : [];
  }

  /** Copies what is kept from its buffers. */
  fetches(lanes: number): string[] {
    return this.#copies(lanes, (memory, at) =>
      this.isFlag(memory)
        ? `atomicStore(&m${memory}[${at}], ${this.#keptName(memory)}[${at}]);`
        : `m${memory}[${at}] = ${this.#keptName(memory)}[${at}];`,
    );
  }

  /** Copies it back into them. */
  returns(lanes: number): string[] {
    return this.#copies(lanes, (memory, at) =>
      this.isFlag(memory)
        ? `${this.#keptName(memory)}[${at}] = atomicLoad(&m${memory}[${at}]);`
        : `${this.#keptName(memory)}[${at}] = m${memory}[${at}];`,
    );
  }

  #keptName(memory: number): string {
    return this.#gathers ? `kept_state.m${memory}` : `kept${memory}`;
  }

  #copies(lanes: number, copy: (memory: number, at: string) => string): string[] {
    const kept = [...this.#known.keys()].filter((memory) => this.isKept(memory));
    return kept.map((memory) => copyLoop(this.#memory(memory).bytes / 4, lanes, copy(memory, "i")));
  }

  bound(): readonly BoundMemory[] {
    const apart = (memory: number) => this.isBound(memory) && !(this.#gathers && this.isKept(memory));
    const bound = [...this.#known.values()].filter(({ memory }) => apart(memory));
    return bound.map(({ memory, isWritten }) => ({ memory, access: isWritten ? "read_write" : "read" }));
  }

  get workgroupBytes(): number {
    if (this.#isAlone) return 0;
    const own = [...this.#known.keys()].filter((memory) => !this.isShared(memory));
    return own.reduce((sum, memory) => sum + this.#memory(memory).bytes, 0);
  }

  declarations(): string[] {
    let binding = 1;
    const fields: string[] = [];
    const variables = [...this.#known.values()].map(({ memory, type, isWritten }) => {
      const length = this.#memory(memory).bytes / 4;
      const own = `var<${this.#isAlone ? "private" : "workgroup"}> m${memory}: array<${type}, ${length}>;`;
      if (!this.isBound(memory)) return own;
      if (this.#gathers && this.isKept(memory)) {
        fields.push(`m${memory}: array<${this.isFlag(memory) ? "u32" : type}, ${length}>,`);
        return own;
      }
      const storage = `@group(0) @binding(${binding++}) var<storage, ${isWritten ? "read_write" : "read"}>`;
      if (!this.isKept(memory)) return `${storage} m${memory}: array<${type}>;`;
      return `${own}\n${storage} kept${memory}: array<${this.isFlag(memory) ? "u32" : type}>;`;
    });
    if (fields.length === 0) return variables;
    const kept = `@group(0) @binding(${binding}) var<storage, read_write> kept_state: KeptState;`;
    return [`struct KeptState { ${fields.join(" ")} }`, kept, ...variables];
  }

  #memory(memory: number): MemoryPlan {
    return this.#plan.memories[memory] as MemoryPlan;
  }
}

/** Names what one group reads and writes, and keeps account of it. */
export class SoloPlaces implements Places {
  readonly touches: Touch[] = [];
  readonly #group: Group;
  readonly #plan: Plan;
  readonly #variables: Variables;

  constructor(group: Group, plan: Plan, variables: Variables) {
    this.#group = group;
    this.#plan = plan;
    this.#variables = variables;
  }

  read(node: Node, index: string, offset: number): string | undefined {
    const { fusion } = this.#plan;
    if (!fusion.reader.isMaterial(node) || fusion.placeOf.get(node)?.group === this.#group) return undefined;
    const { memory, offset: start } = this.#variables.locate(node);
    const name = this.#touch(node, false);
    const at = start + offset === 0 ? index : `${index} + ${start + offset}u`;
    if (node.op.leaf && storageOf(node) === "u8") return `((${name}[(${at}) >> 2u] >> (((${at}) & 3u) * 8u)) & 0xffu)`;
    return decode(this.#variables.isFlag(memory) ? `atomicLoad(&${name}[${at}])` : `${name}[${at}]`, node.dtype);
  }

  target(node: Node, index: string): string | undefined {
    if (!this.#plan.fusion.written.has(node)) return undefined;
    const { offset } = this.#variables.locate(node);
    return `${this.#touch(node, true)}[${offset === 0 ? index : `${index} + ${offset}u`}]`;
  }

  flag(flag: Node): string {
    const name = this.#touch(flag, true, true);
    return this.#variables.isFlag(this.#variables.locate(flag).memory)
      ? `atomicStore(&${name}[0], 1u);`
      : `${name}[0] = 1u;`;
  }

  /** Arrays that a kernel addresses itself: its name for each → ours. */
  rawNames(): Map<string, string> {
    const { kernel, values } = this.#group;
    const names = new Map<string, string>();
    for (const name of kernel?.op.kernel?.raw ?? []) {
      const input = kernel?.inputs[kernel.op.inputs.indexOf(name)];
      if (input) names.set(name, this.#touch(input, false));
    }
    for (const name of kernel?.op.kernel?.rawResults ?? []) {
      const list = values[kernel?.op.results.indexOf(name) ?? 0];
      const result = list?.find((value) => value === kernel || value.op.picks);
      if (result) names.set(name, this.#touch(result, true));
    }
    return names;
  }

  #touch(node: Node, isWrite: boolean, isFlag = false): string {
    const { memory, offset: start } = this.#variables.locate(node);
    this.touches.push({ memory, start, end: start + sizeOf(node.shape), isWrite, isFlag });
    return this.#variables.name(node, isWrite);
  }
}

function copyLoop(count: number, lanes: number, copy: string): string {
  return `for (var i = lane; i < ${count}u; i += ${lanes}u) { ${copy} }`;
}
