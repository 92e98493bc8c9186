// Figures of `npm start`: how well it learns, what a step costs, how near it is to float64. Each from runs of the command itself.
import { jsonOf, runCommand } from "../child.ts";
import type { CallsPerStep } from "../start/costs.ts";
import type { Parity } from "../start/parity.ts";
import type { Bench, Figure } from "./figure.ts";

interface StartLine extends CallsPerStep {
  readonly adapter: string;
  readonly testAccuracy: number;
  readonly stepsPerSecond: number;
  readonly parity: Parity;
}

const SEEDS = [1, 2, 3, 4, 5];

const known = new Map<string, Promise<StartLine>>();

/** One run of `npm start` a seed, however many figures ask for it. */
function start(bench: Bench, seed: number): Promise<StartLine> {
  const key = `${bench.device} ${seed}`;
  const run = known.get(key) ?? begin(bench, seed);
  known.set(key, run);
  return run;
}

async function begin({ device, note }: Bench, seed: number): Promise<StartLine> {
  note(`npm start, seed ${seed}`);
  const check = seed === SEEDS[0] ? "100" : "0";
  const argv = ["start", "--json", "--quiet", "--seed", `${seed}`, "--check", check, "--device", device];
  return jsonOf<StartLine>(await runCommand(argv));
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

export const accuracy: Figure = {
  name: "accuracy",
  what: "test accuracy, npm start, 3 epochs, seeds 1–5",
  bound: "mean ≥ 97.0 %, least ≥ 96.8 %",
  async measure(bench) {
    const accuracies: number[] = [];
    for (const seed of SEEDS) accuracies.push((await start(bench, seed)).testAccuracy);
    const mean = accuracies.reduce((a, b) => a + b) / accuracies.length;
    const least = Math.min(...accuracies);
    return {
      value: `mean ${percent(mean)}, least ${percent(least)}`,
      isMet: mean >= 0.97 && least >= 0.968,
      data: accuracies,
    };
  },
};

export const dispatches: Figure = {
  name: "dispatches",
  what: "dispatches per MLP Adam step",
  bound: "≤ 8",
  async measure(bench) {
    const { dispatchesPerStep } = await start(bench, 1);
    const isMet = dispatchesPerStep === null ? undefined : dispatchesPerStep <= 8;
    return { value: `${dispatchesPerStep ?? "no GPU"}`, isMet, data: dispatchesPerStep };
  },
};

export const calls: Figure = {
  name: "calls",
  what: "submits / objects created / writes per step",
  bound: "≤ 0.1 / 0 / ≤ 0.1",
  async measure(bench) {
    const { submitsPerStep, createdPerStep, writesPerStep } = await start(bench, 1);
    const counted = [submitsPerStep, createdPerStep, writesPerStep];
    if (submitsPerStep === null || createdPerStep === null || writesPerStep === null) {
      return { value: "no GPU", isMet: undefined, data: counted };
    }
    const isMet = submitsPerStep <= 0.1 && createdPerStep === 0 && writesPerStep <= 0.1;
    return { value: `${submitsPerStep} / ${createdPerStep} / ${writesPerStep}`, isMet, data: counted };
  },
};

export const parity: Figure = {
  name: "parity",
  what: "loss parity GPU vs float64 CPU over 100 steps",
  bound: "≤ 1e-4 relative",
  async measure(bench) {
    const { parity: found } = await start(bench, 1);
    const error = found.maxRelativeLossError;
    if (error === null) return { value: "no GPU", isMet: undefined, data: found };
    return { value: error.toExponential(1), isMet: found.steps === 100 && error <= 1e-4, data: found };
  },
};
