// Which tensor stopped being finite: one step on the CPU reference, from the weights before it.
import { NonFiniteError } from "../core/error.ts";
import { sizeOf } from "../core/shape.ts";
import { evaluate } from "../cpu/evaluate.ts";
import type { Dataset } from "../data/dataset.ts";
import { type IndexTable, NO_EXAMPLE } from "../data/indices.ts";
import type { Node, Values } from "../graph/node.ts";
import { cast } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { fill, input } from "../ops/constant.ts";
import { gradients } from "../passes/autodiff.ts";
import type { Run } from "./run.ts";
import { replacements } from "./slots.ts";
import type { Weights } from "./state.ts";
import { type Blueprint, forward, score } from "./step.ts";

const LARGEST_F32 = 3.4028234663852886e38;
const isFinite32 = (value: number) => Math.abs(value) <= LARGEST_F32;

/** The step to look at: what it was fed, its row of the epoch's order, and its number from 0. */
interface Place {
  readonly set: Dataset;
  readonly table: IndexTable;
  readonly row: number;
  readonly step: number;
}

/** Finds what was not finite first in a step, on the CPU reference. The weights are those from before it. */
export async function explain({ state, blueprint }: Run, place: Place): Promise<NonFiniteError> {
  await state.takeSnapshot();
  const what = diagnose(blueprint, state.weights(), place);
  state.health.write([0]);
  const step = place.step + 1;
  return new NonFiniteError(
    `fit: step ${step} is not finite: ${what}. The weights are those from before this step. Try a smaller learning rate, or clip gradients`,
    { step },
  );
}

/** Names the first tensor of a step that f32 cannot hold: the data, a parameter, a layer's output, the loss, or a gradient. */
function diagnose(blueprint: Blueprint, weights: Weights, { set, table, row, step }: Place): string {
  const order = [...table.indices.subarray(row * table.batchSize, (row + 1) * table.batchSize)].filter(
    (index) => index !== NO_EXAMPLE,
  );
  const rowsOf = (values: ArrayLike<number>, size: number) =>
    Float64Array.from(
      { length: order.length * size },
      (_, i) => values[(order[Math.floor(i / size)] as number) * size + (i % size)] as number,
    );
  const size = sizeOf(set.shape);
  const features = rowsOf(set.features, size).map((value) =>
    set.features instanceof Uint8Array ? value * set.scale + set.offset : value,
  );
  const x = input("x", [order.length, ...set.shape], set.features instanceof Int32Array ? "i32" : "f32");
  const y = input("y", [order.length, ...set.labelShape], set.labels instanceof Int32Array ? "i32" : "f32");
  const counter = input("counter", [], "u32");
  const leaves = blueprint.slots.map(({ path, shape }) => input(path, shape));

  const named: [string, Node][] = [
    ["the batch", cast(x, "f32")],
    ...leaves.map((leaf, i): [string, Node] => [`parameter ${blueprint.slots[i]?.path}`, leaf]),
  ];
  const { replace, next } = replacements(blueprint.slots, leaves);
  const prediction = forward(blueprint, leaves, x, {
    counter,
    training: true,
    replace,
    note: (path, value) => named.push([`the output of layer ${path}`, value]),
  });
  const { losses } = score(blueprint, prediction, {
    y,
    mask: fill([order.length], 1, "bool"),
    valid: fill([], order.length),
  });
  named.push(["the loss", losses]);
  const trained = leaves.filter((_, i) => blueprint.slots[i]?.role === "trained");
  const pathOf = (leaf: Node) => blueprint.slots[leaves.indexOf(leaf)]?.path;
  gradients(sum(losses), trained).forEach((gradient, i) => {
    named.push([`the gradient of ${pathOf(trained[i] as Node)}`, gradient]);
  });
  for (const [leaf, value] of next) named.push([`the next ${pathOf(leaf)}`, value]);

  const given = new Map<Node, Values>([
    [x, features],
    [y, rowsOf(set.labels, sizeOf(set.labelShape))],
    [counter, Float64Array.of(step)],
    ...leaves.map((leaf, i): [Node, Values] => [
      leaf,
      Float64Array.from(weights[blueprint.slots[i]?.path ?? ""]?.data ?? []),
    ]),
  ]);
  const values = evaluate(
    named.map(([, node]) => node),
    (leaf) => given.get(leaf) as Values,
  );
  const bad = values.findIndex((value) => !value.every(isFinite32));
  if (bad < 0) return "in f32 alone: in float64 everything is finite";
  const value = values[bad]?.find((element) => !isFinite32(element));
  return `${named[bad]?.[0]} is ${Math.abs(value ?? 0) > LARGEST_F32 && Number.isFinite(value) ? `${value?.toExponential(2)}, too large for f32` : value}`;
}
