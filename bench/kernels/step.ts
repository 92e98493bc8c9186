// What a training step is made of besides layers: taking a batch, adding to rows of a table, the optimiser, random numbers.
import type { Node } from "../../src/graph/node.ts";
import { gather, scatterAdd } from "../../src/ops/gather.ts";
import { randomNormal } from "../../src/ops/random.ts";
import { adam } from "../../src/optim/adam.ts";
import { type KernelCase, kernel } from "./kernel.ts";

/** The update of so many million parameters: 3 arrays read and written, the gradient read. */
export function adamUpdate(millions: number): KernelCase {
  const optimizer = adam(1e-3);
  const scalars = Object.entries(optimizer.scalars(10, 1e-3));
  const [count, slots] = [millions * 2 ** 20, optimizer.slots];
  return kernel(
    `adam-${millions}M`,
    [
      [count],
      [count],
      ...slots.map(() => ({ shape: [count], values: [0, 1] as const })),
      ...scalars.map(([, value]) => ({ shape: [], values: { list: [value] } })),
    ],
    (p, g, ...rest) => {
      const state = Object.fromEntries(slots.map((name, i) => [name, rest[i] as Node]));
      const named = Object.fromEntries(scalars.map(([name], i) => [name, rest[slots.length + i] as Node]));
      const next = optimizer.update({ p: p as Node, g: g as Node, slots: state, scalars: named });
      return [next.p, ...Object.values(next.slots)];
    },
  );
}

export const STEP_KERNELS = [
  adamUpdate(1),
  kernel(
    "gather-64-of-4096x784",
    [[4096, 784], { shape: [64], dtype: "u32", values: [0, 4096] }],
    (x, at) => gather(x as Node, at as Node, 0),
    { bytes: 2 * 4 * 64 * 784 },
  ),
  kernel(
    "scatter-4096-into-1000x64",
    [[1000, 64], { shape: [4096], dtype: "u32", values: [0, 1000] }, [4096, 64]],
    (x, at, updates) => scatterAdd(x as Node, at as Node, updates as Node, 0),
  ),
  kernel("random-normal-1M", [{ shape: [], dtype: "u32", values: { list: [3] } }], (counter) =>
    randomNormal([1024, 1024], { seed: 1, stream: 0, counter: counter as Node }),
  ),
];
