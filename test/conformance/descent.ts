// Runs an optimiser as a trainer does: parameters, gradients and state as flat packed arrays, the update a graph, the scalars from the host.
import type { Shape } from "../../src/core/shape.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { fill, input } from "../../src/ops/constant.ts";
import { pack, packLayout, unpack } from "../../src/ops/state.ts";
import { type Optimizer, scalarsAt } from "../../src/optim/optimizer.ts";
import { autodiff } from "../../src/passes/autodiff.ts";
import { compute, program } from "./compute.ts";

/** What each step does: a loss of the parameters, or gradients that are given. */
export type Step =
  | { readonly loss: (parameters: readonly Node[]) => Node }
  | { readonly at: (step: number) => readonly Values[] };

export interface Descent {
  /** Parameters after each step. */
  readonly parameters: readonly (readonly Values[])[];
  /** The loss ahead of each step. */
  readonly losses: readonly number[];
  /** Gradients of the first step. */
  readonly firstGradients: readonly Values[];
  /** The loss after the last step. */
  readonly finalLoss: number | undefined;
}

export async function descend(
  optimizer: Optimizer,
  start: readonly { readonly shape: Shape; readonly values: Values }[],
  steps: number,
  step: Step,
  leaves: ReadonlyMap<Node, Values>,
): Promise<Descent> {
  const shapes = start.map(({ shape }) => shape);
  const { offsets, total } = packLayout(shapes.map(sizeOf));
  const p = input("parameters", [total]);
  const views = unpack(p, shapes);
  const loss = "loss" in step ? step.loss(views) : undefined;
  const found = loss ? autodiff(loss, fill([], 1), views) : [];
  const gradients = found.map((g, i) => g ?? fill(shapes[i] as Shape, 0));
  const g = loss ? pack(gradients) : input("gradients", [total]);

  const slots = Object.fromEntries(optimizer.slots.map((name) => [name, input(name, [total])]));
  const names = Object.keys(scalarsAt(optimizer, 1));
  const scalars = Object.fromEntries(names.map((name) => [name, input(name, [])]));
  const updated = optimizer.update({ p, g, slots, scalars });

  const values = new Map(leaves);
  const packed = (parts: readonly Values[]): Values => {
    const flat = new Float64Array(total);
    for (const [i, part] of parts.entries()) flat.set(part, offsets[i] as number);
    return flat;
  };
  values.set(p, packed(start.map((parameter) => parameter.values)));
  for (const [name, slot] of Object.entries(slots)) {
    values.set(slot, new Float64Array(total).fill(optimizer.initial?.[name] ?? 0));
  }
  const slotNames = Object.keys(slots);
  const roots = [updated.p, ...slotNames.map((name) => updated.slots[name] as Node), ...(loss ? [loss] : [])];
  const parameters: Values[][] = [];
  const losses: number[] = [];
  let firstGradients: readonly Values[] = [];
  const cut = (flat: Values) =>
    shapes.map((shape, i) => flat.slice(offsets[i] as number, (offsets[i] as number) + sizeOf(shape)));

  const stepping = await program(roots);
  for (let k = 1; k <= steps; k++) {
    const now = scalarsAt(optimizer, k);
    for (const [name, scalar] of Object.entries(scalars)) {
      values.set(scalar, Float64Array.of(Math.fround(now[name] as number)));
    }
    if ("at" in step) values.set(g, packed(step.at(k - 1)));
    if (k === 1) firstGradients = await compute(gradients, values);
    const results = await stepping.run(values);
    values.set(p, results[0] as Values);
    for (const [i, name] of slotNames.entries()) values.set(slots[name] as Node, results[i + 1] as Values);
    parameters.push(cut(results[0] as Values));
    if (loss) losses.push(results.at(-1)?.[0] as number);
  }
  stepping.release();
  const finalLoss = loss && (await compute([loss], values))[0]?.[0];
  return { parameters, losses, firstGradients, finalLoss };
}
