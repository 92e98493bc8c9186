// Figures of a program that runs: the same bits whatever K, nothing made after the warm-up, activations that share their memory.
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type CountedGpu, countCalls } from "../../check/count.ts";
import { type Dataset, dataset, take } from "../../data/dataset.ts";
import { loadMnist } from "../../data/mnistNode.ts";
import { mse, softmaxCrossEntropy } from "../../loss/losses.ts";
import { sigmoid, tanh } from "../../nn/activations.ts";
import { linear } from "../../nn/linear.ts";
import { serial } from "../../nn/serial.ts";
import { openDevice } from "../../open.ts";
import { adam } from "../../optim/adam.ts";
import type { Weights } from "../../train/state.ts";
import { createTrainer } from "../../train/trainer.ts";
import { RECIPES } from "../start/models.ts";
import type { Figure } from "./figure.ts";

const PACES = [1, 7, 64];
const RUNS = 5;
const STEPS = 1000;

/** Weights of the MLP after STEPS steps with `stepsPerSubmit` of them in a submission, on a device of its own. */
async function weightsAfter(gpu: GPU | undefined, set: Dataset, stepsPerSubmit: number): Promise<Weights> {
  const device = await openDevice(gpu ? { gpu } : { device: "cpu" });
  try {
    const { model, optimizer, batch } = RECIPES.mlp;
    const options = { input: set.shape, loss: softmaxCrossEntropy(), optimizer: optimizer(), seed: 1 };
    const trainer = await createTrainer(device, model(), options);
    const run = trainer.fit(set, { epochs: 100, batchSize: batch, maxSteps: STEPS, stepsPerSubmit });
    for await (const _ of run) await setImmediate();
    return await trainer.weights();
  } finally {
    device.close();
  }
}

function digest(weights: Weights): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of Object.entries(weights)) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}

export const sameBits: Figure = {
  name: "bits",
  what: `same seed, same adapter, ${STEPS.toLocaleString("en")} steps, ${RUNS} runs, K = ${PACES.join(", ")}`,
  bound: "bit-identical weights",
  async measure(bench) {
    const found = await bench.find(bench.device);
    const { train } = await loadMnist();
    const set = take(
      train,
      Array.from({ length: 6400 }, (_, i) => i),
    );
    const digests: Record<string, string[]> = {};
    for (const pace of PACES) {
      digests[`K=${pace}`] = [];
      for (let run = 1; run <= RUNS; run++) {
        bench.note(`K = ${pace}, run ${run} of ${RUNS}`);
        digests[`K=${pace}`]?.push(digest(await weightsAfter(found?.gpu, set, pace)));
      }
    }
    const different = new Set(Object.values(digests).flat()).size;
    const isMet = different === 1;
    const value = isMet ? `identical (${PACES.length * RUNS} runs)` : `${different} different results`;
    return { value, isMet, data: digests };
  },
};

/** What exists and what was made so far. */
function inventory({ live, counts }: CountedGpu) {
  const { buffers, bytes } = live();
  const { createBindGroup = 0, createComputePipeline = 0, createComputePipelineAsync = 0 } = counts();
  return { buffers, bytes, bindGroups: createBindGroup, pipelines: createComputePipeline + createComputePipelineAsync };
}

export const constantMemory: Figure = {
  name: "constant",
  what: "2-8-2 net, 10,000 steps after warm-up: buffers, bytes, bind groups, pipelines",
  bound: "exactly constant",
  async measure(bench) {
    const found = await bench.find(bench.device);
    if (!found?.gpu) return { value: "no GPU", isMet: undefined, data: null };
    bench.note("10,000 steps of a 2-8-2 net");
    const counted = countCalls(found.gpu);
    const device = await openDevice({ gpu: counted.gpu });
    const model = serial(linear(8), tanh(), linear(2), sigmoid());
    const trainer = await createTrainer(device, model, { input: [2], loss: mse(), optimizer: adam(0.01), seed: 1 });
    const corners = [0, 0, 0, 1, 1, 0, 1, 1];
    const xor = dataset(corners, [1, 0, 0, 1, 0, 1, 1, 0], { shape: [2], labelShape: [2] });
    const seen: ReturnType<typeof inventory>[] = [];
    const run = async (maxSteps: number, look: boolean) => {
      for await (const _ of trainer.fit(xor, { epochs: 1e6, batchSize: 4, maxSteps })) {
        if (look) seen.push(inventory(counted));
        await setImmediate();
      }
    };
    await run(200, false);
    seen.push(inventory(counted));
    await run(10_000, true);
    seen.push(inventory(counted));
    device.close();
    const different = new Set(seen.map((each) => JSON.stringify(each)));
    const { buffers, bytes, bindGroups, pipelines } = seen[0] as ReturnType<typeof inventory>;
    const value = `${buffers} buffers, ${bytes.toLocaleString("en")} bytes, ${bindGroups} bind groups, ${pipelines} pipelines`;
    const isMet = different.size === 1;
    return {
      value: isMet ? `${value}: constant` : `${different.size} different states`,
      isMet,
      data: { looks: seen.length, states: [...different].map((state) => JSON.parse(state) as unknown) },
    };
  },
};
