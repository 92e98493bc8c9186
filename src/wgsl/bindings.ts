// Which memory a group binds, how, and under which name.
import { STORED_TYPE, type Storage, storedBytes } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import { type Node, storageOf } from "../graph/node.ts";
import { PACK_ALIGNMENT } from "../ops/state.ts";
import type { Group } from "../passes/fuse.ts";
import type { Location, Plan } from "../passes/plan.ts";
import { decode } from "./expression.ts";
import type { FourPlaces } from "./places.ts";

/** A range of a memory of the plan, bound to a kernel. */
export interface Binding {
  readonly memory: number;
  /** Bytes from the start of the memory. */
  readonly offset: number;
  readonly bytes: number;
  readonly access: "read" | "read_write";
}

interface Variable {
  readonly name: string;
  readonly memory: number;
  /** Elements from the start of the memory. */
  readonly start: number;
  readonly type: string;
  bytes: number;
}

/** How an array of f32 is declared that is read four at a time. */
const FOUR = "vec4f";

export class Bindings implements FourPlaces {
  readonly fours = this;
  readonly #group: Group;
  readonly #inFours: boolean;
  readonly #plan: Plan;
  readonly #variables: Variable[] = [];
  /** Memories this group writes: all their bindings are read_write, from the start of the memory. */
  readonly #writes = new Set<number>();

