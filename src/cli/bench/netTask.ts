// What a peer needs to compute a network as gpugrad does: the same layers, first weights and data in the same order.
import type { StepCase } from "../../../bench/steps/step.ts";
import { GpugradError } from "../../core/error.ts";
import type { Dataset } from "../../data/dataset.ts";
import { type EpochOptions, epochIndices } from "../../data/indices.ts";
import type { Trainer } from "../../train/trainer.ts";
import type { NetTask } from "./peers.ts";

/** The network of `step` with the weights of `trainer`; whole batches in the given order. */
export async function netTaskOf(
  trainer: Trainer,
  step: StepCase,
  data: Dataset,
  order: EpochOptions = {},
): Promise<NetTask> {
  const { batchSize, input, layers } = step;
  const { features, scale, offset, labels, classes } = data;
  if (!(features instanceof Uint8Array) || offset !== 0 || classes === undefined)
    throw new GpugradError(`internal: bench: ${step.name} is no case for peers`);
  return {
    ...{ layers, input, classes, batchSize, features, scale },
    labels: labels as Int32Array,
    weights: await trainer.weights(),
    indices: epochIndices(data.count, batchSize, { ...order, dropLast: true }).indices,
  };
}
