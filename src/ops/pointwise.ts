// Factories for elementwise ops: one literal holds the WGSL, the float64 meaning, the gradient and the options.
import { type DType, WGSL_TYPE } from "../core/dtype.ts";
import { OptionError, ShapeError } from "../core/error.ts";
import { defineOp } from "../graph/define.ts";
import type { GradContext, Input, Node, Op, Tolerance } from "../graph/node.ts";
import { broadcast } from "./broadcast.ts";
import { asNode } from "./constant.ts";

/** For ops without options. */
export type NoAttrs = Record<string, never>;

interface Row<A> {
  readonly grad?: (context: GradContext<A>) => readonly (Node | undefined)[];
  /** Dtypes it takes (default f32 only). */
  readonly takes?: readonly DType[];
  /** The dtype it gives (default: the one it takes). */
  readonly gives?: DType;
  /** Work per element, an addition being 1 (default 1). */
  readonly cost?: number;
  /** Shader library files that the expression calls, and those that they call. */
  readonly uses?: readonly string[];
  readonly tolerance?: Tolerance;
  /** Whether it commutes with a maximum, see `Op.monotone`. */
  readonly monotone?: true | ((attrs: A) => boolean);
  /** A simpler value for the same inputs, where there is one. */
  readonly simplify?: (x: readonly Node[]) => Node | undefined;
  /** Options with their defaults; they become literals of the WGSL. */
  readonly defaults?: A;
  /** What is wrong with the options, if anything. Numbers have been checked not to be NaN. */
  readonly refuses?: (attrs: A, dtype: DType) => string | undefined;
}

/** `wgsl` may name its argument as often as it likes: what is named twice is computed once. */
interface UnaryRow<A> extends Row<A> {
  readonly wgsl: (x: string, dtype: DType, attrs: A) => string;
  readonly cpu: (x: number, attrs: A) => number;
}

interface BinaryRow extends Row<NoAttrs> {
  readonly wgsl: (a: string, b: string, dtype: DType) => string;
  readonly cpu: (a: number, b: number) => number;
}

type Options<A> = A extends NoAttrs ? [] : [options?: { readonly [Name in keyof A]?: A[Name] | undefined }];

/** An op of one argument: `wgsl` and `cpu` say the same thing twice. */
export type Unary<A = NoAttrs> = ((x: Input, ...options: Options<A>) => Node) & { readonly op: Op<A> };
/** An op of two arguments that broadcast against each other. */
export type Binary = ((a: Input, b: Input) => Node) & { readonly op: Op<NoAttrs> };

export const NUMBERS: readonly DType[] = ["f32", "i32", "u32"];
export const FLOATS: readonly DType[] = ["f32"];
/** What f32 may lose to 0: numbers below the smallest normal one. */
export const TINY = 1.2e-38;

export function checkDType(call: string, x: Node, takes: readonly DType[]): void {
  if (!takes.includes(x.dtype)) throw new ShapeError(`${call}: takes ${takes.join(", ")}: got ${x.dtype}. Use cast`);
}

/** The options over their defaults; unknown names and NaN are refused. */
function attrsOf<A>(call: string, { defaults, refuses }: Row<A>, options: object | undefined, dtype: DType): A {
  const attrs: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue;
    const known = attrs[name];
    if (known === undefined) throw new OptionError(`${call}: no such option: ${name}`, { name });
    if (typeof value !== typeof known || Number.isNaN(value)) {
      throw new OptionError(`${call}: ${name} must be a ${typeof known}: got ${value}`, { name, value });
    }
    attrs[name] = value;
  }
  const wrong = refuses?.(attrs as A, dtype);
  if (wrong) throw new OptionError(`${call}: ${wrong}`, attrs);
  return attrs as A;
}

const isName = (text: string) => /^[a-z_]\w*$/i.test(text);

/**
 * Writes an expression of `values`: what it names twice is bound first, and so is one value when all are literals,
 * because WGSL works constant expressions out while compiling and refuses those that overflow.
 */
function bound(
  write: (...names: string[]) => string,
  values: readonly string[],
  dtype: DType,
  local: (type: string, expression: string) => string,
): string {
  const marks = values.map((_, i) => `<${i}>`);
  const text = write(...marks);
  const literals = !values.some(isName);
  return write(
    ...values.map((value, i) => {
      const mark = marks[i] as string;
      const repeated = text.indexOf(mark) !== text.lastIndexOf(mark);
      return repeated || (literals && i === 0) ? local(WGSL_TYPE[dtype], value) : value;
    }),
  );
}

/** An elementwise op of one argument with options; name their type: `unaryWith<{ alpha: number }>(…)`. */
// @__NO_SIDE_EFFECTS__
export function unaryWith<A>(name: string, row: UnaryRow<A>): Unary<A> {
  const { wgsl, cpu, takes = FLOATS, gives, cost = 1, uses = [], grad, tolerance, simplify, monotone } = row;
  const make = defineOp<A>({
    name,
    inputs: ["x"],
    infer: ([x]) => ({ shape: (x as Node).shape, dtype: gives ?? (x as Node).dtype }),
    reference: ([x], { attrs }) => (x as Float64Array).map((value) => cpu(value, attrs)),
    pointwise: {
      aligned: true,
      cost,
      expression: ({ load, index, inputs, attrs, use, local }) => {
        uses.forEach(use);
        const { dtype } = inputs[0] as Node;
        return bound((x) => wgsl(x as string, dtype, attrs), [load(0, index)], dtype, local);
      },
    },
    ...(grad && { grad }),
    ...(tolerance && { tolerance }),
    ...(simplify && { simplify: (node: Node) => simplify(node.inputs) ?? node }),
    ...(monotone && { monotone: monotone === true ? () => true : monotone }),
  });
  const call = (x: Input, ...[options]: Options<A>): Node => {
    const node = asNode(name, x);
    checkDType(name, node, takes);
    return make([node], attrsOf(name, row, options, node.dtype));
  };
  return Object.assign(call, { op: make.op });
}

/** An elementwise op of one argument. */
// @__NO_SIDE_EFFECTS__
export function unary(name: string, row: UnaryRow<NoAttrs>): Unary {
  return unaryWith<NoAttrs>(name, row);
}

/** An elementwise op of two arguments that broadcast. */
// @__NO_SIDE_EFFECTS__
export function binary(name: string, row: BinaryRow): Binary {
  const { wgsl, cpu, takes = FLOATS, gives, cost = 1, uses = [], grad, tolerance, simplify } = row;
  const make = defineOp<NoAttrs>({
    name,
    inputs: ["a", "b"],
    infer: ([a]) => ({ shape: (a as Node).shape, dtype: gives ?? (a as Node).dtype }),
    reference: ([a, b]) => (a as Float64Array).map((value, i) => cpu(value, (b as Float64Array)[i] as number)),
    pointwise: {
      aligned: true,
      cost,
      expression: ({ load, index, inputs, use, local }) => {
        uses.forEach(use);
        const { dtype } = inputs[0] as Node;
        const write = (a?: string, b?: string) => wgsl(a as string, b as string, dtype);
        return bound(write, [load(0, index), load(1, index)], dtype, local);
      },
    },
    ...(grad && { grad }),
    ...(tolerance && { tolerance }),
    ...(simplify && { simplify: (node: Node) => simplify(node.inputs) ?? node }),
  });
  const call = (a: Input, b: Input): Node => {
    const [left, right] = broadcast(name, a, b);
    checkDType(name, left, takes);
    return make([left, right], {});
  };
  return Object.assign(call, { op: make.op });
}
