// The smallest page that trains: three spirals, a small network, and a map of what it thinks after each report.
import { createTrainer, dataset, loss, metrics, nn, openDevice, optim } from "../src/index.ts";

const CLASSES = 3;
const POINTS = 300;
const GRID = 48;
const COLORS = ["#3b7dd8", "#e0823d", "#3fa66b"];

const find = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const [map, device, progress, again] = [
  find<HTMLCanvasElement>("map"),
  find("device"),
  find("progress"),
  find<HTMLButtonElement>("again"),
];

/** Points on three arms that wind round the middle, between −1 and 1. */
function spirals() {
  const labels = Int32Array.from({ length: POINTS }, (_, i) => i % CLASSES);
  const features = new Float32Array(2 * POINTS);
  labels.forEach((label, i) => {
    const along = 0.08 + (0.9 * i) / POINTS;
    const angle = 4.2 * along + (2 * Math.PI * label) / CLASSES + 0.1 * Math.sin(i * 12.9);
    features.set([along * Math.cos(angle), along * Math.sin(angle)], 2 * i);
  });
  return { features, labels };
}

const { features, labels } = spirals();
const set = dataset(features, labels, { shape: [2], classes: CLASSES });
const places = Float32Array.from({ length: 2 * GRID * GRID }, (_, k) => {
  const cell = k >> 1;
  return (2 * (k % 2 === 0 ? cell % GRID : Math.floor(cell / GRID)) + 1) / GRID - 1;
});

function draw(scores: Float32Array): void {
  const context = map.getContext("2d");
  if (!context) return;
  const size = map.width / GRID;
  for (let cell = 0; cell < GRID * GRID; cell++) {
    const own = scores.subarray(cell * CLASSES, (cell + 1) * CLASSES);
    context.fillStyle = `${COLORS[own.indexOf(Math.max(...own))]}66`;
    context.clearRect((cell % GRID) * size, Math.floor(cell / GRID) * size, size, size);
    context.fillRect((cell % GRID) * size, Math.floor(cell / GRID) * size, size, size);
  }
  labels.forEach((label, i) => {
    context.fillStyle = COLORS[label] as string;
    context.beginPath();
    const at = (value: number | undefined) => (((value ?? 0) + 1) / 2) * map.width;
    context.arc(at(features[2 * i]), at(features[2 * i + 1]), 4, 0, 2 * Math.PI);
    context.fill();
  });
}

async function main(): Promise<void> {
  const opened = await openDevice({ device: "auto" });
  const isReference = opened.info.class === "cpu";
  device.textContent = isReference
    ? "No WebGPU here: training on the CPU reference. Try a recent Chrome, Edge or Safari."
    : `Training on ${opened.info.adapter || opened.info.vendor}.`;
  for (let seed = 1; ; seed++) {
    again.disabled = true;
    const trainer = await createTrainer(
      opened,
      nn.serial(nn.linear(32), nn.tanh(), nn.linear(32), nn.tanh(), nn.linear(CLASSES)),
      {
        input: [2],
        loss: loss.softmaxCrossEntropy(),
        optimizer: optim.adam(0.01),
        metrics: [metrics.accuracy()],
        seed,
      },
    );
    for await (const report of trainer.fit(set, { epochs: isReference ? 60 : 400, batchSize: 60, budget: 30 })) {
      draw((await trainer.predict(places, { batchSize: GRID * GRID })).data);
      const accuracy = ((report.metrics.accuracy ?? 0) * 100).toFixed(1);
      progress.textContent = `epoch ${report.epoch} of ${report.epochs} · loss ${report.loss.toFixed(4)} · ${accuracy} % right`;
    }
    again.disabled = false;
    await new Promise((resolve) => again.addEventListener("click", resolve, { once: true }));
  }
}

main().catch((error: Error) => {
  device.textContent = error.message;
});
