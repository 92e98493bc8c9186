// What a row of the sample table is: calls of one function, each with inputs, and calls that it must refuse.
import type { DType } from "../core/dtype.ts";
import { type GpugradError, ShapeError } from "../core/error.ts";
import { type Shape, showShape } from "../core/shape.ts";
import type { Node } from "../graph/node.ts";
import { input } from "../ops/constant.ts";
import type { Draw } from "./draw.ts";
import type { Domain } from "./values.ts";

/** One input of a sample: its shape, and what its elements are like. */
export interface SampleInput {
  readonly shape: Shape;
  /** Default f32. */
  readonly dtype?: DType;
  /** Default: what suits the dtype, see `values.ts`. */
  readonly values?: Domain;
}

/** One call, on nodes. */
export interface Sample {
  /** Tells it apart from the row's other samples. */
  readonly name: string;
  readonly inputs: readonly SampleInput[];
  /** Builds the graph of the results. */
  readonly call: (...inputs: Node[]) => Node | readonly Node[];
  /** False where the function jumps or has a kink at these values, or is constant. Default: true. */
  readonly smooth?: boolean;
  /** Compares each element by its own size instead of the largest of its tensor: for results over many orders of magnitude. */
  readonly each?: boolean;
}

/** A call that must be refused. */
export interface Refusal {
  /** What must throw. */
  readonly call: () => unknown;
  readonly error: new (...args: never[]) => GpugradError;
  readonly message: RegExp;
}

/** All that is known of one op or function. */
export interface Row {
  readonly samples: readonly Sample[];
  readonly refusals: readonly Refusal[];
  /** A sample of random shape, for fuzzing. */
  readonly random?: (draw: Draw) => Sample;
}

/** A refusal with a ShapeError. */
export function refuses(message: RegExp, call: () => unknown): Refusal {
  return { call, error: ShapeError, message };
}

/** A leaf for calls that are only built, not run. */
export function leaf(shape: Shape, dtype: DType = "f32"): Node {
  return input("x", shape, dtype);
}

/** "[2, 3] i32[4]" */
export function showInputs(inputs: readonly SampleInput[]): string {
  return inputs.map(({ shape, dtype }) => `${dtype && dtype !== "f32" ? dtype : ""}${showShape(shape)}`).join(" ");
}

/** A sample named after its inputs. */
export function sample(
  inputs: readonly (SampleInput | Shape)[],
  call: Sample["call"],
  more: Partial<Omit<Sample, "inputs" | "call">> = {},
): Sample {
  const list = inputs.map((item): SampleInput => ("shape" in item ? item : { shape: item }));
  return { inputs: list, call, ...more, name: more.name ?? showInputs(list) };
}

/** A sample as a graph: its input leaves and its results. */
export function graphOf({ inputs, call }: Sample): { leaves: Node[]; results: readonly Node[] } {
  const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype ?? "f32"));
  const made = call(...leaves);
  return { leaves, results: Array.isArray(made) ? (made as readonly Node[]) : [made as Node] };
}
