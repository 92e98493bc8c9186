// Matrix products. One primitive, `matmul`: [B, M, K] · [B, K, N] with either side transposed, a bias that the accumulators
// start from, and column sums of the right side (the bias gradient, found while dW = Xᵀ·dY reads dY anyway).

import { ShapeError } from "../core/error.ts";
import { broadcastShapes, sameShape, showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction, output } from "../graph/define.ts";
import type { ProductSizes } from "../graph/form.ts";
import type { GradContext, Node, Spec } from "../graph/node.ts";
import { add } from "./arithmetic.ts";
import { expand, reshape, sum } from "./broadcast.ts";
import { fill } from "./constant.ts";
import { matmulKernel } from "./matmulKernels.ts";

export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly columnSums: boolean;
  /** Given where a kernel works out sums in parts: all results then have an axis of parts in front. */
  readonly parts?: number;
}

/** The sizes of one product, and the steps between elements along each of its axes. */
export function measure(
  [a, b]: readonly Spec[],
  { transposeA, transposeB }: MatmulAttrs,
): ProductSizes & { readonly inner: number } {
  const [B = 0, rowsA = 0, columnsA = 0] = a?.shape ?? [];
  const [, rowsB = 0, columnsB = 0] = b?.shape ?? [];
  const [M, K] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, N] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  return {
    B,
    M,
    K,
    N,
    inner,
    a_m: transposeA ? 1 : K,
    a_k: transposeA ? M : 1,
    b_k: transposeB ? 1 : N,
    b_n: transposeB ? K : 1,
  };
}

