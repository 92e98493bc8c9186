// Everything that makes a run what it is, except own points: names as links spell them, values as controls offer them.
import { count } from "../ui/format.ts";
import type { Task } from "./points.ts";
import { isProblem, type ProblemName, problems } from "./problems.ts";

export const ACTIVATIONS = ["tanh", "relu", "leakyRelu", "elu", "softplus", "sigmoid", "none"] as const;
export const LOSSES = ["crossEntropy", "hinge", "squared", "absolute", "huber"] as const;
export const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"] as const;
export const SCHEDULES = ["constant", "step", "exponential", "cosine", "warmUp"] as const;
export const INITIALIZERS = [
  "xavierUniform",
  "xavierNormal",
  "heUniform",
  "heNormal",
  "lecunNormal",
  "tiny",
  "large",
  "same",
  "zeros",
] as const;

/** What the sliders stop at. */
export const STOPS = {
  count: [4, 10, 20, 50, 100, 200, 400, 1000],
  noise: [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
  rate: [1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  horizon: [100, 300, 1000, 3000, 10_000, 30_000, 100_000],
  batch: [1, 2, 4, 8, 16, 32, 64, 128, 1000],
  l1: [0, 1e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1],
  l2: [0, 1e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1],
  dropout: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
  /** Steps a second, at most; 0 stands for as many as there can be. */
  pace: [10, 30, 100, 300, 1000, 3000, 0],
} as const;

export const MOST_LAYERS = 6;
export const MOST_UNITS = 16;
export const MOST_SEED = 2 ** 31 - 1;

export type Activation = (typeof ACTIVATIONS)[number];
export type LossName = (typeof LOSSES)[number];
export type OptimizerName = (typeof OPTIMIZERS)[number];
export type ScheduleName = (typeof SCHEDULES)[number];
export type InitializerName = (typeof INITIALIZERS)[number];

export interface Settings {
  readonly problem: ProblemName | "own";
  /** Points to learn from. */
  readonly count: number;
  readonly noise: number;
  /** Draws points, first weights, orders and dropout. */
  readonly seed: number;
  /** Units of each hidden layer. */
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly rate: number;
  readonly schedule: ScheduleName;
  /** Steps that the schedule takes for its way. */
  readonly horizon: number;
  /** Points in a batch; more than there are means all. */
  readonly batch: number;
  readonly l1: number;
  readonly l2: number;
  readonly dropout: number;
  readonly batchNorm: boolean;
  readonly initializer: InitializerName;
  readonly pace: number;
}

export const DEFAULTS: Settings = {
  problem: "circles",
  count: 200,
  noise: 0.1,
  seed: 1,
  layers: [8, 8],
  activation: "tanh",
  loss: "crossEntropy",
  optimizer: "adam",
  rate: 0.01,
  schedule: "constant",
  horizon: 3000,
  batch: 16,
  l1: 0,
  l2: 0,
  dropout: 0,
  batchNorm: false,
  initializer: "xavierUniform",
  pace: 300,
};

/** How one setting is written in a link, and read with care. */
export interface Field<Value> {
  write(value: Value): string;
  /** Undefined for what is no such value. */
  read(text: string): Value | undefined;
  /** What it takes, for a sentence. */
  readonly takes: string;
}

const oneOf = <Value extends string>(values: readonly Value[]): Field<Value> => ({
  write: (value) => value,
  read: (text) => values.find((value) => value === text),
  takes: `one of ${values.join(", ")}`,
});

const NUMBER = /^\d+(\.\d+)?(e-?\d+)?$/i;

const stop = (values: readonly number[]): Field<number> => ({
  write: String,
  read: (text) => (NUMBER.test(text) ? values.find((value) => value === Number(text)) : undefined),
  takes: `one of ${values.join(", ")}`,
});

/** Each setting's place in a link, in this order. */
export const FIELDS: { readonly [Key in keyof Settings]: Field<Settings[Key]> } = {
  problem: oneOf([...(Object.keys(problems) as ProblemName[]), "own"]),
  count: stop(STOPS.count),
  noise: stop(STOPS.noise),
  seed: {
    write: String,
    read: (text) => (/^\d{1,10}$/.test(text) && Number(text) <= MOST_SEED ? Number(text) : undefined),
    takes: `a whole number in 0 … ${count(MOST_SEED)}`,
  },
  layers: {
    write: (layers) => (layers.length === 0 ? "0" : layers.join("-")),
    read(text) {
      if (text === "0") return [];
      if (!/^\d{1,2}(-\d{1,2})*$/.test(text)) return undefined;
      const layers = text.split("-").map(Number);
      const fits = layers.length <= MOST_LAYERS && layers.every((units) => units >= 1 && units <= MOST_UNITS);
      return fits ? layers : undefined;
    },
    takes: `0, or up to ${MOST_LAYERS} numbers of units in 1 … ${MOST_UNITS} such as 8-8`,
  },
  activation: oneOf(ACTIVATIONS),
  loss: oneOf(LOSSES),
  optimizer: oneOf(OPTIMIZERS),
  rate: stop(STOPS.rate),
  schedule: oneOf(SCHEDULES),
  horizon: stop(STOPS.horizon),
  batch: stop(STOPS.batch),
  l1: stop(STOPS.l1),
  l2: stop(STOPS.l2),
  dropout: stop(STOPS.dropout),
  batchNorm: {
    write: (isOn) => (isOn ? "1" : "0"),
    read: (text) => (text === "1" ? true : text === "0" ? false : undefined),
    takes: "0 or 1",
  },
  initializer: oneOf(INITIALIZERS),
  pace: stop(STOPS.pace),
};

export const KEYS = Object.keys(FIELDS) as (keyof Settings)[];

/** The losses that make sense for a task with so many classes; the first is the usual one. */
export function lossesFor(task: Task, classes: number): readonly LossName[] {
  if (task === "values") return ["squared", "absolute", "huber"];
  return classes === 2 ? ["crossEntropy", "hinge", "squared"] : ["crossEntropy", "squared"];
}

/** What is asked, so far as the name of the problem tells; own points say it themselves. */
export const problemOf = (name: Settings["problem"]): { readonly task: Task; readonly classes: number } | undefined =>
  isProblem(name) ? problems[name] : undefined;
