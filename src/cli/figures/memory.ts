// The figure of shared memory: bytes that a training step really binds for its activations, against the least that any plan needs.
// Both are found from outside: the first from the buffers in bind groups, the second by following every value from its birth to its last reader.

import { sizeOf } from "../../core/shape.ts";
import { dataset } from "../../data/dataset.ts";
import type { GpuBackend } from "../../gpu/backend.ts";
import type { Node } from "../../graph/node.ts";
import { softmaxCrossEntropy } from "../../loss/losses.ts";
import { accuracy } from "../../metrics/perSample.ts";
import { relu } from "../../nn/activations.ts";
import type { Layer } from "../../nn/layer.ts";
import { linear } from "../../nn/linear.ts";
import { flatten, serial } from "../../nn/serial.ts";
import { openDevice } from "../../open.ts";
import { adam } from "../../optim/adam.ts";
import type { Plan } from "../../passes/plan.ts";
import { schedule } from "../../passes/schedule.ts";
import { createTrainer } from "../../train/trainer.ts";
import { watchDevice } from "../bench/watch.ts";
import { RECIPES } from "../start/models.ts";
import type { Figure } from "./figure.ts";

const NETS: Readonly<Record<string, () => Layer>> = {
  mlp: RECIPES.mlp.model,
  course: RECIPES.course.model,
  deep: () => serial(flatten(), ...[128, 64, 32, 16].flatMap((units) => [linear(units), relu()]), linear(10)),
};

export const boundMemory: Figure = {
  name: "memory",
  what: "activation bytes really bound / peak of live tensors after fusion",
  bound: "≤ 1.15",
  async measure(bench) {
    const found = await bench.find(bench.device);
    if (!found?.gpu) return { value: "no GPU", isMet: undefined, data: null };
    const nets: Record<string, { bound: number; peak: number; ratio: number }> = {};
    for (const [name, model] of Object.entries(NETS)) {
      bench.note(`memory of ${name}`);
      nets[name] = await measureNet(found.gpu, model());
    }
    const worst = Math.max(...Object.values(nets).map(({ ratio }) => ratio));
    return { value: worst.toFixed(3), isMet: worst <= 1.15, data: nets };
  },
};

async function measureNet(gpu: GPU, model: Layer): Promise<{ bound: number; peak: number; ratio: number }> {
  const device = (await openDevice({ gpu })) as GpuBackend;
  const { device: watched, tasks, boundBytes } = watchDevice(device);
  try {
    const trainer = await createTrainer(watched, model, {
      input: [28, 28, 1],
      loss: softmaxCrossEntropy(),
      optimizer: adam(1e-3),
      metrics: [accuracy()],
    });
    const set = dataset(new Uint8Array(64 * 784), new Int32Array(64), { shape: [28, 28, 1], classes: 10 });
    for await (const _ of trainer.fit(set, { batchSize: 64, maxSteps: 1 }));
    const peak = Math.max(...tasks.map((task) => peakOf(schedule(task, device.profile).plan)));
    return { bound: boundBytes(), peak, ratio: boundBytes() / peak };
  } finally {
    device.close();
  }
}

/** The most bytes of values that are alive at once: from the dispatch that writes one to the last that reads it, both included. */
function peakOf({ groups, fusion, locationOf, memories }: Plan): number {
  const isShared = (node: Node) => memories[locationOf.get(node)?.memory ?? -1]?.kind === "shared";
  const birth = new Map<Node, number>();
  const death = new Map<Node, number>();
  groups.forEach((group, at) => {
    for (const node of group.values.flat()) {
      if (fusion.written.has(node) && isShared(node)) birth.set(node, at);
    }
  });
  groups.forEach((group, at) => {
    const seen = new Set<Node>();
    const read = (node: Node): void => {
      if (seen.has(node)) return;
      seen.add(node);
      if (fusion.written.has(node) && !group.values.flat().includes(node)) death.set(node, at);
      else node.inputs.forEach(read);
    };
    for (const node of [...group.values.flat(), ...(group.kernel ? [group.kernel] : [])]) node.inputs.forEach(read);
  });
  const alive = (at: number) =>
    [...birth].filter(([node, from]) => from <= at && at <= (death.get(node) ?? from)).map(([node]) => node);
  return Math.max(...groups.map((_, at) => alive(at).reduce((sum, node) => sum + 4 * sizeOf(node.shape), 0)));
}
