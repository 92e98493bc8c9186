// Figures of `npm start`: how well it learns, what a step costs, how near it is to float64. Each from runs of the command itself.
import { jsonOf, runCommand } from "../child.ts";
import type { CallsPerStep } from "../start/costs.ts";
import { RECIPES, type Recipe, type RecipeName } from "../start/models.ts";
import type { Parity } from "../start/parity.ts";
import type { Bench, Figure, Measured } from "./figure.ts";

interface StartLine extends CallsPerStep {
  readonly adapter: string;
  readonly testAccuracy: number;
  readonly stepsPerSecond: number;
  readonly parity: Parity;
}

/** A run of `npm start`. */
interface Course {
  readonly model: RecipeName;
  /** The recipe's when left out. */
  readonly epochs?: number;
  /** Default 1. */
  readonly seed?: number;
}

const known = new Map<string, Promise<StartLine>>();

/** One run of `npm start` for each course, however many figures ask for it. The first seed also repeats steps on the reference. */
function start(bench: Bench, { model, epochs = RECIPES[model].epochs, seed = 1 }: Course): Promise<StartLine> {
  const key = `${bench.device} ${model} ${epochs} ${seed}`;
  const run = known.get(key) ?? begin(bench, { model, epochs, seed });
  known.set(key, run);
  return run;
}

async function begin({ device, note }: Bench, { model, epochs, seed }: Required<Course>): Promise<StartLine> {
  note(`npm start, ${model}, ${epochs} epochs, seed ${seed}`);
  const check = seed === 1 ? `${RECIPES[model].check.steps}` : "0";
  const argv = ["--model", model, "--epochs", `${epochs}`, "--seed", `${seed}`, "--check", check, "--device", device];
  return jsonOf<StartLine>(await runCommand(["start", "--json", "--quiet", ...argv]));
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

const NO_GPU = { value: "no GPU", isMet: undefined };

/** Mean and least test accuracy over seeds. */
export function accuracyOverSeeds(model: RecipeName, seeds: readonly number[], mean: number, least: number): Figure {
  return {
    name: "accuracy",
    what: `test accuracy, ${model}, ${RECIPES[model].epochs} epochs, seeds ${seeds[0]}–${seeds.at(-1)}`,
    bound: `mean ≥ ${(100 * mean).toFixed(1)} %, least ≥ ${(100 * least).toFixed(1)} %`,
    async measure(bench) {
      const found: number[] = [];
      for (const seed of seeds) found.push((await start(bench, { model, seed })).testAccuracy);
      const average = found.reduce((a, b) => a + b) / found.length;
      const worst = Math.min(...found);
      return {
        value: `mean ${percent(average)}, least ${percent(worst)}`,
        isMet: average >= mean && worst >= least,
        data: found,
      };
    },
  };
}

/** Test accuracy after some numbers of epochs. */
export function accuracyAfter(model: RecipeName, bounds: Readonly<Record<number, number>>): Figure {
  const wanted = Object.entries(bounds).map(([epochs, least]) => ({ epochs: Number(epochs), least }));
  return {
    name: "accuracy",
    what: `test accuracy, ${model}, ${wanted.map(({ epochs }) => epochs).join(" / ")} epochs`,
    bound: wanted.map(({ least }) => `≥ ${(100 * least).toFixed(1)} %`).join(" / "),
    async measure(bench) {
      const found: number[] = [];
      for (const { epochs } of wanted) found.push((await start(bench, { model, epochs })).testAccuracy);
      return {
        value: found.map(percent).join(" / "),
        isMet: wanted.every(({ least }, i) => (found[i] as number) >= least),
        data: found,
      };
    },
  };
}

/** Dispatches of one training step of each model. */
export function dispatchesOf(bounds: Partial<Record<RecipeName, number>>): Figure {
  const models = Object.keys(bounds) as RecipeName[];
  return {
    name: "dispatches",
    what: `dispatches per step, ${models.join(" / ")}`,
    bound: models.map((model) => `≤ ${bounds[model]}`).join(" / "),
    measure: (bench) =>
      ofEach(
        models,
        async (model) => (await start(bench, { model })).dispatchesPerStep,
        (dispatches, model) => dispatches <= (bounds[model] as number),
        (dispatches) => `${dispatches}`,
      ),
  };
}

/** Calls of WebGPU in one training step of each model, after the warm-up. */
export function callsOf(models: readonly RecipeName[]): Figure {
  return {
    name: "calls",
    what: `submits / objects created / writes per step, ${models.join("; ")}`,
    bound: "≤ 0.1 / 0 / ≤ 0.1",
    measure: (bench) =>
      ofEach(
        models,
        async (model) => {
          const { submitsPerStep, createdPerStep, writesPerStep } = await start(bench, { model });
          if (submitsPerStep === null || createdPerStep === null || writesPerStep === null) return null;
          return [submitsPerStep, createdPerStep, writesPerStep] as const;
        },
        ([submits, created, writes]) => submits <= 0.1 && created === 0 && writes <= 0.1,
        (counts) => counts.join(" / "),
        "; ",
      ),
  };
}

/** Losses on the device against float64, over the steps and within the bound of each recipe. */
export function parityOf(models: readonly RecipeName[]): Figure {
  const checks = models.map((model): Recipe["check"] => RECIPES[model].check);
  return {
    name: "parity",
    what: `loss parity GPU vs float64 CPU, ${models.map((model, i) => `${model} ${checks[i]?.steps} steps`).join(" / ")}`,
    bound: checks.map(({ bound }) => `≤ ${bound.toExponential(0)}`).join(" / "),
    measure: (bench) =>
      ofEach(
        models,
        async (model) => {
          const { steps, maxRelativeLossError } = (await start(bench, { model })).parity;
          return maxRelativeLossError === null ? null : { steps, error: maxRelativeLossError };
        },
        ({ steps, error }, model) => steps === RECIPES[model].check.steps && error <= RECIPES[model].check.bound,
        ({ error }) => error.toExponential(1),
      ),
  };
}

/** One value for each model, null without a GPU. */
async function ofEach<Value>(
  models: readonly RecipeName[],
  find: (model: RecipeName) => Promise<Value | null>,
  isMet: (value: Value, model: RecipeName) => boolean,
  show: (value: Value) => string,
  separator = " / ",
): Promise<Measured> {
  const found: (Value | null)[] = [];
  for (const model of models) found.push(await find(model));
  const values = found.filter((value) => value !== null);
  if (values.length < models.length) return { ...NO_GPU, data: found };
  return {
    value: values.map(show).join(separator),
    isMet: values.every((value, i) => isMet(value, models[i] as RecipeName)),
    data: Object.fromEntries(models.map((model, i) => [model, found[i]])),
  };
}
