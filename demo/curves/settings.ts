// Everything that a link can hold, except own points: names as links spell them, values as controls offer them.
import { count } from "../ui/format.ts";
import { type CurveName, type ShapeName, shapes } from "./shapes.ts";
import { OPTIMIZERS, type OptimizerName, RATES, type SurfaceName, surfaces } from "./surfaces.ts";

export const CURVES = [...(Object.keys(shapes) as ShapeName[]), "own"] as const satisfies readonly CurveName[];
export const ACTIVATIONS = ["tanh", "sigmoid", "relu", "elu", "softplus", "sin"] as const;
export const MOST_SEED = 2 ** 31 - 1;
export type Activation = (typeof ACTIVATIONS)[number];

/** What the sliders stop at. */
export const STOPS = {
  /** Powers of two, as batches are: no batch is left over, which would need a program of its own. */
  count: [4, 8, 16, 32, 64, 128, 256, 512, 1024],
  noise: [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4],
  units: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  rate: [1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
  batch: [1, 4, 8, 16, 32, 64, 1000],
  /** Steps a second, at most; 0 stands for as many as there can be. */
  pace: [30, 100, 300, 1000, 3000, 0],
  degree: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30],
} as const;

export interface Settings {
  readonly curve: CurveName;
  readonly count: number;
  readonly noise: number;
  /** Draws points, first weights and the order of points. */
  readonly seed: number;
  readonly units: number;
  readonly activation: Activation;
  readonly optimizer: OptimizerName;
  readonly rate: number;
  /** Points in a batch; more than there are means all. */
  readonly batch: number;
  readonly pace: number;
  /** Of the polynomial beside the network. */
  readonly degree: number;
  readonly surface: SurfaceName;
  /** Where the paths begin, as parts of a thousand of the picture's width and height; none for the surface's own start. */
  readonly start: readonly [x: number, y: number] | undefined;
  /** In the order of `OPTIMIZERS`; none for those that suit the surface. */
  readonly rates: readonly number[] | undefined;
}

export const DEFAULTS: Settings = {
  curve: "sine",
  count: 64,
  noise: 0.1,
  seed: 1,
  units: 8,
  activation: "tanh",
  optimizer: "adam",
  rate: 0.01,
  batch: 32,
  pace: 300,
  degree: 3,
  surface: "banana",
  start: undefined,
  rates: undefined,
};

/** How one setting is written in a link, and read with care. */
export interface Field<Value> {
  write(value: Value): string;
  /** Nothing for what is no such value. */
  read(text: string): { readonly value: Value } | undefined;
  /** What it takes, for a sentence. */
  readonly takes: string;
}

const oneOf = <Value extends string>(values: readonly Value[]): Field<Value> => ({
  write: (value) => value,
  read: (text) => found(values.find((value) => value === text)),
  takes: `one of ${values.join(", ")}`,
});

const found = <Value>(value: Value | undefined) => (value === undefined ? undefined : { value });
const NUMBER = /^\d+(\.\d+)?(e-?\d+)?$/i;
const stopAt = (values: readonly number[], text: string) =>
  NUMBER.test(text) ? values.find((value) => value === Number(text)) : undefined;

const stop = (values: readonly number[]): Field<number> => ({
  write: String,
  read: (text) => found(stopAt(values, text)),
  takes: `one of ${values.join(", ")}`,
});

/** Numbers with "~" between them, "" for none. */
const list = <Value extends readonly number[]>(
  length: number,
  read: (text: string) => number | undefined,
  takes: string,
): Field<Value | undefined> => ({
  write: (values) => values?.join("~") ?? "",
  read(text) {
    if (text === "") return { value: undefined };
    if (text.length > 16 * length) return undefined;
    const values = text.split("~").map(read);
    const isWhole = values.length === length && values.every((value) => value !== undefined);
    return isWhole ? { value: values as unknown as Value } : undefined;
  },
  takes,
});

const whole = (most: number) => (text: string) =>
  /^\d{1,10}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

/** Each setting's place in a link, in this order. */
export const FIELDS: { readonly [Key in keyof Settings]: Field<Settings[Key]> } = {
  curve: oneOf(CURVES),
  count: stop(STOPS.count),
  noise: stop(STOPS.noise),
  seed: {
    write: String,
    read: (text) => found(whole(MOST_SEED)(text)),
    takes: `a whole number in 0 … ${count(MOST_SEED)}`,
  },
  units: stop(STOPS.units),
  activation: oneOf(ACTIVATIONS),
  optimizer: oneOf(OPTIMIZERS),
  rate: stop(STOPS.rate),
  batch: stop(STOPS.batch),
  pace: stop(STOPS.pace),
  degree: stop(STOPS.degree),
  surface: oneOf(Object.keys(surfaces) as SurfaceName[]),
  start: list(2, whole(1000), "two whole numbers in 0 … 1000 such as 100~900"),
  rates: list(OPTIMIZERS.length, (text) => stopAt(RATES, text), `six of ${RATES.join(", ")} with ~ between them`),
};

export const KEYS = Object.keys(FIELDS) as (keyof Settings)[];
