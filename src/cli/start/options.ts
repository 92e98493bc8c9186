// The options of `npm start`, checked before anything is opened or loaded.
import { statSync } from "node:fs";
import { Option } from "commander";
import { DataError, OptionError } from "../../core/error.ts";
import { type CommonOptions, command, type KernelOptions, kernelsOption } from "../command.ts";
import { checkWritable } from "../trace.ts";
import { RECIPES, type Recipe, type RecipeName } from "./models.ts";

export interface StartOptions extends CommonOptions, KernelOptions {
  readonly model: RecipeName;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Steps to compare with the CPU reference; 0 for none. */
  readonly check: number;
  readonly save?: string;
  readonly load?: string;
  readonly trace?: string;
}

/** Reads the command line. @throws OptionError and DataError for what cannot be meant */
export function startOptions(argv: readonly string[]): StartOptions {
  const given = command("start", "Trains a network on MNIST, shows how good it is, and checks itself against the CPU.")
    .addOption(kernelsOption())
    .addOption(new Option("--model <name>", "the network").choices(Object.keys(RECIPES)).default("mlp"))
    .option("--epochs <n>", `rounds over the training set (${each(({ epochs }) => epochs)}; 0 with --load: only test)`)
    .option("--batch <n>", `examples a step (${each(({ batch }) => batch)})`)
    .option("--seed <n>", "fixes first weights and order", "1")
    .option("--check <n>", `steps to repeat on the CPU reference; 0 for none (${each(({ check }) => check.steps)})`)
    .option("--save <file>", "write the weights there (safetensors)")
    .option("--load <file>", "start from these weights")
    .option("--trace <file>", "write each dispatch of a step there, for chrome://tracing and ui.perfetto.dev")
    .allowExcessArguments(false)
    .parse([...argv], { from: "user" })
    .opts();
  const recipe: Recipe = RECIPES[given.model as RecipeName];
  const options = {
    ...(given as CommonOptions & KernelOptions & Pick<StartOptions, "model" | "save" | "load" | "trace">),
    epochs: given.epochs === undefined ? recipe.epochs : whole("epochs", given.epochs, given.load ? 0 : 1, 100_000),
    batch: given.batch === undefined ? recipe.batch : whole("batch", given.batch, 1, 60_000),
    seed: whole("seed", given.seed, 0, Number.MAX_SAFE_INTEGER),
    check: given.check === undefined ? recipe.check.steps : whole("check", given.check, 0, 100_000),
  };
  checkFiles(options);
  if (options.trace !== undefined && options.epochs === 0)
    throw new OptionError("start: --trace: there is no step to look at with --epochs 0");
  return options;
}

/** "mlp: 3, course: 40" */
function each(of: (recipe: Recipe) => number): string {
  return Object.entries(RECIPES)
    .map(([name, recipe]) => `${name}: ${of(recipe)}`)
    .join(", ");
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && value >= least && value <= most) return value;
  throw new OptionError(`start: --${name} must be a whole number in ${least} … ${most}: got "${text}"`, {
    [name]: text,
  });
}

/** A run must not end in nothing because of a name that could have been checked before it. */
function checkFiles({ save, load, trace }: Pick<StartOptions, "save" | "load" | "trace">): void {
  if (load !== undefined && !statSync(load, { throwIfNoEntry: false })?.isFile()) {
    throw new DataError(`start: --load: no such file: ${load}`);
  }
  if (save !== undefined) checkWritable("start: --save", save);
  if (trace !== undefined) checkWritable("start: --trace", trace);
}
