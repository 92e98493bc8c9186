// Debugging: runs a program dispatch by dispatch beside the float64 reference, and stops at the first value that differs.
import type { TypedArray } from "./core/dtype.ts";
import { GpugradError, internal } from "./core/error.ts";
import { showShape } from "./core/shape.ts";
import { evaluate } from "./cpu/evaluate.ts";
import type { Executable } from "./graph/device.ts";
import type { Node, Values } from "./graph/node.ts";

/** A kernel whose result is not that of its reference. */
export class MismatchError extends GpugradError {
  override name = "MismatchError";
}

/** A dispatch may compute several values in a row, each with its own rounding. */
const IN_A_ROW = 8;
const DEFAULT_TOLERANCE = { relative: 1e-6, absolute: 1e-7 };

/**
 * Runs `executable` once. Each dispatch is given to the reference with the very inputs it had on the device. Gives the number of values compared.
 * @throws MismatchError naming op, shape, index and both values
 */
export async function compareRun(executable: Executable): Promise<number> {
  if (!executable.walk) throw internal("this device has nothing to compare with its reference");
  let compared = 0;
  await executable.walk(async ({ kernel, reads, writes }, read) => {
    const known = new Map<Node, Values>();
    for (const node of reads) known.set(node, Float64Array.from(await read(node)));
    const expected = evaluate(writes, (leaf) => known.get(leaf) as Values, known);
    return async () => {
      for (const [i, node] of writes.entries()) {
        compareValue(kernel, node, await read(node), expected[i] as Values);
        compared++;
      }
    };
  });
  return compared;
}

function compareValue(kernel: Node | undefined, node: Node, got: TypedArray, expected: Values): void {
  const { relative, absolute } = kernel?.op.tolerance ?? node.op.tolerance ?? DEFAULT_TOLERANCE;
  let largest = 0;
  for (const value of expected) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  const limit = node.dtype === "f32" ? IN_A_ROW * (absolute + relative * largest) : 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [got[i] as number, expected[i] as number];
    if (a === b || Math.abs(a - b) <= limit || (Number.isNaN(a) && Number.isNaN(b))) continue;
    throw new MismatchError(
      `compare: ${nameOf(node)} ${showShape(node.shape)} differs at element ${i}: device ${a}, reference ${b}, tolerance ${limit.toExponential(1)}`,
      { op: nameOf(node), index: i, device: a, reference: b },
    );
  }
}

/** "softmaxCrossEntropy.dlogits" */
function nameOf(node: Node): string {
  const result = node.op.picks?.(node.attrs);
  const producer = node.inputs[0];
  return result === undefined || !producer ? node.op.name : `${producer.op.name}.${producer.op.results[result]}`;
}
