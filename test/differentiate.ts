// Gradients of a graph function by autodiff and by central differences in float64, for tests.
import { sizeOf } from "../src/core/shape.ts";
import { evaluate } from "../src/cpu/evaluate.ts";
import type { Node, Values } from "../src/graph/node.ts";
import { mul } from "../src/ops/arithmetic.ts";
import { sum } from "../src/ops/broadcast.ts";
import { constant, zerosLike } from "../src/ops/constant.ts";
import { autodiff } from "../src/passes/autodiff.ts";

/** Runs a graph, given the elements of its inputs. */
export function run(roots: readonly Node[], values: ReadonlyMap<Node, ArrayLike<number>>): Values[] {
  return evaluate(roots, (leaf) => Float64Array.from(values.get(leaf) ?? missing(leaf)));
}

function missing(leaf: Node): never {
  throw new Error(`test: no values for leaf ${leaf.attrs["name"]}`);
}

/** Fixed numbers without pattern in −1 … 1. */
export function numbers(count: number, seed = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453).map(
    (x) => 2 * (x - Math.floor(x)) - 1,
  );
}

/** Σ u·y with fixed u: turns any result into a scalar that is worth differentiating. */
export function project(y: Node, values: Map<Node, ArrayLike<number>>): Node {
  const u = constant(numbers(sizeOf(y.shape), 9), y.shape);
  values.set(u, numbers(sizeOf(y.shape), 9));
  return sum(mul(y, u));
}

/** Largest difference between autodiff's gradient of Σ u·y and central differences, over all of `wrt`, relative to the largest entry. */
export function gradientError(
  y: Node,
  wrt: readonly Node[],
  given: ReadonlyMap<Node, ArrayLike<number>>,
  step = 1e-5,
): number {
  const values = new Map(given);
  const scalar = project(y, values);
  const gradients = autodiff(scalar, constantOne(values), wrt).map((g, i) => g ?? zerosLike(wrt[i] as Node));
  const exact = run(gradients, values);
  let worst = 0;
  wrt.forEach((leaf, k) => {
    const at = Float64Array.from(values.get(leaf) as ArrayLike<number>);
    const largest = Math.max(1e-3, ...(exact[k] as Values).map(Math.abs));
    at.forEach((x, i) => {
      const around = [x + step, x - step].map((moved) => {
        const shifted = new Map(values).set(leaf, at.with(i, moved));
        return run([scalar], shifted)[0]?.[0] as number;
      }) as [number, number];
      const difference = (around[0] - around[1]) / (2 * step);
      worst = Math.max(worst, Math.abs(difference - (exact[k]?.[i] as number)) / largest);
    });
  });
  return worst;
}

function constantOne(values: Map<Node, ArrayLike<number>>): Node {
  const one = constant([1], []);
  values.set(one, [1]);
  return one;
}