  /** With `inFours`, memory that the group writes may be read in vectors too: all of it must be. */
  constructor(group: Group, plan: Plan, { inFours = false } = {}) {
    this.#inFours = inFours;
    this.#group = group;
    this.#plan = plan;
    for (const node of group.values.flat()) if (this.#isWritten(node)) this.#writes.add(this.#locate(node).memory);
    for (const [, flag] of group.watches) this.#writes.add(this.#locate(flag).memory);
    this.#nameRaw();
  }

  /** WGSL that reads element `index` + `offset` of a value that lies in memory; undefined when it does not, for this group. */
  read(node: Node, index: string, offset: number): string | undefined {
    if (!this.#isRead(node)) return undefined;
    const location = this.#locate(node);
    const storage = node.op.leaf ? storageOf(node) : node.dtype;
    const { variable, shift } = this.#variable(location, offset, storage, sizeOf(node.shape));
    const at = shift === 0 ? index : `${index} + ${shift}u`;
    if (variable.type === FOUR) return `${variable.name}[(${at}) >> 2u][(${at}) & 3u]`;
    if (storage === "u8") return `((${variable.name}[(${at}) >> 2u] >> (((${at}) & 3u) * 8u)) & 0xffu)`;
    return decode(`${variable.name}[${at}]`, node.dtype);
  }

  /** WGSL that reads elements `first` + `offset` … + 3 of a value in memory, f32 or bytes; undefined where they are not one aligned vector. */
  readFour(node: Node, first: string, offset: number): string | undefined {
    if (!this.#isRead(node)) return undefined;
    const storage = node.op.leaf ? storageOf(node) : node.dtype;
    const isBytes = storage === "u8";
    const location = this.#locate(node);
    const size = sizeOf(node.shape);
    const isAligned = (location.offset + offset) % 4 === 0 && size % 4 === 0;
    const isOpen = this.#inFours || !this.#writes.has(location.memory);
    if (!isAligned || !isOpen || (storage !== "f32" && !isBytes)) return undefined;
    const { variable, shift } = this.#variable(location, offset, storage, size, isBytes ? undefined : FOUR);
    const four = `${variable.name}[(${first} + ${shift}u) >> 2u]`;
    if (isBytes) return `(vec4u(${four}) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)`;
    return variable.type === FOUR ? four : undefined;
  }

  /** True when a value lies in memory, for this group. */
  #isRead(node: Node): boolean {
    const { fusion } = this.#plan;
    return fusion.reader.isMaterial(node) && fusion.placeOf.get(node)?.group !== this.#group;
  }

  /** The WGSL place where a value of this group is stored; undefined when nobody else reads it. */
  target(node: Node, index: string): string | undefined {
    if (!this.#isWritten(node)) return undefined;
    const { variable, shift } = this.#variable(this.#locate(node), 0, node.dtype, sizeOf(node.shape));
    const at = shift === 0 ? index : `${index} + ${shift}u`;
    return variable.type === FOUR ? `${variable.name}[(${at}) >> 2u][(${at}) & 3u]` : `${variable.name}[${at}]`;
  }

  /** True where these values of the group, if they are stored, are stored as aligned vectors. */
  holdsFours(nodes: readonly Node[]): boolean {
    return nodes.every((node) => {
      if (node.dtype !== "f32") return false;
      if (!this.#isWritten(node)) return true;
      const { memory, offset } = this.#locate(node);
      const isOpen = this.#variables.every((other) => other.memory !== memory || other.type === FOUR);
      return isOpen && offset % 4 === 0 && sizeOf(node.shape) % 4 === 0;
    });
  }

  /** The same for elements `i` … `i` + 3 of an f32 value, as a vector. */
  targetFour(node: Node): string | undefined {
    if (!this.#isWritten(node)) return undefined;
    const { variable, shift } = this.#variable(this.#locate(node), 0, "f32", sizeOf(node.shape), FOUR);
    return `${variable.name}[(i + ${shift}u) >> 2u]`;
  }

  /** The statement that raises a flag. */
  flag(flag: Node): string {
    const { variable } = this.#variable(this.#locate(flag), 0, "u32", 1, "atomic<u32>");
    return `atomicStore(&${variable.name}[0], 1u);`;
  }

  list(): Binding[] {
    return this.#variables.map(({ memory, start, bytes }) => ({
      memory,
      offset: start * 4,
      bytes,
      access: this.#writes.has(memory) ? "read_write" : "read",
    }));
  }

  declarations(): string[] {
    return this.#variables.map(({ name, memory, type }, i) => {
      const access = this.#writes.has(memory) ? "read_write" : "read";
      return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${type}>;`;
    });
  }

  #isWritten(node: Node): boolean {
    return this.#plan.fusion.written.has(node);
  }

  #locate(node: Node): Location {
    const location = this.#plan.locationOf.get(node);
    if (!location) throw internal(`${node.op.name} ${node.id} has no memory`);
    return location;
  }

  /** Arrays that the kernel addresses itself carry the names it uses. */
  #nameRaw(): void {
    const kernel = this.#group.kernel;
    const form = kernel?.op.kernel;
    if (!kernel || !form) return;
    for (const name of form.raw ?? []) {
      const node = kernel.inputs[kernel.op.inputs.indexOf(name)];
      if (node)
        this.#variable(
          this.#locate(node),
          0,
          node.op.leaf ? storageOf(node) : node.dtype,
          sizeOf(node.shape),
          undefined,
          name,
        );
    }
    for (const name of form.rawResults ?? []) {
      const result = kernel.op.results.indexOf(name);
      const node = this.#group.values[result]?.find((value) => value === kernel || value.op.picks);
      const spec = kernel.outputs[result];
      if (node && spec) this.#variable(this.#locate(node), 0, spec.dtype, sizeOf(spec.shape), undefined, name);
    }
  }

  #variable(
    location: Location,
    offset: number,
    storage: Storage,
    count: number,
    type = STORED_TYPE[storage],
    name?: string,
  ): { variable: Variable; shift: number } {
    const { memory } = location;
    const wanted = location.offset + offset;
    const whole = this.#writes.has(memory) || wanted % PACK_ALIGNMENT !== 0 || storage === "u8";
    const start = whole ? 0 : wanted;
    const total = this.#plan.memories[memory]?.bytes ?? 0;
    const bytes = whole
      ? total
      : Math.min(storedBytes(storage, count - offset > 0 ? count - offset : count), total - start * 4);
    const shift = wanted - start;
    let variable = this.#variables.find(
      (other) =>
        other.memory === memory &&
        other.start === start &&
        (other.type === type || (other.type === FOUR && type === "f32") || this.#writes.has(memory)),
    );
    if (variable && variable.type !== type && variable.type !== FOUR)
      throw internal(`one memory is read as ${variable.type} and as ${type} while it is written`);
    if (!variable) {
      variable = { name: name ?? `m${this.#variables.length}`, memory, start, type, bytes };
      this.#variables.push(variable);
    }
    variable.bytes = Math.max(variable.bytes, bytes);
    return { variable, shift };
  }
}
