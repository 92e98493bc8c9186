// `npm run course -- learn-kernel`: finds out which kernel made one picture of another, by gradient descent from random numbers.
// Exit status 1 when the loss does not get small enough.
import { setImmediate } from "node:timers/promises";
import { compile } from "../../compile.ts";
import { OptionError } from "../../core/error.ts";
import { normals, STREAM } from "../../core/rng.ts";
import { valueAndGrad } from "../../grad.ts";
import type { Device } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { mse } from "../../loss/regression.ts";
import { mul, sub } from "../../ops/arithmetic.ts";
import { conv2d } from "../../ops/conv.ts";
import { prepare } from "../../prepare.ts";
import { tensor } from "../../tensor.ts";
import colors from "../colors.ts";
import { type Display, openDisplay } from "../start/display.ts";
import { drawCircle, type Picture } from "./circle.ts";
import { CLASSIC_KERNELS } from "./classicKernels.ts";
import { number } from "./drawing.ts";
import { checkOut, type ExperimentOptions, experiment, onDevice } from "./experiment.ts";
import { writeLearningPage } from "./learningPage.ts";

/** The course's: learning rate, and the loss (half the mean squared error) that is small enough. */
const RATE = 0.5;
const ENOUGH = 1e-7;
const MOST_ITERATIONS = 20_000;
/** Iterations between two looks at the loss: only a look waits for the device. */
const LOOK_EVERY = 10;

interface Options extends ExperimentOptions {
  readonly kernel: string;
  readonly seed: string;
}

/** How a kernel was found. */
export interface Learning {
  readonly iterations: number;
  readonly loss: number;
  readonly learnt: readonly number[];
  /** [iteration, loss] at each look. */
  readonly losses: readonly (readonly [number, number])[];
}

export async function run(argv: readonly string[]): Promise<number> {
  const options = experiment("learn-kernel", "Learns a kernel from a picture before and after it, by gradient descent")
    .option(
      "--kernel <name>",
      `which to find: ${CLASSIC_KERNELS.map(({ name }) => name).join(", ")}`,
      "horizontal edge",
    )
    .option("--seed <n>", "fixes the first kernel", "1")
    .parse([...argv], { from: "user" })
    .opts<Options>();
  const kernel = CLASSIC_KERNELS.find(({ name }) => name.toLowerCase() === options.kernel.toLowerCase());
  if (!kernel) throw new OptionError(`learn-kernel: --kernel: no such kernel: "${options.kernel}"`);
  const seed = Number(options.seed);
  if (!/^\d+$/.test(options.seed) || !Number.isSafeInteger(seed))
    throw new OptionError(`learn-kernel: --seed must be a whole number: got "${options.seed}"`);
  checkOut("learn-kernel", options);
  const display = openDisplay(options.json || options.quiet || false);
  const before = drawCircle();
  const { adapter, after, learning, result } = await onDevice(options, async (device) => {
    const filtered = await filter(device, before, kernel.weights);
    const found = await learn(device, before, filtered, seed, display);
    const again = await filter(device, before, found.learnt);
    return { adapter: device.info.adapter, after: filtered, learning: found, result: again };
  }).finally(display.close);
  const { iterations, loss, learnt, losses } = learning;
  await writeLearningPage(options.out, { kernel, before, after, result, learning });
  const isFound = loss <= ENOUGH;
  if (options.json) {
    const { name, weights } = kernel;
    const found = { kernel: name, weights, learnt, iterations, loss, losses, isFound };
    console.log(JSON.stringify({ adapter, ...found, picture: options.out }));
    return isFound ? 0 : 1;
  }
  console.log(`${colors.bold(sideBySide(kernel.name, kernel.weights, learnt))}`);
  const count = iterations.toLocaleString("en");
  const verdict = isFound
    ? colors.green(`found after ${count} iterations`)
    : colors.red(`not found in ${count} iterations`);
  console.log(`\n${verdict}, loss ${loss.toExponential(1)} (course: 3,460 iterations to 1e-7)`);
  if (!options.quiet) console.log(`picture: ${options.out}`);
  return isFound ? 0 : 1;
}

/** One kernel over one picture, only where all nine pixels are there. */
async function filter(device: Device, picture: Picture, weights: readonly number[]): Promise<Picture> {
  const { width, height, values } = picture;
  const compiled = await compile(device, (x: Node, w: Node) => conv2d(x, w), [
    [1, height, width, 1],
    [3, 3, 1, 1],
  ]);
  const y = await compiled.run(values, weights).read();
  return { width: width - 2, height: height - 2, values: Float32Array.from(y) };
}

/** Gradient descent on the device: the kernel is state that each iteration overwrites, so many iterations go out in one submission. */
async function learn(device: Device, from: Picture, to: Picture, seed: number, display: Display): Promise<Learning> {
  const x = tensor(device, from.values, [1, from.height, from.width, 1]);
  const target = tensor(device, to.values, [1, to.height, to.width, 1]);
  const kernel = tensor(device, normals(seed, [STREAM.parameters], 9, 0, 1 / 3), [3, 3, 1, 1]);
  const halfMse = (w: Node) => mul(mse(conv2d(x.node, w), target.node), 0.5);
  const { value, grads } = valueAndGrad(halfMse)(kernel.node);
  const next = sub(kernel.node, mul(grads, RATE));
  const descend = await prepare(device, { outputs: [value], updates: [[kernel, next]] });
  const losses: [number, number][] = [];
  let iterations = 0;
  let loss = Number.POSITIVE_INFINITY;
  while (loss > ENOUGH && iterations < MOST_ITERATIONS) {
    const [values] = await descend.run(LOOK_EVERY, descend.outputs)();
    device.check("learn-kernel");
    loss = values?.[0] as number;
    iterations += LOOK_EVERY;
    losses.push([iterations, loss]);
    if (iterations % 500 === 0) display.wait(`iteration ${iterations}, loss ${loss.toExponential(1)}`);
    await setImmediate(); // lets Ctrl-C through where the steps run on this very thread
  }
  descend.release();
  return { iterations, loss, learnt: [...(await kernel.read())], losses };
}

/** Both kernels as rows of numbers. */
function sideBySide(name: string, weights: readonly number[], learnt: readonly number[]): string {
  const row = (values: readonly number[], r: number) =>
    values
      .slice(3 * r, 3 * r + 3)
      .map((value) => number(Number(value.toFixed(4)), 5).padStart(8))
      .join("");
  const lines = [0, 1, 2].map((r) => `${row(weights, r)}     ${row(learnt, r)}`);
  return [`${name.padStart(24)}     ${"learnt".padStart(24)}`, ...lines].join("\n");
}
