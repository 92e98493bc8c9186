// `npm start`: trains a network on MNIST, tests it, and repeats some steps on the CPU reference. Exit status 1 when those differ.
import { readFile, rename, writeFile } from "node:fs/promises";
import { countCalls } from "../check/count.ts";
import { OptionError } from "../core/error.ts";
import type { Dataset } from "../data/dataset.ts";
import { stepsPerEpoch } from "../data/indices.ts";
import type { Mnist } from "../data/mnist.ts";
import { loadMnist } from "../data/mnistNode.ts";
import type { Device } from "../graph/device.ts";
import { softmaxCrossEntropy } from "../loss/losses.ts";
import { accuracyOf, type ConfusionMatrix, confusionMatrix } from "../metrics/confusion.ts";
import { accuracy } from "../metrics/perSample.ts";
import { summary } from "../nn/summary.ts";
import { findGpu } from "../node/find.ts";
import { openDevice } from "../open.ts";
import type { Weights } from "../train/state.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../train/trainer.ts";
import { packWeights, unpackWeights } from "../train/weightsFile.ts";
import colors from "./colors.ts";
import { ensureSelfTested } from "./selfTested.ts";
import { showConfusion } from "./start/confusion.ts";
import { type CallsPerStep, StepCosts } from "./start/costs.ts";
import { count, type Display, openDisplay, percent } from "./start/display.ts";
import { interruption } from "./start/interrupt.ts";
import { RECIPES, type Recipe } from "./start/models.ts";
import { type StartOptions, startOptions } from "./start/options.ts";
import { checkParity, type Parity } from "./start/parity.ts";
import { pixelText, standardized } from "./start/pixels.ts";
import { type Outcome, runCourse } from "./start/train.ts";
import { writeTrace } from "./trace.ts";

export async function run(argv: readonly string[]): Promise<number> {
  const options = startOptions(argv);
  const weights = options.load === undefined ? undefined : unpackWeights(await readFile(options.load), options.load);
  const display = openDisplay(options.quiet ?? false);
  const { signal, release } = interruption(() => display.say("stopping … (Ctrl-C again ends at once)"));
  let device: Device | undefined;
  try {
    display.wait("reading MNIST and opening a device");
    const [mnist, { gpu, line }] = await Promise.all([loadMnist(), findGpu(options.device)]);
    const counted = gpu && countCalls(gpu);
    if (!gpu && options.trace !== undefined)
      throw new OptionError("start: --trace: the CPU reference has no dispatches to time. Choose another --device");
    device = await openDevice(counted ? { gpu: counted.gpu, kernels: options.kernels } : { device: "cpu" });
    if (gpu) await ensureSelfTested(gpu, device.info);
    display.say(line);
    return await startOn(device, { options, weights, mnist, signal, display, costs: new StepCosts(counted?.calls) });
  } finally {
    display.close();
    release();
    device?.close();
  }
}

interface Job {
  readonly options: StartOptions;
  readonly weights: Weights | undefined;
  readonly mnist: Mnist;
  readonly signal: AbortSignal;
  readonly display: Display;
  readonly costs: StepCosts;
}

