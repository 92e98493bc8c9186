// Runs that show one thing each. What they show is said in `text.ts`, and held to in test/demo/playgroundPresets.test.ts.
import { DEFAULTS, type Settings } from "./settings.ts";

const preset = (changes: Partial<Settings>): Settings => ({ ...DEFAULTS, ...changes });

const deep = { problem: "circles", layers: [8, 8, 8, 8, 8, 8], optimizer: "sgd", rate: 0.3, pace: 1000 } as const;
const few = {
  problem: "circles",
  count: 20,
  noise: 0.3,
  layers: [16, 16],
  rate: 0.01,
  batch: 1000,
  pace: 300,
} as const;

export const presets = {
  start: preset({}),
  line: preset({ problem: "xor", layers: [], noise: 0.25, rate: 0.03 }),
  fold: preset({ problem: "xor", layers: [2], noise: 0.25, activation: "tanh", rate: 0.03 }),
  arcs: preset({ problem: "arcs", layers: [3], rate: 0.03 }),
  coin: preset({ problem: "coin", noise: 0, count: 400, layers: [8], rate: 0.03 }),
  kingdoms: preset({ problem: "kingdoms", noise: 0, layers: [], rate: 0.1 }),
  spirals: preset({
    problem: "spirals",
    noise: 0.05,
    count: 400,
    layers: [16, 16],
    activation: "relu",
  }),
  dead: preset({ problem: "circles", layers: [8], activation: "relu", optimizer: "sgd", rate: 10, batch: 4, pace: 30 }),
  vanishing: preset({ ...deep, activation: "sigmoid" }),
  flowing: preset({ ...deep, activation: "tanh" }),
  zeros: preset({ layers: [8], initializer: "zeros", rate: 0.03 }),
  same: preset({ layers: [8], initializer: "same", rate: 0.03 }),
  over: preset(few),
  l2: preset({ ...few, l2: 0.003 }),
  fast: preset({ problem: "blobs", layers: [8], optimizer: "sgd", rate: 10, noise: 0.5, pace: 30 }),
  slow: preset({ layers: [8], optimizer: "sgd", rate: 1e-4, pace: 1000 }),
  rare: preset({ problem: "rare", layers: [4], count: 400, noise: 0.2, rate: 0.003 }),
  hills: preset({ problem: "hills", loss: "squared", noise: 0, count: 400 }),
  ripple: preset({
    problem: "ripple",
    loss: "squared",
    layers: [16, 16],
    noise: 0,
    count: 1000,
    rate: 0.01,
    pace: 1000,
  }),
} as const satisfies Record<string, Settings>;

export type PresetName = keyof typeof presets;
