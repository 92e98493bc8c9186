// The graph of a whole training step, made without any GPU, for tests of passes and of the kernels' text.

import { leavesOf } from "../src/core/tree.ts";
import { CpuDevice } from "../src/cpu/device.ts";
import { dataset } from "../src/data/dataset.ts";
import type { Profile } from "../src/graph/form.ts";
import type { Node } from "../src/graph/node.ts";
import { softmaxCrossEntropy } from "../src/loss/losses.ts";
import { accuracy } from "../src/metrics/perSample.ts";
import { isParameter, type Layer, type Parameter, stateless } from "../src/nn/layer.ts";
import { linear } from "../src/nn/linear.ts";
import { flatten, serial } from "../src/nn/serial.ts";
import { relu } from "../src/ops/activation.ts";
import { outerProducts } from "../src/ops/matmulOuter.ts";
import { adam } from "../src/optim/adam.ts";
import { type Optimizer, scalarsAt } from "../src/optim/optimizer.ts";
import { allocateSet, Feed } from "../src/train/feed.ts";
import { assignRoles } from "../src/train/roles.ts";
import { ModelState } from "../src/train/state.ts";
import { trainingStep } from "../src/train/step.ts";

/** SwiftShader as it presents itself. */
export const SOFTWARE: Profile = {
  ...{ family: "software", subgroup: 4, storageBuffers: 12, workgroups: 65535 },
  products: outerProducts,
};
/** The least that WebGPU promises. */
export const LEAST: Profile = { family: "gpu", storageBuffers: 8, workgroups: 65535, products: outerProducts };

/** The network of `npm start`. */
export const mlp = (units: readonly number[] = [128]): Layer =>
  serial(flatten(), ...units.flatMap((count) => [linear(count), stateless("relu", (x) => relu(x))]), linear(10));

export interface StepOptions {
  readonly model?: Layer;
  readonly batchSize?: number;
  readonly optimizer?: Optimizer;
  readonly size?: number;
}

/** What becomes what in one training step. */
export function stepOf({
  model = mlp(),
  batchSize = 64,
  optimizer = adam(1e-3),
  size = 784,
}: StepOptions = {}): Map<Node, Node> {
  const device = new CpuDevice();
  const examples = 2 * batchSize;
  const set = dataset(new Uint8Array(examples * size), new Int32Array(examples), { shape: [size], classes: 10 });
  let stream = 0;
  const { params } = model.init([size], { seed: 1, nextStream: () => stream++ });
  const found = leavesOf<Parameter>(params, isParameter).map(({ path, leaf }) => ({ path, ...leaf }));
  const leaves = assignRoles(model, found, { input: [size] });
  const metrics = [accuracy()];
  const state = new ModelState(device, leaves, optimizer, metrics.length);
  const blueprint = { model, slots: state.slots, loss: softmaxCrossEntropy(), metrics, seed: 1 };
  const feed = new Feed(device, allocateSet(device, set), {
    ...{ batchSize, rows: 4096 },
    scalars: Object.keys(scalarsAt(optimizer, 1)),
    counter: state.counter,
  });
  const updates = trainingStep(blueprint, { optimizer }, feed.batch(), state);
  return new Map(updates.map(([tensor, value]) => [value, tensor.node]));
}
