// Pooling at the shapes of MNIST's convolutional network, forward and backward, and windows that overlap.
import type { Node } from "../../src/graph/node.ts";
import { avgPool2d } from "../../src/ops/avgPool.ts";
import { maxPool2d } from "../../src/ops/maxPool.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { type KernelCase, kernel } from "./kernel.ts";

type Pool = (x: Node) => Node;

/** The pool alone, and with the gradient that a given one of its result gives. */
function both(name: string, shape: readonly number[], pooled: readonly number[], pool: Pool): KernelCase[] {
  const x = { shape, values: { apart: 0.01 } } as const;
  return [
    kernel(`${name}-forward`, [x], (image) => pool(image as Node)),
    kernel(`${name}-step`, [x, pooled], (image, dy) => {
      const y = pool(image as Node);
      return [y, autodiff(y, dy as Node, [image as Node])[0] as Node];
    }),
  ];
}

export const POOLS: readonly KernelCase[] = [
  ...both("maxpool-64x24x24x8", [64, 24, 24, 8], [64, 12, 12, 8], (x) => maxPool2d(x, { size: 2 })),
  ...both("maxpool-64x8x8x16", [64, 8, 8, 16], [64, 4, 4, 16], (x) => maxPool2d(x, { size: 2 })),
  ...both("maxpool3-16x32x32x32", [16, 32, 32, 32], [16, 16, 16, 32], (x) =>
    maxPool2d(x, { size: 3, stride: 2, padding: 1 }),
  ),
  ...both("avgpool-64x24x24x8", [64, 24, 24, 8], [64, 12, 12, 8], (x) => avgPool2d(x, { size: 2 })),
  ...both("avgpool3-16x32x32x32", [16, 32, 32, 32], [16, 32, 32, 32], (x) =>
    avgPool2d(x, { size: 3, stride: 1, padding: 1 }),
  ),
];
