// One conformance case as the graph functions of this folder see it: inputs as leaves, attributes by name, results by name.
import type { Answer, Answers, Case, TensorRecord } from "../../src/cli/judge.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { fill, input } from "../../src/ops/constant.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { compute } from "./compute.ts";

/** What the runner passes along. */
export interface Tools {
  readonly tensor: (record: TensorRecord) => { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
}

/** Builds the results of a case: one, a list in the order of the expected names, or by name. */
export type GraphOf = (call: Call) => Node | readonly Node[] | Readonly<Record<string, Node>>;
/** Answers a case as a whole: trajectories, training runs, tables. */
export type Whole = (call: Call) => Promise<Answers>;

export class Call {
  readonly test: Case;
  readonly leaves = new Map<Node, Values>();
  readonly #tools: Tools;
  readonly #inputs = new Map<string, Node>();

  constructor(test: Case, tools: Tools) {
    this.test = test;
    this.#tools = tools;
    for (const [name, record] of Object.entries(test.inputs)) this.#inputs.set(name, this.leaf(name, record));
  }

  /** A leaf with the record's elements. Bytes and bools become u32. */
  leaf(name: string, record: TensorRecord): Node {
    const { shape, data } = this.#tools.tensor(record);
    const dtype = record.dtype === "float32" ? "f32" : record.dtype === "int32" ? "i32" : "u32";
    const node = input(name, shape, dtype);
    this.leaves.set(node, Float64Array.from(data));
    return node;
  }

  /** The case comes from gen_torch.py. */
  get isTorch(): boolean {
    return this.test.id.startsWith("torch");
  }

  /** The inputs in the order in which the case lists them. */
  get inputs(): readonly Node[] {
    return [...this.#inputs.values()];
  }

  /** Input `index`, by position: names differ between suites. */
  at(index: number): Node {
    const node = this.inputs[index];
    if (!node) throw new Error(`the case has no input ${index}`);
    return node;
  }

  get x(): Node {
    return this.at(0);
  }

  /** The input of this name. */
  named(name: string): Node {
    return this.maybe(name) ?? this.#missing(name);
  }

  maybe(name: string): Node | undefined {
    return this.#inputs.get(name);
  }

  #missing(name: string): never {
    throw new Error(`the case has no input "${name}"`);
  }

  /** The elements of an input. */
  values(name: string): Values {
    return this.leaves.get(this.named(name)) as Values;
  }

  /** The attribute of this name, or what stands in for it. */
  attr<T>(name: string, otherwise: T): T {
    const value = this.test.attrs[name];
    return value === undefined || value === null ? otherwise : (value as T);
  }

  /** An attribute that is text; "" where the case has none. */
  text(name: string): string {
    return this.attr<string>(name, "");
  }

  /** The first of these attributes that the case gives. */
  anyOf<T>(names: readonly string[], otherwise: T): T {
    const name = names.find((candidate) => this.test.attrs[candidate] !== undefined);
    return name === undefined ? otherwise : this.attr(name, otherwise);
  }

  /** Names of the expected results, in order. */
  get results(): string[] {
    return [...Object.keys(this.test.expected ?? {}), ...Object.keys(this.test.expected_summary ?? {})];
  }

  /** Computes results and gradients, and answers the case. */
  async answer(built: ReturnType<GraphOf>): Promise<Answers> {
    const outputs = this.#byName(built);
    const wanted = [
      ...Object.keys(this.test.grad?.expected ?? {}),
      ...Object.keys(this.test.grad?.expected_summary ?? {}),
    ];
    const grads = this.#gradients(outputs, wanted);
    const roots = [...Object.values(outputs), ...grads];
    const values = await compute(roots, this.leaves);
    const answers = roots.map((node, i): Answer => ({ shape: node.shape, data: values[i] as Values }));
    const names = Object.keys(outputs);
    return {
      outputs: Object.fromEntries(names.map((name, i) => [name, answers[i] as Answer])),
      grads: Object.fromEntries(wanted.map((name, i) => [name, answers[names.length + i] as Answer])),
    };
  }

  #byName(built: ReturnType<GraphOf>): Record<string, Node> {
    if (Array.isArray(built)) return Object.fromEntries(this.results.map((name, i) => [name, built[i] as Node]));
    if ("op" in built && "outputs" in built) return { [this.results[0] ?? "output"]: built as unknown as Node };
    return built as Record<string, Node>;
  }

  /** Gradients of Σ upstream·result with respect to the named inputs; zeros where nothing depends on one. */
  #gradients(outputs: Readonly<Record<string, Node>>, names: readonly string[]): Node[] {
    const wrt = names.map((name) => this.named(name));
    const total: (Node | undefined)[] = wrt.map(() => undefined);
    const upstream = this.test.grad?.upstream;
    for (const [name, y] of Object.entries(outputs)) {
      const record = upstream === "ones" ? undefined : upstream?.[name];
      if (names.length === 0 || (upstream !== "ones" && !record)) continue;
      const dy = record ? this.leaf(`d${name}`, record) : fill(y.shape, 1);
      autodiff(y, dy, wrt).forEach((gradient, i) => {
        const before = total[i];
        total[i] = before && gradient ? add(before, gradient) : (gradient ?? before);
      });
    }
    return total.map((gradient, i) => gradient ?? fill((wrt[i] as Node).shape, 0));
  }
}
