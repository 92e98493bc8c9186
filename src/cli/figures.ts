// `npm run figures -- <issue>`: what an issue promised, measured: value, bound, verdict. Exit status 1 when a bound is missed.
import Table from "cli-table3";
import { DeviceError, OptionError } from "../core/error.ts";
import { type FoundGpu, findGpu } from "../node/find.ts";
import colors from "./colors.ts";
import { type CommonOptions, command } from "./command.ts";
import { faults } from "./figures/faults.ts";
import type { Bench, Figure, Measured } from "./figures/figure.ts";
import { gradients } from "./figures/gradients.ts";
import { hostCost } from "./figures/host.ts";
import { besideNode, besidePeers } from "./figures/inPage.ts";
import { kernelFigures } from "./figures/kernels.ts";
import { killed } from "./figures/killed.ts";
import { frames, longestTask, opening, stopping } from "./figures/live.ts";
import { masks } from "./figures/masks.ts";
import { boundMemory } from "./figures/memory.ts";
import { bundleSize, coldStart, conformance, contributing, randomShapes } from "./figures/outside.ts";
import { constantMemory, sameBits } from "./figures/steady.ts";
import { stepFigures } from "./figures/steps.ts";
import { accuracyAfter, accuracyOverSeeds, callsOf, dispatchesOf, parityOf } from "./figures/training.ts";
import { openDisplay } from "./start/display.ts";

const ISSUES: Readonly<Record<string, readonly Figure[]>> = {
  1: [
    accuracyOverSeeds("mlp", [1, 2, 3, 4, 5], 0.97, 0.968),
    dispatchesOf({ mlp: 8 }),
    callsOf(["mlp"]),
    parityOf(["mlp"]),
    sameBits,
    constantMemory,
    coldStart(0.6, 2),
    boundMemory,
    bundleSize,
    contributing,
    conformance(1),
    randomShapes,
  ],
  2: [
    accuracyAfter("cnn", { 1: 0.98, 5: 0.99 }),
    dispatchesOf({ cnn: 18, "cnn-bn": 28 }),
    callsOf(["cnn", "cnn-bn"]),
    parityOf(["cnn", "cnn-bn"]),
    gradients,
    conformance(2),
    masks,
    randomShapes,
  ],
  3: [...stepFigures, ...kernelFigures, hostCost, coldStart(0.5, 1.6, 0.4)],
  4: [opening, longestTask, stopping, frames, besideNode, besidePeers, killed, bundleSize, faults],
};

interface FiguresOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly conformance?: string;
}

export async function run(argv: readonly string[]): Promise<number> {
  const parsed = command("figures", "Measures what an issue promised")
    .argument("<issue>", `number of the issue: ${Object.keys(ISSUES).join(", ")}`)
    .option("--only <names>", "only these figures, separated by commas", (text: string) => text.split(","))
    .option("--conformance <folder>", "folder of conformance cases and lists")
    .parse([...argv], { from: "user" });
  const options = parsed.opts<FiguresOptions>();
  const figures = chosen(parsed.args[0] as string, options.only);
  const display = openDisplay(options.json || options.quiet || false);
  const found = new Map<string, Promise<FoundGpu | undefined>>();
  const bench: Bench = {
    device: options.device,
    conformance: options.conformance,
    note: display.wait,
    find(device) {
      const known = found.get(device) ?? findGpu(device).catch(unlessMissing);
      found.set(device, known);
      return known;
    },
  };
  const results: (Measured & Pick<Figure, "name" | "what" | "bound">)[] = [];
  for (const { name, what, bound, measure } of figures) {
    display.wait(name);
    const result = await measure(bench).catch(
      (error: Error): Measured => ({ value: error.message, isMet: false, data: null }),
    );
    results.push({ name, what, bound, ...result });
    display.say(`${mark(result.isMet)} ${name}: ${result.value}`);
  }
  display.close();
  if (options.json) console.log(JSON.stringify(results));
  else console.log(tableOf(results));
  return results.some(({ isMet }) => isMet === false) ? 1 : 0;
}

function chosen(issue: string, only: readonly string[] | undefined): readonly Figure[] {
  const figures = ISSUES[issue];
  if (!figures) throw new OptionError(`figures: no such issue: "${issue}". Choose ${Object.keys(ISSUES).join(", ")}`);
  const names = figures.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new OptionError(`figures: --only: no such figure: "${unknown}". Choose from ${names.join(", ")}`);
  return only ? figures.filter(({ name }) => only.includes(name)) : figures;
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error;
}

function mark(isMet: boolean | undefined): string {
  if (isMet === undefined) return colors.yellow("–");
  return isMet ? colors.green("✓") : colors.red("✗");
}

function tableOf(results: readonly (Measured & Pick<Figure, "what" | "bound">)[]): string {
  const table = new Table({
    head: ["what", "value", "bound", ""].map((title) => colors.bold(title)),
    style: { head: [], border: [] },
    colWidths: [34, 24, 16, 4],
    wordWrap: true,
  });
  for (const { what, value, bound, isMet } of results) table.push([what, value, bound, mark(isMet)]);
  return table.toString();
}
