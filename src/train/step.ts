// The graphs of training and evaluation: forward, loss, gradients, update and log, as nodes over tensors of the trainer.
import { sizeOf } from "../core/shape.ts";
import { output } from "../graph/define.ts";
import type { Node } from "../graph/node.ts";
import type { Loss } from "../loss/loss.ts";
import type { Metric } from "../metrics/perSample.ts";
import type { ApplyContext, Layer, NodeTree } from "../nn/layer.ts";
import { add, cast, div, equal, where } from "../ops/arithmetic.ts";
import { reshape, sum } from "../ops/broadcast.ts";
import { fill } from "../ops/constant.ts";
import { finiteCheck, pack, record } from "../ops/state.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { gradients } from "../passes/autodiff.ts";
import type { Tensor } from "../tensor.ts";
import type { Batch } from "./feed.ts";
import { type Arrays, nodesOf, type ParameterSlot, parameterTree, type Role, replacements } from "./slots.ts";

/** What the graphs are made of. */
export interface Blueprint {
  readonly model: Layer;
  readonly slots: readonly ParameterSlot[];
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  readonly seed: number;
  /** Adds to the loss, given the parameters: L1, L2 and their like. */
  readonly penalty?: ((parameters: NodeTree) => Node) | undefined;
}

/** What becomes of the gradients, packed in one array, before the optimiser sees them: `optim.clip({ norm: 1 })`. */
export type Clip = (gradients: Node) => Node;

/** How `forward` calls the model. */
export interface ForwardOptions extends Omit<ApplyContext, "random"> {
  /** The step that random layers draw for. */
  readonly counter: Node;
}

/** Calls the model on `x`. Random layers draw from streams numbered in the order of their calls. */
export function forward(
  { model, slots, seed }: Blueprint,
  leaves: readonly Node[],
  x: Node,
  { counter, ...context }: ForwardOptions,
): Node {
  let stream = 0;
  const random = () => ({ seed, stream: stream++, counter });
  return model.apply(parameterTree(slots, leaves), x, { ...context, random });
}

/** What a step logs: the sum of losses, what their mean divides by, 1 once something was not finite, the penalty, then the sum of each metric. */
export const LOG = { loss: 0, weight: 1, health: 2, penalty: 3, metrics: 4 } as const;

interface Scored {
  /** Masked loss of each example. */
  readonly losses: Node;
  /** The weight of each example. */
  readonly weights: Node;
  /** Σ weights. */
  readonly total: Node;
  readonly metrics: readonly Node[];
}

/** Losses and metrics of a batch, examples that are only padding left out. */
export function score(
  { loss, metrics }: Blueprint,
  prediction: Node,
  { y, mask, valid }: Pick<Batch, "y" | "mask" | "valid">,
): Scored {
  // one number an example: [B] and [B, 1] are the same
  const target =
    loss.target !== "classes" && sizeOf(y.shape) === sizeOf(prediction.shape) ? reshape(y, prediction.shape) : y;
  const scored = loss.perSample(prediction, target);
  const keep = (values: Node) => where(mask, values, 0);
  const weights = scored.weight ? keep(scored.weight) : cast(mask, "f32");
  return {
    losses: keep(scored.loss),
    weights,
    total: scored.weight ? sum(weights) : valid,
    metrics: metrics.map((metric) => keep(scored.metrics?.[metric.name] ?? metric.perSample(prediction, target))),
  };
}

export interface TrainingState {
  readonly arrays: Arrays;
  readonly optimizer: Readonly<Record<string, Tensor>>;
  readonly health: Tensor;
  readonly ring: Tensor;
  readonly counter: Tensor;
}

/** One training step: which tensor becomes what. */
export function trainingStep(
  blueprint: Blueprint,
  options: { optimizer: Optimizer; clip?: Clip | undefined },
  batch: Batch,
  state: TrainingState,
): [Tensor, Node][] {
  const { optimizer, clip = (g: Node) => g } = options;
  const { slots } = blueprint;
  const parameters = state.arrays.trained as Tensor;
  const leaves = nodesOf(slots, state.arrays);
  const of = (role: Role) => leaves.filter((_, i) => slots[i]?.role === role);
  const { replace, next } = replacements(slots, leaves);
  const { mask, fewest } = batch;
  const prediction = forward(blueprint, leaves, batch.x, {
    counter: state.counter.node,
    training: true,
    mask,
    fewest,
    replace,
  });
  const scored = score(blueprint, prediction, batch);
  const penalty = blueprint.penalty?.(parameterTree(slots, leaves));
  const mean = div(sum(scored.losses), scored.total);
  const found = gradients(penalty ? add(mean, penalty) : mean, of("trained"));
  const statistics = of("running").map((now) => next.get(now) ?? now);
  const health = finiteCheck(state.health.node, [scored.losses, ...found, ...statistics]);
  const isHealthy = equal(health, fill([], 0, "u32"));

  const g = clip(pack(found));
  const moving = Object.fromEntries(Object.entries(state.optimizer).map(([name, tensor]) => [name, tensor.node]));
  const updated = optimizer.update({ p: parameters.node, g, slots: moving, scalars: batch.scalars });
  const guarded = (next: Node, now: Node) => where(isHealthy, next, now);

  const { running } = state.arrays;
  const log = record(state.ring.node, state.counter.node, logged(scored, cast(health, "f32"), penalty));
  return [
    [parameters, guarded(updated.p, parameters.node)],
    ...Object.entries(state.optimizer).map(([name, tensor]): [Tensor, Node] => [
      tensor,
      guarded(updated.slots[name] ?? tensor.node, tensor.node),
    ]),
    ...(running ? [[running, guarded(pack(statistics), running.node)] as [Tensor, Node]] : []),
    [state.health, health],
    [state.ring, log],
    [state.counter, output(log, 1)],
  ];
}

/** The columns of the log: [B], or one number for all. */
export function logged({ losses, weights, metrics }: Scored, health: Node, penalty: Node = fill([], 0)): Node[] {
  return [losses, weights, health, penalty, ...metrics];
}
