// How far a device's f32 result may lie from the float64 reference: a property of the ops that made it, never a number in a test.
import { showShape } from "../core/shape.ts";
import { evaluate } from "../cpu/evaluate.ts";
import { type Node, type Tolerance, topological, type Values } from "../graph/node.ts";

/** Two roundings, and what f32 loses below its smallest normal number. */
const USUAL: Tolerance = { relative: 2.4e-7, absolute: 1.2e-38 };
const EXACT: Tolerance = { relative: 0, absolute: 0 };
/** Rounding errors were tried this often, and may be this much larger than was seen. */
const TRIALS = 4;
const MARGIN = 8;

/** What one op may add to the error of its inputs. */
export function toleranceOf(node: Node): Tolerance {
  if (node.dtype !== "f32") return EXACT;
  const producer = node.op.picks ? (node.inputs[0] as Node) : node;
  return producer.op.tolerance ?? (producer.op.leaf ? EXACT : USUAL);
}

/** The reference's results, and for each the error that f32 may show, element by element. */
export interface Expected {
  readonly values: readonly Values[];
  readonly errors: readonly Values[];
}

/**
 * Computes `roots` in float64, and how far rounding may take them: the last op's own tolerance, and what comes of it when every value on the way
 * is off by its op's tolerance at random.
 */
export function expect(roots: readonly Node[], leaf: (node: Node) => Values, each = false): Expected {
  const values = evaluate(roots, leaf);
  const errors = roots.map((root, i) => allowance(toleranceOf(root), values[i] as Values, each));
  const inner = topological(roots).filter((node) => !node.op.leaf && node.inputs.length > 0);
  if (inner.some((node) => !roots.includes(node))) {
    for (let trial = 0; trial < TRIALS; trial++) {
      evaluateOff(roots, leaf, trial, each).forEach((off, i) => {
        const [exact, error] = [values[i] as Values, errors[i] as Values];
        const distances = off.map((value, k) => Math.abs(value - (exact[k] as number)));
        const largest = largestOf(distances);
        distances.forEach((distance, k) => {
          const seen = each ? (Number.isFinite(distance) ? distance : 0) : largest;
          error[k] = Math.max(error[k] as number, MARGIN * seen);
        });
      });
    }
  }
  return { values, errors };
}

function allowance({ relative, absolute }: Tolerance, values: Values, each: boolean): Values {
  const largest = largestOf(values);
  return values.map((value) => absolute + relative * (each && Number.isFinite(value) ? Math.abs(value) : largest));
}

function largestOf(values: Values): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Evaluates node by node, putting every result off by its tolerance up or down. Whole numbers, which f32 holds, stay: they count and select. */
function evaluateOff(roots: readonly Node[], leaf: (node: Node) => Values, trial: number, each: boolean): Values[] {
  const known = new Map<Node, Values>();
  const order = topological(roots);
  for (const node of order) {
    if (node.op.leaf || known.has(node)) continue;
    const others = node.outputs.length > 1 ? order.filter(({ op, inputs }) => op.picks && inputs[0] === node) : [];
    const results = [node, ...others];
    const values = evaluate(results, leaf, known);
    results.forEach((result, i) => {
      known.set(result, offBy(toleranceOf(result), values[i] as Values, { result, trial, each }));
    });
  }
  return evaluate(roots, leaf, known);
}

function offBy(
  { relative, absolute }: Tolerance,
  value: Values,
  { result, trial, each }: { result: Node; trial: number; each: boolean },
): Values {
  const least = each ? absolute : Math.max(absolute, 0.1 * relative * largestOf(value));
  return value.map((x, i) => {
    if (Number.isInteger(x) && Math.abs(x) < 2 ** 24) return x;
    return x + signOf(result.id, i, trial) * Math.max(relative * Math.abs(x), least);
  });
}

/** −1 or 1, scattered. */
function signOf(node: number, index: number, trial: number): number {
  const mixed = Math.imul(node * 31 + trial, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) >>> 7) & 1 ? 1 : -1;
}

/** The worst element of a result, in units of its allowance. */
export interface Comparison {
  readonly isEqual: boolean;
  /** Largest |got − expected| / allowance. */
  readonly worst: number;
  /** Says where and by how much, when it is not equal. */
  readonly message: string;
}

/** Compares a device's result with what was expected. Non-finite values must agree exactly. */
export function compare(node: Node, got: ArrayLike<number>, values: Values, errors: Values): Comparison {
  if (got.length !== values.length) {
    return {
      isEqual: false,
      worst: Number.POSITIVE_INFINITY,
      message: `${got.length} elements instead of ${values.length}`,
    };
  }
  let worst = 0;
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [got[i] as number, values[i] as number];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b)) || a === Math.fround(b)) continue;
    const excess = Math.abs(a - b) / (errors[i] as number);
    if (excess > worst || Number.isNaN(excess)) {
      worst = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
      at = i;
    }
  }
  if (worst <= 1) return { isEqual: true, worst, message: "" };
  const message = `${node.op.name} ${showShape(node.shape)} at ${at}: got ${got[at]}, expected ${values[at]}, ${worst.toPrecision(3)} × the allowed ${(errors[at] as number).toExponential(1)}`;
  return { isEqual: false, worst, message };
}
