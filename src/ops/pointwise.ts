// Factories for elementwise ops: one literal holds the WGSL, the float64 meaning and the gradient.
import type { DType } from "../core/dtype.ts";
import { ShapeError } from "../core/error.ts";
import { defineOp } from "../graph/define.ts";
import type { GradContext, Input, Node, Op, Tolerance } from "../graph/node.ts";
import { broadcast } from "./broadcast.ts";
import { asNode } from "./constant.ts";

type NoAttrs = Record<string, never>;

interface Row {
  readonly grad?: (context: GradContext<NoAttrs>) => readonly (Node | undefined)[];
  /** Dtypes it takes (default f32 only). */
  readonly takes?: readonly DType[];
  /** The dtype it gives (default: the one it takes). */
  readonly gives?: DType;
  /** Work per element, an addition being 1 (default 1). */
  readonly cost?: number;
  /** Shader library files that the expression calls. */
  readonly uses?: readonly string[];
  readonly tolerance?: Tolerance;
}

/** An op of one argument: `wgsl` and `cpu` say the same thing twice. */
export type Unary = ((x: Input) => Node) & { readonly op: Op<NoAttrs> };
/** An op of two arguments that broadcast against each other. */
export type Binary = ((a: Input, b: Input) => Node) & { readonly op: Op<NoAttrs> };

export const NUMBERS: readonly DType[] = ["f32", "i32", "u32"];
export const FLOATS: readonly DType[] = ["f32"];

function checkDType(call: string, x: Node, takes: readonly DType[]): void {
  if (!takes.includes(x.dtype)) throw new ShapeError(`${call}: takes ${takes.join(", ")}: got ${x.dtype}. Use cast`);
}

// @__NO_SIDE_EFFECTS__
export function unary(
  name: string,
  row: Row & { wgsl: (x: string, dtype: DType) => string; cpu: (x: number) => number },
): Unary {
  const { wgsl, cpu, takes = FLOATS, gives, cost = 1, uses = [], ...rest } = row;
  const make = defineOp<NoAttrs>({
    name,
    inputs: ["x"],
    infer: ([x]) => ({ shape: (x as Node).shape, dtype: gives ?? (x as Node).dtype }),
    reference: ([x]) => (x as Float64Array).map(cpu),
    pointwise: {
      aligned: true,
      cost,
      expression: ({ load, index, inputs, use }) => {
        uses.forEach(use);
        return wgsl(load(0, index), (inputs[0] as Node).dtype);
      },
    },
    ...rest,
  });
  const call = (x: Input): Node => {
    const node = asNode(name, x);
    checkDType(name, node, takes);
    return make([node], {});
  };
  return Object.assign(call, { op: make.op });
}

// @__NO_SIDE_EFFECTS__
export function binary(
  name: string,
  row: Row & { wgsl: (a: string, b: string, dtype: DType) => string; cpu: (a: number, b: number) => number },
): Binary {
  const { wgsl, cpu, takes = FLOATS, gives, cost = 1, uses = [], ...rest } = row;
  const make = defineOp<NoAttrs>({
    name,
    inputs: ["a", "b"],
    infer: ([a]) => ({ shape: (a as Node).shape, dtype: gives ?? (a as Node).dtype }),
    reference: ([a, b]) => (a as Float64Array).map((value, i) => cpu(value, (b as Float64Array)[i] as number)),
    pointwise: {
      aligned: true,
      cost,
      expression: ({ load, index, inputs, use }) => {
        uses.forEach(use);
        return wgsl(load(0, index), load(1, index), (inputs[0] as Node).dtype);
      },
    },
    ...rest,
  });
  const call = (a: Input, b: Input): Node => {
    const [left, right] = broadcast(name, a, b);
    checkDType(name, left, takes);
    return make([left, right], {});
  };
  return Object.assign(call, { op: make.op });
}
