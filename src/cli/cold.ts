// `node dist/cli/main.js cold`: from the start of the process to the first finished training step, on a synthetic batch of MNIST's size.
import { performance } from "node:perf_hooks";
import { dataset } from "../data/dataset.ts";
import { softmaxCrossEntropy } from "../loss/losses.ts";
import { openDevice } from "../open.ts";
import type { StepLog } from "../train/report.ts";
import { createTrainer } from "../train/trainer.ts";
import { type CommonOptions, command, findDevice } from "./command.ts";
import { RECIPES } from "./start/models.ts";

const BATCH = 64;
const SHAPE = [28, 28, 1];
const LOADED = performance.now();

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("cold", "Measures from the start of the process to the first finished training step")
    .parse([...argv], { from: "user" })
    .opts<CommonOptions>();
  const { gpu } = await findDevice({ ...options, quiet: true });
  const found = performance.now();
  const device = await openDevice(gpu ? { gpu } : { device: "cpu" });
  const opened = performance.now();
  const { model, optimizer } = RECIPES.mlp;
  const trainer = await createTrainer(device, model(), {
    input: SHAPE,
    loss: softmaxCrossEntropy(),
    optimizer: optimizer(),
  });
  const { adapter } = device.info;
  const onStep = ({ loss }: StepLog): void => {
    const finished = performance.now();
    const milliseconds = { loaded: LOADED, found, opened, finished };
    const seconds = (finished / 1000).toFixed(2);
    if (options.json) console.log(JSON.stringify({ adapter, loss, milliseconds }));
    else console.log(`first step finished after ${seconds} s (${adapter}, loss ${loss.toFixed(4)})`);
  };
  for await (const _ of trainer.fit(syntheticBatch(), { batchSize: BATCH, maxSteps: 1, callbacks: [{ onStep }] }));
  device.close();
  return 0;
}

/** One batch of images of noise, by a linear congruence. */
function syntheticBatch() {
  let state = 1;
  const bytes = new Uint8Array(BATCH * 784).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return dataset(
    bytes,
    new Int32Array(BATCH).map((_, i) => i % 10),
    { shape: SHAPE, classes: 10 },
  );
}
