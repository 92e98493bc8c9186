// Matrix products: square ones in all four layouts, and shapes on which engines are known to collapse.
import type { Node } from "../../src/graph/node.ts";
import { relu } from "../../src/ops/activation.ts";
import { linear, matmul } from "../../src/ops/matmul.ts";
import { type KernelCase, kernel } from "./kernel.ts";

/** [M, K] · [K, N]; "nt" has the second factor stored transposed, "tn" the first. */
function product(M: number, K: number, N: number, layout: "nn" | "nt" | "tn" | "tt" = "nn"): KernelCase {
  const [transposeA, transposeB] = [layout[0] === "t", layout[1] === "t"];
  const size = M === K && K === N ? `${M}` : `${M}x${K}x${N}`;
  const made = kernel(
    `matmul-${size}${layout === "nn" ? "" : `-${layout}`}`,
    [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]],
    (a, b) => matmul(a as Node, b as Node, { transposeA, transposeB }),
    { flops: 2 * M * K * N },
  );
  return { ...made, peers: { kind: "product", transposeA, transposeB } };
}

export const PRODUCTS: readonly KernelCase[] = [
  product(256, 256, 256),
  product(512, 512, 512),
  product(512, 512, 512, "nt"),
  product(512, 512, 512, "tn"),
  product(512, 512, 512, "tt"),
  product(64, 784, 128),
  product(784, 64, 128, "tn"),
  product(127, 381, 513),
  product(1000, 1000, 10),
  {
    ...kernel(
      "matmul-32x64x64x64",
      [
        [32, 64, 64],
        [32, 64, 64],
      ],
      (a, b) => matmul(a as Node, b as Node),
      { flops: 2 * 32 * 64 ** 3 },
    ),
    peers: { kind: "product", transposeA: false, transposeB: false },
  },
  kernel(
    "linear-relu-64x784x128",
    [[64, 784], [784, 128], [128]],
    (x, w, b) => relu(linear(x as Node, w as Node, b as Node)),
    { flops: 2 * 64 * 784 * 128 },
  ),
];
