// Figures of whole training steps beside peers, batch by batch on the same data from the same weights.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../../bench/steps/step.ts";
import { tiny131 } from "../../../bench/steps/tiny131.ts";
import { tiny233 } from "../../../bench/steps/tiny233.ts";
import { tinyAdam } from "../../../bench/steps/tinyAdam.ts";
import { loadMnist } from "../../data/mnistNode.ts";
import type { PeerName } from "../bench/peers.ts";
import type { Row } from "../bench/row.ts";
import { measureStep } from "../bench/steps.ts";
import { boundOf, judged, type Leads, measuredOn, verdictOf, withSpread } from "./beside.ts";
import type { Figure } from "./figure.ts";

const systemsOf = (leads: Leads) => Object.keys(leads) as PeerName[];

function stepsBeside(step: StepCase, adapter: string, leads: Leads): Figure {
  return {
    name: `${step.name}-${adapter}`,
    what: `${step.name}, steps/s on ${adapter}, beside peers`,
    bound: boundOf(leads),
    measure: (bench) =>
      measuredOn(bench, adapter, systemsOf(leads), async ({ device, counted, place }) => {
        bench.note(`${step.name} on ${adapter}`);
        const rows = await measureStep(device, step, counted, { place });
        const [{ stepsPerSecond = Number.NaN, spread }] = rows as [Row];
        const { text, isMet } = judged(rows, leads);
        return { value: `${withSpread(stepsPerSecond, spread)}: ${text}`, isMet, data: rows };
      }),
  };
}

/** Nets whose state fits one workgroup. Peers take part in the first. */
const TINY: readonly StepCase[] = [tinyAdam, tiny131, tiny233];
const TINY_LEADS: Leads = { "jax-js wasm": { wall: 1 }, "tfjs cpu": { wall: 1 } };

function tinySteps(adapter: string, least: number): Figure {
  return {
    name: `tiny-${adapter}`,
    what: `${TINY.map(({ name }) => name).join(", ")}, steps/s on ${adapter}`,
    bound: `≥ ${least.toLocaleString("en")} each, ahead of peers on the CPU`,
    measure: (bench) =>
      measuredOn(bench, adapter, systemsOf(TINY_LEADS), async ({ device, counted, place }) => {
        const all: Row[] = [];
        const texts: string[] = [];
        const verdicts: (boolean | undefined)[] = [];
        for (const step of TINY) {
          bench.note(`${step.name} on ${adapter}`);
          const extras = step === tinyAdam ? { place } : {};
          const rows = await measureStep(device, step, counted, extras);
          const [{ stepsPerSecond = Number.NaN, spread }] = rows as [Row];
          const lead = step === tinyAdam ? judged(rows, TINY_LEADS) : undefined;
          texts.push(`${withSpread(stepsPerSecond, spread)}${lead ? `: ${lead.text}` : ""}`);
          verdicts.push(stepsPerSecond >= least, ...(lead ? [lead.isMet] : []));
          all.push(...rows);
        }
        return { value: texts.join("; "), isMet: verdictOf(verdicts), data: all };
      }),
  };
}

const EPOCH_LEADS: Leads = {
  "jax-js wasm": { wall: 1 },
  "jax-js webgpu": { wall: 1 },
  "tfjs webgpu": { wall: 1 },
};
const EXAMPLES = 60_000;

/** gpugrad trains whole epochs. Peers train parts of one in between, from which the whole is worked out. */
const epoch: Figure = {
  name: "epoch",
  what: "one epoch of MNIST, mlp-adam on lavapipe, seconds (peers: from parts of an epoch, in turns)",
  bound: "faster than each peer",
  measure: (bench) =>
    measuredOn(bench, "lavapipe", systemsOf(EPOCH_LEADS), async ({ device, counted, place }) => {
      bench.note("epochs of MNIST on lavapipe");
      const { train } = await loadMnist();
      const batches = EXAMPLES / mlpAdam.batchSize;
      const step = { ...mlpAdam, name: "mnist-mlp-adam", data: () => train, fewest: Math.ceil(batches) };
      const rows = await measureStep(device, step, counted, { place });
      const { isMet } = judged(rows, EPOCH_LEADS);
      const texts = rows.map(({ system, milliseconds = Number.NaN, spread, note }) =>
        note === undefined
          ? `${system} ${withSpread((milliseconds * batches) / 1000, spread)} s`
          : `${system}: ${note}`,
      );
      return { value: texts.join(", "), isMet, data: rows };
    }),
};

export const stepFigures: readonly Figure[] = [
  stepsBeside(mlpAdam, "lavapipe", {
    "jax-js webgpu": { wall: 5, cpu: 6 },
    "tfjs webgpu": { wall: 20 },
    "jax-js wasm": { wall: 1 },
  }),
  stepsBeside(mlpAdam, "swiftshader", { "jax-js webgpu": { wall: 3 }, "tfjs webgpu": { wall: 20 } }),
  stepsBeside(cnnAdam, "lavapipe", { "jax-js webgpu": { wall: 8 }, "tfjs webgpu": { wall: 25 } }),
  stepsBeside(cnnAdam, "swiftshader", { "jax-js webgpu": { wall: 7 }, "tfjs webgpu": { wall: 60 } }),
  tinySteps("lavapipe", 300_000),
  tinySteps("swiftshader", 80_000),
  epoch,
];
