// Factories for elementwise ops: one literal holds the WGSL, the float64 meaning, the gradient and the options.
import { type DType, WGSL_TYPE } from "../core/dtype.ts";
import { OptionError, ShapeError } from "../core/error.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Input, Node, Op, Reference } from "../graph/node.ts";
import { broadcast } from "./broadcast.ts";
import { asNode } from "./constant.ts";

/** For ops without options. */
export type NoAttrs = Record<string, never>;

/** What rows say beside their meaning; what `Op` says, too, is passed on. */
interface Row<A> extends Pick<Op<A>, "grad" | "tolerance" | "monotone" | "simplify"> {
  /** Dtypes it takes (default f32 only). */
  readonly takes?: readonly DType[];
  /** The dtype it gives (default: the one it takes). */
  readonly gives?: DType;
  /** Work per element, an addition being 1 (default 1). */
  readonly cost?: number;
  /** Shader library files that the expression calls, and those that they call. */
  readonly uses?: readonly string[];
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

export function checkDType(call: string, x: Node, takes = FLOATS): void {
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

/** An op whose results each take the elements at their own index. */
// @__NO_SIDE_EFFECTS__
function elementwise<A>(
  name: string,
  inputs: readonly string[],
  { takes, gives, cost = 1, uses = [], defaults, refuses, ...rest }: Row<A>,
  write: (names: readonly string[], dtype: DType, attrs: A) => string,
  reference: Reference<A>,
): OpFunction<A> {
  return defineOp<A>({
    name,
    inputs,
    infer: ([first]) => ({ shape: (first as Node).shape, dtype: gives ?? (first as Node).dtype }),
    reference,
    pointwise: {
      aligned: true,
      cost,
      expression: ({ load, index, inputs, attrs, use, local }) => {
        uses.forEach(use);
        const { dtype } = inputs[0] as Node;
        const values = inputs.map((_, i) => load(i, index));
        return bound((...names) => write(names, dtype, attrs), values, dtype, local);
      },
    },
    ...rest,
  });
}

/** An elementwise op of one argument with options; name their type: `unaryWith<{ alpha: number }>(…)`. */
// @__NO_SIDE_EFFECTS__
export function unaryWith<A>(name: string, { wgsl, cpu, ...row }: UnaryRow<A>): Unary<A> {
  const make = elementwise<A>(
    name,
    ["x"],
    row,
    ([x], dtype, attrs) => wgsl(x as string, dtype, attrs),
    ([x], { attrs }) => (x as Float64Array).map((value) => cpu(value, attrs)),
  );
  const call = (x: Input, ...[options]: Options<A>): Node => {
    const node = asNode(name, x);
    checkDType(name, node, row.takes);
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
export function binary(name: string, { wgsl, cpu, ...row }: BinaryRow): Binary {
  const make = elementwise<NoAttrs>(
    name,
    ["a", "b"],
    row,
    ([a, b], dtype) => wgsl(a as string, b as string, dtype),
    ([a, b]) => (a as Float64Array).map((value, i) => cpu(value, (b as Float64Array)[i] as number)),
  );
  const call = (a: Input, b: Input): Node => {
    const sides = broadcast(name, a, b);
    checkDType(name, sides[0], row.takes);
    return make(sides, {});
  };
  return Object.assign(call, { op: make.op });
}
