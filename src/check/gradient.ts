// Checks gradients by random projection: the slope along a random direction, from the gradient and from central differences, in float64.
import { uniforms } from "../core/rng.ts";
import { sizeOf } from "../core/shape.ts";
import { evaluate } from "../cpu/evaluate.ts";
import type { Node, Values } from "../graph/node.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { fill, input } from "../ops/constant.ts";
import { autodiff } from "../passes/autodiff.ts";
import { graphOf, type Sample, type SampleInput } from "./sample.ts";
import { drawValues } from "./values.ts";

/** Largest relative error of a slope that passes. */
export const GRADIENT_TOLERANCE = 1e-5;
/** Half the distance of the coarse difference; the finer one is half as wide, and together they have no error below STEP⁴. */
const STEP = 1e-3;

/** The slope of a sample along a random direction of one of its inputs. */
export interface Slope {
  /** Position of the input. */
  readonly input: number;
  readonly fromGradient: number;
  readonly fromDifferences: number;
  /** Their distance over the size of the slope's terms. */
  readonly error: number;
}

/** Σ of all f32 results, weighted with `weights`, one for each of them. */
function weightedSum(results: readonly Node[], weights: readonly Node[]): Node {
  return results.map((result, i) => sum(mul(result, weights[i] as Node))).reduce((a, b) => add(a, b), fill([], 0));
}

const isFloat = ({ dtype }: { readonly dtype?: string }) => dtype === undefined || dtype === "f32";

/** The gradient of a sample as a sample of its own: it also takes the gradients of the results. For kernels, and for gradients of gradients. */
export function gradientOf(sample: Sample): Sample | undefined {
  const floats = graphOf(sample).results.filter(isFloat);
  const count = sample.inputs.length;
  const call = (...nodes: Node[]): Node[] => {
    const made = sample.call(...nodes.slice(0, count));
    const results = (Array.isArray(made) ? (made as readonly Node[]) : [made as Node]).filter(isFloat);
    const wrt = nodes.slice(0, count).filter(isFloat);
    return autodiff(weightedSum(results, nodes.slice(count)), fill([], 1), wrt).filter(
      (gradient) => gradient !== undefined,
    );
  };
  const inputs: SampleInput[] = [...sample.inputs, ...floats.map(({ shape }) => ({ shape }))];
  const probe = call(...inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype ?? "f32")));
  return probe.length === 0 ? undefined : { ...sample, name: `gradient of ${sample.name}`, inputs, call };
}

/** Compares both slopes for every f32 input of a sample. Inputs that the results do not depend on have slope 0. */
export function slopesOf(sample: Sample, seed: number): Slope[] {
  const { leaves, results } = graphOf(sample);
  const floats = results.filter(isFloat);
  const weights = floats.map(({ shape }, i) => input(`weight${i}`, shape));
  const given = new Map<Node, Values>();
  for (const [i, leaf] of leaves.entries()) given.set(leaf, drawValues(sample.inputs[i] ?? leaf, seed, i));
  for (const [i, { shape }] of weights.entries()) {
    given.set(weights[i] as Node, Float64Array.from(uniforms(seed, [100 + i], sizeOf(shape), -1, 1)));
  }
  const total = weightedSum(floats, weights);
  const wrt = leaves.filter((leaf) => isFloat(leaf) && sizeOf(leaf.shape) > 0);
  const gradients = autodiff(total, fill([], 1), wrt);
  const known = gradients.filter((gradient) => gradient !== undefined);
  const exact = evaluate(known, (leaf) => given.get(leaf) as Values);
  return wrt.map((leaf, k) => {
    const at = given.get(leaf) as Values;
    const direction = Float64Array.from(uniforms(seed, [200 + k], at.length, -1, 1));
    const valueAt = (step: number) => {
      const moved = at.map((x, i) => x + step * (direction[i] as number));
      return evaluate([total], (node) => (node === leaf ? moved : (given.get(node) as Values)))[0]?.[0] as number;
    };
    const difference = (step: number) => (valueAt(step) - valueAt(-step)) / (2 * step);
    const fromDifferences = (4 * difference(STEP / 2) - difference(STEP)) / 3;
    const gradient = gradients[k] ? exact[known.indexOf(gradients[k] as Node)] : undefined;
    let fromGradient = 0;
    let size = 0;
    gradient?.forEach((slope, i) => {
      const term = slope * (direction[i] as number);
      fromGradient += term;
      size = Math.hypot(size, term);
    });
    const distance = Math.abs(fromGradient - fromDifferences);
    const error = distance === 0 ? 0 : distance / Math.max(size, Math.abs(fromDifferences), 1e-6);
    return { input: leaves.indexOf(leaf), fromGradient, fromDifferences, error };
  });
}
