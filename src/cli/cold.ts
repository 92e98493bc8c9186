// `node dist/cli/main.js cold`: from the start of the process to the first finished training step, on a synthetic batch of MNIST's size.
import { performance } from "node:perf_hooks";
import { normals, STREAM } from "../core/rng.ts";
import { dataset } from "../data/dataset.ts";
import { softmaxCrossEntropy } from "../loss/losses.ts";
import { openDevice } from "../open.ts";
import { createTrainer } from "../train/trainer.ts";
import { command, findDevice } from "./command.ts";
import { RECIPES } from "./start/models.ts";

const EXAMPLES = 64;
const LOADED = performance.now();

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("cold", "Measures from the start of the process to the first finished training step").parse(
    [...argv],
    { from: "user" },
  );
  const { gpu } = await findDevice({ ...options.opts(), quiet: true });
  const found = performance.now();
  const device = await openDevice(gpu ? { gpu } : { device: "cpu" });
  const opened = performance.now();
  const { model, optimizer } = RECIPES.mlp;
  const trainer = await createTrainer(device, model(), {
    input: [28, 28, 1],
    loss: softmaxCrossEntropy(),
    optimizer: optimizer(),
  });
  const labels = Int32Array.from({ length: EXAMPLES }, (_, i) => i % 10);
  const set = dataset(normals(0, STREAM.split, EXAMPLES * 784), labels, { shape: [28, 28, 1], classes: 10 });
  let loss = Number.NaN;
  let finished = 0;
  const onStep = (step: { readonly loss: number }) => {
    loss = step.loss;
    finished = performance.now();
  };
  for await (const _ of trainer.fit(set, { batchSize: EXAMPLES, maxSteps: 1, callbacks: [{ onStep }] }));
  const { adapter } = device.info;
  const milliseconds = { loaded: round(LOADED), found: round(found), opened: round(opened), finished: round(finished) };
  if (options.opts().json) console.log(JSON.stringify({ adapter, loss, milliseconds }));
  else {
    console.log(
      `first step finished ${(finished / 1000).toFixed(2)} s after the start of the process (loss ${loss.toFixed(4)}, ${adapter})`,
    );
  }
  device.close();
  return 0;
}

const round = (value: number) => Math.round(10 * value) / 10;
