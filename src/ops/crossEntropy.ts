// Cross-entropy of a softmax, whole: each row's loss, its gradient with respect to the logits and whether the row is right, in one kernel.
// With class indices t, weights w and smoothing s, following PyTorch: loss = −Σ_c q_c ln softmax(x)_c, q_c = w_c·((1 − s)·[c = t] + s / C).

import shader from "../../shaders/crossEntropy.wgsl?raw";
import { OptionError, ShapeError } from "../core/error.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { defineOp, output } from "../graph/define.ts";
import type { GradContext, Input, Node, Spec } from "../graph/node.ts";
import { add, cast, equal, mul, notEqual, sub, where } from "./arithmetic.ts";
import { reshape, sum } from "./broadcast.ts";
import { asNode, fill, filledWith, iota, literal } from "./constant.ts";
import { floatLibrary } from "./libraries.ts";
import { sumOf, teamFor } from "./team.ts";
import { detach } from "./unary.ts";

/** Options of the op. */
export interface CrossEntropyAttrs {
  readonly labelSmoothing: number;
  /** Rows with this label count nothing; null when every label counts. */
  readonly ignoreIndex: number | null;
}

const BLOCK = 64; // classes added up apart
const MOST_KEPT = 32; // logits that a thread keeps instead of reading, or working out, three times

