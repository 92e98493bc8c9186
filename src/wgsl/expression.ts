// Writes values that are not stored as WGSL: walks up from a value to the memory it comes from, one `let` a step.
import { type DType, WGSL_TYPE } from "../core/dtype.ts";
import { internal } from "../core/error.ts";
import type { Node } from "../graph/node.ts";
import { filledWith, literal } from "../ops/constant.ts";
import { type Line, type Loop, textOf } from "./lines.ts";

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

/** The index of the element that comes `by` elements behind another, so that a Body knows them for neighbours. */
export const behind = (first: string, by: number): string => (by === 0 ? first : `(${first} + ${by}u)`);

/** An index: of a place behind lines so long, a place (by itself or `behind` another), or a line's number or the place within it. */
const PLACE = /^(?:\w+ \* (\d+)u \+ )?(?:(\w+)|\((\w+) \+ (\d+)u\))(?: ([/%]) (\d+)u)?$/;

/** The body of one function, line by line. Values already written are not written again. */
export class Body {
  /** Lines that do not depend on the element: written once, ahead of the loop over elements, where there is one. */
  readonly ahead: string[] = [];
  /** Names bound ahead, with their types. */
  readonly aheadNames = new Map<string, string>();
  readonly #module: Module;
  readonly #hoists: boolean;
  readonly #row: number | undefined;
  /** Indices that are multiples of four. */
  readonly #fours: Set<string>;
  #usesRow = false;
  #known = new Map<string, string>();
  #lines: Line[] = [];
  #next = 0;
  /** How often the code that is being written is written out. */
  #turns = 1;

  /**
   * `hoists`: writes what does not depend on the element ahead; with `row`, the elements of a row, what depends on the row alone too.
   * Elements are `i`, those `behind` it in its row, and with `inFours` three behind `i`, which is a multiple of four then, as `row` is.
   */
  constructor(module: Module, { hoists = false, row, inFours = false }: BodyOptions = {}) {
    this.#module = module;
    this.#hoists = hoists;
    this.#row = inFours && row && row % 4 > 0 ? undefined : row;
    this.#fours = new Set(inFours ? ["i"] : []);
  }

  get lines(): string[] {
    return textOf(this.#lines);
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
    this.#known.set(key, name);
    return name;
  }

  /** The multiple of four that an index is known to be or to come behind. */
  fourOf(index: string): readonly [four: string, by: number] | undefined {
    const [, , name, first = name, by = 0] = PLACE.exec(index) ?? [];
    return first && this.#fours.has(first) ? [first, Number(by)] : undefined;
  }

  /** Binds an expression to a name unless it is one already. */
  local(type: string, expression: string): string {
    const [, step = 0, name, first = name, by, sign, divisor = 0] = PLACE.exec(expression) ?? [];
    if (first && !step && !sign) return expression;
    const isOfRow = Number(divisor) === this.#row;
    const isFour = this.#fours.has(first ?? "") && Number(step) % 4 === 0 && Number(divisor) % 4 === 0;
    if (by && first && (sign ? isOfRow || isFour : step)) {
      const of = this.local(type, expression.replace(behind(first, Number(by)), first));
      return sign === "/" ? of : behind(of, Number(by));
    }
    if (isOfRow && expression === `i / ${divisor}u`) {
      this.#usesRow = true;
      this.#known.set(`u32 ${expression}`, "row");
    }
    const key = `${type} ${expression}`;
    const known = this.#known.get(key);
    if (known) return known;
    const quotient = this.#known.get(`u32 ${name} / ${divisor}u`);
    const text = sign === "%" && !step && quotient ? `${name} - ${quotient} * ${divisor}u` : expression; // one division less
    const ahead = this.#hoists && this.#isUniform(expression);
    const made = `${ahead ? "u" : "t"}${this.#next++}`;
    (ahead ? this.ahead : this.#lines).push(`let ${made} = ${text};`);
    if (ahead) this.aheadNames.set(made, type);
    if (isFour && sign !== "/") this.#fours.add(made);
    this.#known.set(key, made);
    return made;
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
    const trips = this.#module.size(count);
    const lines = this.#lines;
    const at = lines.findLastIndex((line) => typeof line !== "string");
    const last = lines[at] as Loop | undefined;
    const own: Loop = { trips, k: `k${this.#next++}`, lines: [], known: new Map() };
    const tried = last?.trips === trips ? last : own;
    let turn = this.#turnOf(tried, term);
    // it joins the last loop unless it needs what that gives
    const needs = textOf([initial, ...lines.slice(at + 1), ...turn.lines, turn.value]).join();
    const loop = /\bs\d/.test(needs) ? own : tried;
    if (loop !== tried) turn = this.#turnOf(own, term);
    if (loop === last) lines.splice(at, 1);
    lines.push(`var ${total} = ${type}(${initial});`, loop);
    loop.lines.push(...turn.lines, `${total} += ${turn.value};`);
    loop.known = turn.known;
    return total;
  }

  /** One term, the lines that it takes, and what is known within the loop then. */
  #turnOf({ k, known: inside }: Loop, term: (k: string) => string) {
    const [known, lines] = [this.#known, this.#lines];
    const turn = { known: new Map([...inside, ...known]), lines: [] as Line[] };
    this.#known = turn.known;
    this.#lines = turn.lines;
    const value = term(k);
    this.#known = known; // names bound inside end with the loop
    this.#lines = lines;
    return { ...turn, value };
  }
}

export interface BodyOptions {
  readonly hoists?: boolean;
  readonly row?: number | undefined;
  readonly inFours?: boolean;
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