const matmulOp: OpFunction<MatmulAttrs> = defineOp<MatmulAttrs>({
  name: "matmul",
  inputs: ["a", "b", "bias"],
  optional: 1,
  results: ["y", "sums"],
  infer: (inputs, attrs) => {
    const { B, M, N } = measure(inputs, attrs);
    const lead = attrs.parts === undefined ? [] : [attrs.parts];
    const y: Spec = { shape: [...lead, B, M, N], dtype: "f32" };
    return attrs.columnSums ? [y, { shape: [...lead, N], dtype: "f32" }] : y;
  },
  grad: matmulGrad,
  lower: (node, profile) => {
    const attrs = node.attrs as unknown as MatmulAttrs;
    const { split } = profile.products ?? {};
    const parts = attrs.parts ? 1 : (split?.partsOf(measure(node.inputs, attrs), profile) ?? 1);
    if (!split || parts < 2) return node;
    const partial = matmulOp(node.inputs, { ...attrs, parts });
    return split.sumParts(partial.outputs.map((_, i) => output(partial, i)));
  },
  kernel: {
    reads: [8, 8, 8],
    build: (context) => matmulKernel(measure(context.inputs, context.attrs), context, context.attrs.parts),
  },
  // The same product, worked out where it is read: for heads so small that a dispatch costs more.
  pointwise: {
    aligned: false,
    cost: Number.POSITIVE_INFINITY,
    work: (inputs, attrs) => 2 * measure(inputs, attrs).K,
    expression: ({ attrs, inputs, index, load, local, accumulate }) => {
      const { B, M, K, N, a_m, a_k, b_k, b_n } = measure(inputs, attrs);
      const i = local("u32", index);
      const line = local("u32", `${i} / ${N}u`);
      const column = local("u32", `${i} % ${N}u`);
      const row = B === 1 ? line : local("u32", `${line} % ${M}u`);
      const matrix = (size: number) => (B === 1 ? "" : `${local("u32", `${line} / ${M}u`)} * ${size}u + `);
      // ahead of the loop: not every driver moves what stays the same out of it
      const left = local("u32", `${matrix(M * K)}${row} * ${a_m}u`);
      const right = local("u32", `${matrix(K * N)}${column} * ${b_n}u`);
      return accumulate(
        "f32",
        inputs[2] ? load(2, column) : "0.0",
        K,
        (k) => `${load(0, `${left} + ${k} * ${a_k}u`)} * ${load(1, `${right} + ${k} * ${b_k}u`)}`,
      );
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

function matmulGrad({
  x: [a, b, bias],
  dy,
  dys,
  attrs: { transposeA, transposeB },
}: GradContext<MatmulAttrs>): (Node | undefined)[] {
  const [left, right] = [a as Node, b as Node];
  const da = transposeA ? product(right, dy, transposeB, true) : product(dy, right, false, !transposeB);
  let db: Node;
  let dbias: Node | undefined;
  if (bias && !transposeB) {
    db = product(left, dy, !transposeA, false, true);
    dbias = output(db, 1);
  } else {
    db = transposeB ? product(dy, left, true, transposeA) : product(left, dy, !transposeA, false);
    if (bias) dbias = sum(dy, [0, 1]);
  }
  const sums = dys[1];
  if (sums)
    db = add(
      db,
      transposeB ? expand(reshape(sums, [1, sizeOf(sums.shape), 1]), right.shape) : expand(sums, right.shape),
    );
  return [da, db, dbias];
}

function product(a: Node, b: Node, transposeA: boolean, transposeB: boolean, columnSums = false): Node {
  return matmulOp([a, b], { transposeA, transposeB, columnSums });
}

/** Options of `matmul`. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Matrix product over the last two axes; axes in front broadcast; vectors count as a row (left) or a column (right), as in NumPy.
 * @throws ShapeError when the inner sizes differ
 * @example
 * matmul(x, w)                        // [64, 784] · [784, 128] → [64, 128]
 * matmul(x, dy, { transposeA: true }) // [64, 784]ᵀ · [64, 128] → [784, 128]
 */
export function matmul(a: Node, b: Node, options: MatmulOptions = {}): Node {
  const { transposeA = false, transposeB = false } = options;
  checkSides("matmul", a, b);
  const left =
    a.shape.length === 1 ? reshape(a, transposeA ? [a.shape[0] as number, 1] : [1, a.shape[0] as number]) : a;
  const right =
    b.shape.length === 1 ? reshape(b, transposeB ? [1, b.shape[0] as number] : [b.shape[0] as number, 1]) : b;
  const [leadA, leadB] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const last2 = (node: Node, swap: boolean) =>
    (swap ? [node.shape.at(-1), node.shape.at(-2)] : [node.shape.at(-2), node.shape.at(-1)]) as [number, number];
  const [M, K] = last2(left, transposeA);
  const [inner, N] = last2(right, transposeB);
  if (K !== inner) throw innerSizes("matmul", a, b, transposeA ? "ᵀ" : "", transposeB ? "ᵀ" : "");
  const lead = broadcastShapes("matmul", leadA, leadB);
  const shape = [...lead, ...(a.shape.length === 1 ? [] : [M]), ...(b.shape.length === 1 ? [] : [N])];
  if (sizeOf(shape) === 0 || K === 0) return fill(shape, 0);
  if (sizeOf(leadB) === 1 && !transposeA) {
    const rows = sizeOf(leadA) * M; // one matrix on the right: all rows on the left are rows of one product
    const one = product(reshape(left, [1, rows, K]), reshape(right, [1, ...right.shape.slice(-2)]), false, transposeB);
    return reshape(one, shape);
  }
  const spread = (node: Node) =>
    reshape(expand(node, [...lead, ...node.shape.slice(-2)]), [sizeOf(lead), ...node.shape.slice(-2)]);
  return reshape(product(spread(left), spread(right), transposeA, transposeB), shape);
}

/** x · w + b over the last axis of `x`: [..., in] · [in, out] + [out]. The bias costs nothing extra, nor does its gradient. */
export function linear(x: Node, w: Node, b?: Node): Node {
  if (w.shape.length !== 2) throw new ShapeError(`linear: the weight must be [in, out]: got ${showShape(w.shape)}`);
  const [K, N] = w.shape as [number, number];
  if (b && !sameShape(b.shape, [N])) throw new ShapeError(`linear: the bias must be [${N}]: got ${showShape(b.shape)}`);
  const bias = b ? [b] : [];
  checkSides("linear", x, w, ...bias);
  if (x.shape.at(-1) !== K) throw innerSizes("linear", x, w);
  const lead = x.shape.slice(0, -1);
  const shape = [...lead, N];
  if (sizeOf(shape) === 0) return fill(shape, 0);
  if (K === 0) return b ? expand(b, shape) : fill(shape, 0);
  const attrs = { transposeA: false, transposeB: false, columnSums: false };
  return reshape(matmulOp([reshape(x, [1, sizeOf(lead), K]), reshape(w, [1, K, N]), ...bias], attrs), shape);
}

function checkSides(call: string, a: Node, b: Node, ...bias: readonly Node[]): void {
  for (const { dtype, shape } of [a, b, ...bias]) {
    if (dtype !== "f32") throw new ShapeError(`${call}: takes f32: got ${dtype}. Use cast`);
    if (shape.length === 0)
      throw new ShapeError(`${call}: a scalar has no rows: ${showShape(a.shape)} @ ${showShape(b.shape)}. Use mul`);
  }
}

/** What is wrong with sides that do not fit; marks say which is transposed. */
function innerSizes(call: string, a: Node, b: Node, markA = "", markB = ""): ShapeError {
  return new ShapeError(`${call}: inner sizes differ: ${showShape(a.shape)}${markA} @ ${showShape(b.shape)}${markB}`);
}

export const matmulOps = { matmul: matmulOp };
