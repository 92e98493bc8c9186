// Writes values that are not stored as WGSL: walks up from a value to the memory it comes from, one `let` a step.
import { type DType, WGSL_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import type { Node } from "../graph/node.ts";
import { filledWith, literal } from "../ops/constant.ts";

/** So few turns cost less than a loop does, on software adapters above all. */
const WRITTEN_OUT = 9;

/** What expressions need from the module they are written into. */
export interface Module {
  /** WGSL that reads element `index` of a stored value; undefined when the value is computed where it is read. */
  read(node: Node, index: string, offset: number): string | undefined;
  /** Makes a shader library available. */
  use(library: string): void;
  /** A run-time u32 of this value, as an expression. */
  size(value: number): string;
}

/** The body of one function, line by line. Values already written are not written again. */
export class Body {
  readonly lines: string[] = [];
  /** Lines that do not depend on the element: written once, ahead of the loop over elements, where there is one. */
  readonly ahead: string[] = [];
  /** Names bound ahead, with their types. */
  readonly aheadNames = new Map<string, string>();
  readonly #module: Module;
  readonly #hoists: boolean;
  readonly #row: number | undefined;
  #usesRow = false;
  readonly #known = new Map<string, string>();
  #scope: string[] | undefined;
  #next = 0;
  /** How often the code that is being written is written out. */
  #turns = 1;

  /** `hoists`: writes what does not depend on the element ahead; with `row`, the elements of a row, what depends on the row alone too. */
  constructor(module: Module, { hoists = false, row }: { hoists?: boolean; row?: number } = {}) {
    this.#module = module;
    this.#hoists = hoists;
    this.#row = row;
  }

  /** True when something depends on `row`, the row of element `i`. */
  get usesRow(): boolean {
    return this.#usesRow;
  }

  /** Says that element `index` of `node` is already named. */
  give(node: Node, index: string, name: string): void {
    this.#known.set(`${node.id}@${index}`, name);
  }

  /** Element `index` of `node` as a short expression. */
  value(node: Node, index: string): string {
    const constant = filledWith(node);
    if (constant !== undefined) return literal(constant, node.dtype);
    const at = this.local("u32", index);
    const key = `${node.id}@${at}`;
    const known = this.#known.get(key);
    if (known) return known;
    const name = this.local(WGSL_TYPE[node.dtype], this.#expression(node, at));
    this.#remember(key, name);
    return name;
  }

  /** Binds an expression to a name unless it is one already. */
  local(type: string, expression: string): string {
    if (/^(\w+|\d+u)$/.test(expression)) return expression;
    if (this.#row !== undefined && expression === `i / ${this.#row}u`) {
      this.#usesRow = true;
      return "row";
    }
    const key = `${type} ${expression}`;
    const known = this.#known.get(key);
    if (known) return known;
    const rest = /^(\w+) % (\d+)u$/.exec(expression);
    const quotient = rest && this.#known.get(`u32 ${rest[1]} / ${rest[2]}u`);
    if (quotient) return this.local(type, `${rest[1]} - ${quotient} * ${rest[2]}u`); // one division less
    const ahead = this.#hoists && this.#isUniform(expression);
    const name = `${ahead ? "u" : "t"}${this.#next++}`;
    (ahead ? this.ahead : this.lines).push(`let ${name} = ${expression};`);
    if (ahead) this.aheadNames.set(name, type);
    this.#remember(key, name);
    return name;
  }

  #remember(key: string, name: string): void {
    this.#known.set(key, name);
    this.#scope?.push(key);
  }

  #isUniform(expression: string): boolean {
    const names = expression.replace(/\.\w+/g, "").match(/\b[a-z_]\w*/gi) ?? [];
    return names.every(
      (name) => name === "sizes" || this.aheadNames.has(name) || !/^(i|value|lane|[tks]\d+)$/.test(name),
    );
  }

  #expression(node: Node, at: string): string {
    const stored = behindViews(node, (root, offset) => this.#module.read(root, at, offset));
    if (stored !== undefined) return stored;
    const { pointwise } = node.op;
    if (!pointwise) throw internal(`${node.op.name} is neither stored nor pointwise`);
    return pointwise.expression({
      attrs: node.attrs,
      inputs: node.inputs,
      output: node,
      index: at,
      load: (input, index) => this.value(node.inputs[input] as Node, index),
      local: (type, expression) => this.local(type, expression),
      use: (library) => this.#module.use(library),
      accumulate: (type, initial, count, term) => this.#accumulate(type, initial, count, term),
    });
  }

  #accumulate(type: string, initial: string, count: number, term: (k: string) => string): string {
    if (count * this.#turns <= WRITTEN_OUT) {
      this.#turns *= count;
      const terms = Array.from({ length: count }, (_, k) => this.local(type, term(`${k}u`)));
      this.#turns /= count;
      return [`${type}(${initial})`, ...terms].reduce((total, each) => this.local(type, `(${total} + ${each})`));
    }
    const total = `s${this.#next++}`;
    const k = `k${this.#next++}`;
    const trips = this.#module.size(count);
    this.lines.push(`var ${total} = ${type}(${initial});`, `for (var ${k} = 0u; ${k} < ${trips}; ${k}++) {`);
    const outer = this.#scope;
    this.#scope = [];
    this.lines.push(`${total} += ${term(k)};`, "}");
    for (const key of this.#scope) this.#known.delete(key); // names bound inside end with the loop
    this.#scope = outer;
    return total;
  }
}

/** What `read` gives for a value, or for the one in memory that it is a contiguous run of, from element `offset` on. */
export function behindViews(
  node: Node,
  read: (root: Node, offset: number) => string | undefined,
  offset = 0,
): string | undefined {
  const text = read(node, offset);
  const start = node.op.pointwise?.startsAt?.(node.inputs, node.attrs);
  if (text !== undefined || start === undefined) return text;
  return behindViews(node.inputs[0] as Node, read, offset + start);
}

/** A stored word as a value of `dtype`. */
export function decode(word: string, dtype: DType): string {
  return dtype === "bool" ? `(${word} != 0u)` : word;
}

/** A value of `dtype` as the word that is stored. */
export function encode(value: string, dtype: DType): string {
  return dtype === "bool" ? `select(0u, 1u, ${value})` : value;
}
