// What an optimiser is: a plain value. The host works out a few scalars per step in float64 (rates, bias corrections: powers never run
// on the GPU); the update itself is elementwise over flat arrays of all parameters, so that it fuses into one dispatch.
import { OptionError } from "../core/error.ts";
import { checkKnown } from "../core/options.ts";
import type { Node } from "../graph/node.ts";
import { add, mul, neg } from "../ops/arithmetic.ts";
import type { Schedule } from "./schedules.ts";

/** The learning rate: a number, or a function of the 0-based step. */
export type LearningRate = number | Schedule;

/** Nodes by name: state arrays as large as the parameters, or [] scalars. */
export type NamedNodes = Readonly<Record<string, Node>>;

/** What an update is computed from. */
export interface UpdateInput {
  /** Parameters. */
  readonly p: Node;
  /** Their gradient. */
  readonly g: Node;
  readonly slots: NamedNodes;
  readonly scalars: NamedNodes;
}

/** New parameters and state. */
export interface UpdateResult {
  readonly p: Node;
  readonly slots: NamedNodes;
}

/** An optimiser as a trainer takes it. */
export interface Optimizer {
  readonly name: string;
  readonly learningRate: LearningRate;
  /** All options with their defaults filled in, named as in PyTorch but in camelCase. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of the state arrays, each as large as the parameters. */
  readonly slots: readonly string[];
  /** What a slot starts with where that is not 0. */
  readonly initial?: Readonly<Record<string, number>>;
  /** The scalars of step `step` (1, 2, 3 …), in float64; always the same names. */
  readonly scalars: (step: number, learningRate: number) => Readonly<Record<string, number>>;
  /** One step as a graph: elementwise in p, g and the slots. */
  readonly update: (input: UpdateInput) => UpdateResult;
}

/** An optimiser's own part, its slots and scalars typed by name. */
interface Definition<Slot extends string, Scalar extends string> {
  readonly slots: readonly Slot[];
  readonly initial?: Readonly<Partial<Record<Slot, number>>>;
  readonly scalars: (step: number, learningRate: number) => Readonly<Record<Scalar, number>>;
  readonly update: (input: {
    readonly p: Node;
    readonly g: Node;
    readonly slots: Readonly<Record<Slot, Node>>;
    readonly scalars: Readonly<Record<Scalar, Node>>;
  }) => { readonly p: Node; readonly slots: Readonly<Partial<Record<Slot, Node>>> };
}

/** Puts an optimiser together. */
export function optimizer<Slot extends string, Scalar extends string>(
  name: string,
  learningRate: LearningRate,
  options: Readonly<Record<string, unknown>>,
  definition: Definition<Slot, Scalar>,
): Optimizer {
  return { name, learningRate, options, ...(definition as unknown as Definition<string, string>) } as Optimizer;
}

/**
 * The scalars of step `step` (1, 2, 3 …) with the learning rate worked out; `scale` multiplies it (reduce on plateau).
 * @throws OptionError when the schedule gives a rate that is negative or not finite
 */
export function scalarsAt(optimizer: Optimizer, step: number, scale = 1): Readonly<Record<string, number>> {
  const { name, learningRate } = optimizer;
  const rate = (typeof learningRate === "function" ? learningRate(step - 1) : learningRate) * scale;
  if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new OptionError(
      `${name}: the schedule's learning rate must be finite and not negative: ${rate} at step ${step}`,
    );
  }
  return optimizer.scalars(step, rate);
}

/** What the value of an option must be. */
export type Rule = readonly [test: (value: unknown) => boolean, must: string];

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
export const NOT_NEGATIVE: Rule = [(value) => isNumber(value) && value >= 0, "a number, 0 or more"];
export const POSITIVE: Rule = [(value) => isNumber(value) && value > 0, "a positive number"];
export const DECAY: Rule = [(value) => isNumber(value) && value >= 0 && value < 1, "a number in 0 … 1, 1 excluded"];
export const SHARE: Rule = [(value) => isNumber(value) && value >= 0 && value <= 1, "a number in 0 … 1"];
export const FLAG: Rule = [(value) => typeof value === "boolean", "true or false"];
export const BETAS: Rule = [
  (value) => Array.isArray(value) && value.length === 2 && value.every(DECAY[0]),
  "two numbers in 0 … 1, 1 excluded",
];

/** Checks the learning rate and the options against their rules, and fills in defaults. */
export function resolve<T extends object>(
  call: string,
  learningRate: LearningRate,
  given: Partial<T>,
  defaults: T,
  rules: { readonly [name in keyof T]: Rule },
): T {
  if (typeof learningRate !== "function" && !POSITIVE[0](learningRate)) {
    throw new OptionError(`${call}: learningRate must be a positive number: got ${learningRate}`, { learningRate });
  }
  checkKnown(call, given, Object.keys(rules));
  for (const [name, value] of Object.entries(given)) {
    const [holds, must] = rules[name as keyof T];
    if (value !== undefined && !holds(value)) {
      const shown = Array.isArray(value) ? `[${value.join(", ")}]` : value;
      throw new OptionError(`${call}: ${name} must be ${must}: got ${shown}`, { [name]: value });
    }
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...known };
}

/** Options that all optimisers share. */
export interface CommonOptions {
  /** λ: adds λ·p to the gradient (L2 penalty). */
  readonly weightDecay?: number;
  /** Climbs instead of descending. */
  readonly maximize?: boolean;
}

/** The gradient that an update works with: turned round when maximising, λ·p added. */
export function effectiveGradient(p: Node, g: Node, weightDecay: number, maximize: boolean): Node {
  const turned = maximize ? neg(g) : g;
  return weightDecay === 0 ? turned : add(turned, mul(p, weightDecay));
}

/** β·average + (1 − β)·value */
export function movingAverage(average: Node, value: Node, beta: number): Node {
  return add(mul(average, beta), mul(value, 1 - beta));
}