async function startOn(
  device: Device,
  { options, weights, mnist: pixels, signal, display, costs }: Job,
): Promise<number> {
  const { model: name, batch: batchSize, epochs, seed } = options;
  const { model, optimizer, optimizerText, shape, check, showsLayers, standardizes = false }: Recipe = RECIPES[name];
  const mnist = standardizes ? { train: standardized(pixels.train), test: standardized(pixels.test) } : pixels;
  const trainerOptions: TrainerOptions = {
    input: mnist.train.shape,
    loss: softmaxCrossEntropy(),
    optimizer: optimizer(epochs * stepsPerEpoch(mnist.train.count, batchSize)),
    metrics: [accuracy()],
    seed,
  };
  const trainer = await createTrainer(device, model(), {
    ...trainerOptions,
    onCompile: ({ done, total }) => display.wait(`compiling ${done} of ${total} kernels`),
  });
  if (weights) trainer.load(weights);
  const parameters = trainer.parameterCount.toLocaleString("en");
  if (showsLayers && !options.json) display.say(`${summary(model(), mnist.train.shape).print()}\n`);
  display.say(`${name}: ${shape}, ${parameters} parameters, ${optimizerText}, batch ${batchSize}, seed ${seed}`);

  const keep = async () => {
    if (options.save !== undefined)
      await save(trainer, options.save, { model: name, network: shape, seed, input: pixelText(standardizes) }, display);
  };
  const course = { epochs, batchSize, ...mnist, signal, display, costs };
  const outcome = await runCourse(trainer, course).catch(async (error: Error) => {
    if (trainer.step > 0) await keep(); // the device may be lost, or a loss no number: what was learnt before is not
    throw error;
  });
  await keep();
  display.wait("testing");
  const matrix = await test(trainer, mnist.test);
  const perStep = costs.perStep(outcome.steps);
  if (options.trace !== undefined) await trace(trainer, name, options.trace, display);
  display.close();
  if (!options.json) tell(options, outcome, matrix, perStep);

  const compared = device.info.class === "cpu" || signal.aborted ? 0 : options.check;
  if (compared > 0) display.wait(`repeating ${compared} steps on the CPU reference`);
  const task = { model, options: trainerOptions, batchSize };
  const parity = await checkParity(device, task, mnist.train, compared, { signal });
  const isWrong = compared > 0 && !signal.aborted && !((parity.maxRelativeLossError ?? Number.NaN) <= check.bound);
  display.close();
  if (options.json) {
    const { trainLoss, steps, seconds, stepsPerSecond } = outcome;
    const learnt = { epochs: outcome.epochs, steps, trainLoss, testAccuracy: accuracyOf(matrix) };
    const { adapter } = device.info;
    console.log(JSON.stringify({ model: name, adapter, ...learnt, seconds, stepsPerSecond, ...perStep, parity }));
  } else if (parity.steps > 0) tellParity(parity, check.bound, isWrong);
  return isWrong ? 1 : 0;
}

/** Writes where the time of a step goes. The weights change meanwhile. */
async function trace(trainer: Trainer, name: string, file: string, display: Display): Promise<void> {
  const times = await trainer.profile();
  if (times.length === 0) return display.say("no trace: no step was done");
  await writeTrace(file, trainer.device.info.adapter, [{ name: `${name}: training step`, times }]);
  display.say(`trace written: ${file}: open it in ui.perfetto.dev`);
}

/** Writes the weights whole or not at all. */
async function save(trainer: Trainer, file: string, notes: object, display: Display): Promise<void> {
  const known = { ...notes, steps: trainer.step };
  const texts = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, `${value}`]));
  await writeFile(`${file}.part`, packWeights(await trainer.weights(), texts));
  await rename(`${file}.part`, file);
  display.say(`weights saved: ${file}`);
}

async function test(trainer: Trainer, set: Dataset): Promise<ConfusionMatrix> {
  const { data, shape } = await trainer.predict(set);
  const classes = shape.at(-1) ?? 0;
  const guesses = Int32Array.from({ length: set.count }, (_, i) => {
    const row = data.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
  return confusionMatrix(guesses, set.labels, classes);
}

function tell(options: StartOptions, outcome: Outcome, matrix: ConfusionMatrix, perStep: CallsPerStep): void {
  const { epochs, steps, seconds, stepsPerSecond } = outcome;
  const wholeEpochs = epochs === 0 ? "stopped in the first epoch" : `${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
  const trained = `${wholeEpochs}, ${steps.toLocaleString("en")} steps in ${seconds.toFixed(1)} s`;
  const pace = stepsPerSecond === null ? "" : `, ${count(stepsPerSecond)} steps/s`;
  const how = steps === 0 ? "" : `  (${trained}${pace})`;
  console.log(`${colors.bold(`test accuracy ${percent(accuracyOf(matrix))}`)}${how}`);
  if (options.quiet) return;
  console.log(`\n${showConfusion(matrix)}\n`);
  const { dispatchesPerStep, submitsPerStep, createdPerStep, writesPerStep } = perStep;
  if (dispatchesPerStep === null) return;
  console.log(
    `One step: ${dispatchesPerStep} dispatches, ${submitsPerStep} submits, ${createdPerStep} objects created, ${writesPerStep} writes.`,
  );
}

function tellParity({ steps, maxRelativeLossError }: Parity, bound: number, isWrong: boolean): void {
  const error = maxRelativeLossError?.toExponential(1) ?? "unknown";
  const verdict = isWrong ? colors.red(`differ by up to ${error}`) : colors.green(`agree within ${error}`);
  console.log(`Repeated on the CPU in float64: ${steps} losses ${verdict} (${bound.toExponential(0)} allowed).`);
}