const crossEntropyOp = defineOp<CrossEntropyAttrs>({
  name: "softmaxCrossEntropy",
  inputs: ["logits", "labels", "weights"],
  results: ["loss", "dlogits", "correct"],
  infer: ([logits, labels, weights]) => {
    check(logits as Spec, labels as Spec, weights as Spec);
    const rows = { shape: [logits?.shape[0] as number], dtype: "f32" } as const;
    return [rows, logits as Spec, rows];
  },
  grad,
  kernel: {
    reads: [3, 3, 64], // weights are read by every row
    build: ({ inputs: [logits, labels], attrs: { labelSmoothing, ignoreIndex }, profile }) => {
      const threads = profile.family === "software" ? 16 : 64; // small workgroups spread a batch over a CPU's cores
      const [rows, classes] = (logits as Spec).shape as [number, number];
      const KEPT = classes <= MOST_KEPT ? classes : 0;
      const inFours = KEPT === 0 && classes % 4 === 0;
      const WIDTH = inFours ? 4 : 1;
      const shares = { results: rows, count: KEPT > 0 ? 1 : classes, isContiguous: true, width: WIDTH };
      const team = teamFor(shares, profile, [["largest_of_team", "Place", LARGER], sumOf("vec3f")], threads);
      return {
        file: "crossEntropy.wgsl",
        shader,
        ...team,
        ...(inFours ? { vectors: ["logits"] } : {}),
        ...(KEPT > 0 ? { kept: "logits" } : {}),
        consts: {
          ...team.consts,
          KEPT,
          WIDTH,
          BLOCK,
          PROBABILITIES: labels?.dtype === "f32",
          IGNORES: ignoreIndex !== null && labels?.dtype !== "f32",
          IGNORED: (ignoreIndex ?? 0) >>> 0,
        },
        types: { Logits: inFours ? "vec4f" : "f32" },
        libraries: [floatLibrary],
        code: `${team.code}
${KEPT > 0 ? "" : "fn keep_logits(row: u32) {}"}
fn logits_of(first: u32, c: u32) -> Logits { return ${KEPT > 0 ? "kept[c]" : `load${inFours ? 4 : ""}_logits(first + c)`}; }
fn number_of(x: Logits, j: u32) -> f32 { return x${inFours ? "[j]" : ""}; }
const SMOOTHING = ${literal(labelSmoothing, "f32")};`,
        sizes: { rows, classes },
        threads: rows * team.lanes,
      };
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** WGSL that takes the larger of two values with their classes; of equal ones the first class. */
const LARGER = "if (b.value > a.value || (b.value == a.value && b.at < a.at)) { return b; } return a;";

function check(logits: Spec, labels: Spec, weights: Spec): void {
  const call = "softmaxCrossEntropy";
  if (logits.shape.length !== 2 || logits.dtype !== "f32") {
    throw new ShapeError(
      `${call}: logits must be f32 of shape [rows, classes]: ${logits.dtype} ${showShape(logits.shape)}`,
    );
  }
  const [rows, classes] = logits.shape as [number, number];
  if (classes === 0) throw new ShapeError(`${call}: logits have no classes: ${showShape(logits.shape)}`);
  const isProbabilities = labels.dtype === "f32";
  if (labels.dtype === "bool" || !sameShape(labels.shape, isProbabilities ? logits.shape : [rows])) {
    throw new ShapeError(
      `${call}: the target must be i32 or u32 class indices [${rows}] or f32 probabilities [${rows}, ${classes}]: got ${labels.dtype} ${showShape(labels.shape)}`,
    );
  }
  if (weights.dtype !== "f32" || !sameShape(weights.shape, [classes])) {
    throw new ShapeError(
      `${call}: class weights must be f32 [${classes}]: got ${weights.dtype} ${showShape(weights.shape)}`,
    );
  }
}

/** With s = softmax(x), S = Σ q: loss = −Σ q·ln s and dlogits = s·S − q. Gradients arrive at both, for logits, probabilities and weights. */
function grad({ x, y, dys, attrs }: GradContext<CrossEntropyAttrs>): (Node | undefined)[] {
  const [logits, labels, weights] = x as [Node, Node, Node];
  const [dloss, ddlogits] = dys;
  const rows = logits.shape[0] as number;
  const perRow = dloss && reshape(dloss, [rows, 1]);
  let dx = perRow && mul(output(y, 1), perRow);
  const isConstant = labels.dtype !== "f32" && filledWith(weights) !== undefined;
  if (isConstant && !ddlogits) return [dx, undefined, undefined];

  const s = softmaxOf(logits);
  const given = targetShares(labels, logits, attrs);
  let dq = perRow && mul(sub(logSumExp(logits, s), logits), perRow);
  if (ddlogits) {
    const mean = sum(mul(ddlogits, s), 1, { keepDims: true });
    const shares = sum(mul(given, weights), 1, { keepDims: true });
    const second = mul(shares, mul(s, sub(ddlogits, mean))); // d s = s·(dx − Σ s·dx)
    dx = dx ? add(dx, second) : second;
    const through = sub(mean, ddlogits);
    dq = dq ? add(dq, through) : through;
  }
  return [
    dx,
    labels.dtype === "f32" && dq ? mul(mul(dq, weights), 1 - attrs.labelSmoothing) : undefined,
    dq && sum(mul(dq, given), 0),
  ];
}

/** The kernel with every weight 1, which also gives what its own second gradient is made of: pages that train download no other for it. */
const plainly = (logits: Node, target: Node) =>
  crossEntropyOp([logits, target, fill(logits.shape.slice(1), 1)], { labelSmoothing: 0, ignoreIndex: null });

/** With q = 1/C: s = dlogits + 1/C. */
function softmaxOf(logits: Node): Node {
  const share = 1 / (logits.shape[1] as number);
  return add(output(plainly(logits, fill(logits.shape, share)), 1), share);
}

/** ln Σeˣ of each row, [rows, 1]. With a constant q that adds up to 1 it is loss + Σ q·x; q = s is 0 where x is −∞. */
function logSumExp(logits: Node, s: Node): Node {
  const q = detach(s);
  const loss = reshape(plainly(logits, q), [logits.shape[0] as number, 1]);
  return add(loss, sum(where(equal(q, 0), 0, mul(q, logits)), 1, { keepDims: true }));
}

/** (1 − s)·target + s / C as [rows, classes]: the shares before weighting; 0 in ignored rows. */
function targetShares(labels: Node, { shape }: Node, { labelSmoothing, ignoreIndex }: CrossEntropyAttrs): Node {
  const [rows, classes] = shape as [number, number];
  const smooth = (target: Node) => add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  if (labels.dtype === "f32") return smooth(labels);
  const label = reshape(cast(labels, "i32"), [rows, 1]);
  const shares = smooth(cast(equal(iota(classes, "i32"), label), "f32"));
  return ignoreIndex === null ? shares : mul(shares, cast(notEqual(label, ignoreIndex), "f32"));
}

/** What a cross-entropy takes besides logits and targets. */
export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes, 0 (default) … 1. */
  readonly labelSmoothing?: number;
  /** A weight for each class, f32 [C]. */
  readonly classWeights?: Node;
  /** Rows with this class index count nothing: no loss, no gradient, not correct. */
  readonly ignoreIndex?: number;
}

/**
 * Cross-entropy between softmax(logits) and a target, for each row: logits [N, C]; target class indices [N] (i32 or u32) or
 * probabilities [N, C]. Gives the losses [N]; `output(node, 1)` is their gradient [N, C] with respect to the logits and
 * `output(node, 2)` is 1 where the largest logit is the target's class, else 0. A class index out of range gives NaN.
 * @throws ShapeError when shapes or element types do not fit; OptionError when the smoothing is outside 0 … 1
 */
export function softmaxCrossEntropy(logits: Node, target: Input, options: CrossEntropyOptions = {}): Node {
  const { labelSmoothing = 0, classWeights, ignoreIndex } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new OptionError(`softmaxCrossEntropy: labelSmoothing must be in 0 … 1: got ${labelSmoothing}`);
  }
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
    throw new OptionError(`softmaxCrossEntropy: ignoreIndex must be an integer: got ${ignoreIndex}`);
  }
  const weights = classWeights ?? fill([logits.shape[1] ?? 0], 1);
  const labels = asNode("softmaxCrossEntropy", target);
  return crossEntropyOp([logits, labels, weights], { labelSmoothing, ignoreIndex: ignoreIndex ?? null });
}

export const crossEntropyOps = { softmaxCrossEntropy: crossEntropyOp };
