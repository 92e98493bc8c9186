// Cases of matrix products. PyTorch names transposes transA and transB, WebNN aTranspose and bTranspose.
import type { Node } from "../../src/graph/node.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { permute } from "../../src/ops/arrange.ts";
import { reshape } from "../../src/ops/broadcast.ts";
import { linear, matmul } from "../../src/ops/matmul.ts";
import type { Call, GraphOf } from "./call.ts";

function product(call: Call): Node {
  return matmul(call.named("a"), call.named("b"), {
    transposeA: call.anyOf(["transA", "aTranspose"], false),
    transposeB: call.anyOf(["transB", "bTranspose"], false),
  });
}

/** WebNN's baseline keeps the axis that a vector lends to a matrix: [K] · [K, N] is [1, N]. */
function matmulOf(call: Call): Node {
  const [a, b] = [call.named("a"), call.named("b")];
  const isMixed = a.shape.length !== b.shape.length && Math.min(a.shape.length, b.shape.length) === 1;
  if (call.isTorch || !isMixed) return product(call);
  return matmul(a.shape.length === 1 ? reshape(a, [1, -1]) : a, b.shape.length === 1 ? reshape(b, [-1, 1]) : b);
}

export const linearAlgebra: Readonly<Record<string, GraphOf>> = {
  matmul: matmulOf,
  matmul_transposed: product,
  gemm: (call) => {
    const scaled = mul(product(call), call.attr("alpha", 1));
    const c = call.maybe("c");
    return c ? add(scaled, mul(c, call.attr("beta", 1))) : scaled;
  },
  // PyTorch's is x·Wᵀ + b, W [out, in]; ours takes W [in, out]. WebNN's is elementwise
  linear: (call) => {
    const weight = call.maybe("weight");
    if (!weight) return add(mul(call.x, call.attr("alpha", 1)), call.attr("beta", 0));
    const transposed = permute(weight, [1, 0]);
    return linear(call.x, transposed, call.maybe("bias"));
  },
};
