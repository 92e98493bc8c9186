// One device, off the page's thread: it applies a kernel to the picture, and finds one by gradient descent.
import {
  type Compiled,
  compile,
  conv2d,
  createTrainer,
  type Device,
  DeviceError,
  dataset,
  loss,
  type Node,
  nn,
  openDevice,
  optim,
} from "gpugrad";
import { showLife } from "../ui/workerLife.ts";
import type { Answer, Order, Planes } from "./messages.ts";

const PATCH = 18;
const PATCHES = 512;
const BATCH = 32;
const MOST_STEPS = 6000;
/** Neighbours look alike, so the loss is a long narrow valley: momentum goes along it. */
const RATE = 0.06;
const MOMENTUM = 0.98;
const TELL_EVERY = 80; // ms
/** ms */
const RESTART = 300;
/** A mean squared error that nobody sees. */
const ENOUGH = 1e-6;

let device: Promise<Device> | undefined;
let picture: Planes | undefined;
let program: { key: string; compiled: Compiled<Node> } | undefined;
let learning: AbortController | undefined;

const tell = (answer: Answer, transfer: Transferable[] = []) => postMessage(answer, { transfer });

/** The planes are a batch: each is filtered by the same nine numbers. Padding "same" lays each result on its pixel. */
async function filter(weights: readonly number[]): Promise<Planes> {
  const { width, height, channels, values } = picture as Planes;
  const key = `${width} ${height} ${channels}`;
  if (program?.key !== key) {
    program?.compiled.release();
    const shapes = [
      [channels, height, width, 1],
      [3, 3, 1, 1],
    ];
    program = {
      key,
      compiled: await compile(await open(), (x: Node, w: Node) => conv2d(x, w, { padding: "same" }), shapes),
    };
  }
  const result = await program.compiled.run(values, weights).read();
  return { width, height, channels, values: Float32Array.from(result) };
}

const open = () => (device ??= openDevice({ device: "auto" }));

/** Does what needs the device; once more, on another one, where that was lost: a browser needs a moment to start its GPU process again. */
async function onDevice<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeviceError && error.fields["isLost"])) throw error;
    [device, program] = [undefined, undefined];
    await new Promise((resolve) => setTimeout(resolve, RESTART));
    return work();
  }
}

/** Trains a network of one layer with nine weights, from random ones, on patches of a picture before and after. */
async function learn(after: Planes | undefined, weights: readonly number[]): Promise<void> {
  const own = new AbortController();
  learning?.abort();
  learning = own;
  const { before, target } = patches(picture as Planes, after ?? (await filter(weights)));
  const pairs = dataset(before, target, { shape: [PATCH, PATCH, 1], labelShape: [PATCH - 2, PATCH - 2, 1] });
  const trainer = await createTrainer(await open(), nn.conv2d(1, 3, { bias: false }), {
    input: [PATCH, PATCH, 1],
    loss: loss.mse(),
    optimizer: optim.sgd(RATE, { momentum: MOMENTUM, nesterov: true }),
    seed: Math.floor(Math.random() * 1e6),
  });
  let step = 0;
  let isFound = false;
  let told = 0;
  const options = { epochs: Number.POSITIVE_INFINITY, maxSteps: MOST_STEPS, batchSize: Math.min(BATCH, pairs.count) };
  try {
    for await (const report of trainer.fit(pairs, { ...options, budget: 40, signal: own.signal })) {
      step = report.totalSteps;
      isFound = report.loss < ENOUGH;
      if (!isFound && performance.now() - told < TELL_EVERY) continue;
      told = performance.now();
      const [kernel] = Object.values(await trainer.weights());
      tell({ kind: "learning", step, loss: report.loss, weights: Array.from(kernel?.data ?? []) });
      if (isFound) break;
    }
  } catch (error) {
    if (!own.signal.aborted) throw error;
  }
  tell({ kind: "learnt", step, outcome: isFound ? "found" : own.signal.aborted ? "stopped" : "gaveUp" });
}

/** Square pieces with much in them, from places all over a picture, and what became of each inside its border of one pixel. */
function patches(from: Planes, to: Planes): { before: Float32Array; target: Float32Array } {
  const { width, height, channels } = from;
  const piece = (planes: Planes, place: number, border: number) => {
    const size = PATCH - 2 * border;
    const values = new Float32Array(size * size);
    const x = border + Math.floor(fraction(place * 0.754877666) * (width - PATCH + 1)); // spread evenly: multiples of
    const y = border + Math.floor(fraction(place * 0.569840296) * (height - PATCH + 1)); // the plastic number's powers
    for (let row = 0; row < size; row++) {
      const start = ((place % channels) * height + y + row) * width + x;
      values.set(planes.values.subarray(start, start + size), row * size);
    }
    return values;
  };
  const places = Array.from({ length: 4 * PATCHES }, (_, place) => ({ place, detail: detailIn(piece(from, place, 0)) }))
    .sort((a, b) => b.detail - a.detail)
    .slice(0, PATCHES);
  const before = new Float32Array(PATCHES * PATCH ** 2);
  const target = new Float32Array(PATCHES * (PATCH - 2) ** 2);
  for (const [i, { place }] of places.entries()) {
    before.set(piece(from, place, 0), i * PATCH ** 2);
    target.set(piece(to, place, 1), i * (PATCH - 2) ** 2);
  }
  return { before, target };
}

/** How much neighbours differ. */
function detailIn(values: Float32Array): number {
  let sum = 0;
  for (let i = PATCH + 1; i < values.length; i++) {
    const value = values[i] as number;
    sum += Math.abs(value - (values[i - 1] as number)) + Math.abs(value - (values[i - PATCH] as number));
  }
  return sum;
}

const fraction = (value: number) => value - Math.floor(value);

/** Orders are carried out one after the other; a stop is heard at once. */
let queue: Promise<unknown> = Promise.resolve();

showLife();
addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (data.kind === "stop") return learning?.abort();
  if (data.kind === "picture") learning?.abort();
  const doing = data.kind === "learn" ? "learn" : "filter";
  const work =
    data.kind === "learn" ? () => carryOut(data) : () => (queue = queue.catch(() => {}).then(() => carryOut(data)));
  work().catch((error: Error) => tell({ kind: "failed", doing: device ? doing : "open", reason: error.message }));
});

async function carryOut(order: Order): Promise<void> {
  if (order.kind === "picture") {
    picture = order.picture;
  } else if (order.kind === "filter") {
    const start = performance.now();
    const filtered = await onDevice(() => filter(order.weights));
    tell({ kind: "filtered", picture: filtered, milliseconds: performance.now() - start }, [filtered.values.buffer]);
  } else if (order.kind === "learn") {
    await onDevice(() => learn(order.after, order.weights));
  }
}
