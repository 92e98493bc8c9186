// The words of the gallery. Those of its cards are in the demos' `meta.ts`.

export const text = {
  headline: "Neural networks that learn on your own GPU",
  lead: "Every page here trains a network from scratch while you watch: compiled to WebGPU kernels once, then replayed thousands of times a second. Nothing is installed, nothing is sent anywhere.",
  demos: "Demos",
  picture: (title: string) => `${title} at work`,
  empty: "There are no demos here yet.",
  code: {
    title: "This is all it takes",
    note: "A step is compiled once: forward pass, loss, gradients and optimiser become a handful of dispatches over buffers that never leave the GPU. After that nothing is created any more.",
  },
} as const;

/** The example; code is not translated. */
export const example = `import { createTrainer, dataset, loss, nn, openDevice, optim } from "gpugrad";

const device = await openDevice();
const model = nn.serial(nn.linear(8), nn.tanh(), nn.linear(2));
const trainer = await createTrainer(device, model, {
  input: [2],
  loss: loss.softmaxCrossEntropy(),
  optimizer: optim.adam(0.05),
});
const xor = dataset([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { classes: 2 });
for await (const report of trainer.fit(xor, { epochs: 300, batchSize: 4 })) {
  console.log(report.epoch, report.loss);
}`;
