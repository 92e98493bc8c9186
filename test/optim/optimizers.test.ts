// Every optimiser against its PyTorch loop, written out again for one number in plain float64.
import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import { input } from "../../src/ops/constant.ts";
import { adam, adamax, adamW } from "../../src/optim/adam.ts";
import { nadam, radam } from "../../src/optim/adamSchedules.ts";
import { adadelta, adagrad, rmsprop } from "../../src/optim/adaptive.ts";
import { type Optimizer, scalarsAt } from "../../src/optim/optimizer.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { numbers, run } from "../differentiate.ts";
import { errorOf } from "../errorOf.ts";

const STEPS = 12;
const P = 4;
/** Gradients of every step; step 5 has none. */
const gradientAt = (t: number): Float64Array =>
  t === 5 ? new Float64Array(P) : numbers(P, t).map((x) => x * (0.3 + t / 5));

function trajectory(optimizer: Optimizer): number[] {
  const p = input("p", [P]);
  const g = input("g", [P]);
  const slots = Object.fromEntries(optimizer.slots.map((name) => [name, input(name, [P])]));
  const names = Object.keys(scalarsAt(optimizer, 1));
  const scalars = Object.fromEntries(names.map((name) => [name, input(name, [])]));
  const next = optimizer.update({ p, g, slots, scalars });
  expect(Object.keys(next.slots).sort()).toEqual([...optimizer.slots].sort());
  const values = new Map<Node, ArrayLike<number>>([[p, numbers(P, 99)]]);
  for (const [name, slot] of Object.entries(slots)) {
    values.set(slot, new Float64Array(P).fill(optimizer.initial?.[name] ?? 0));
  }
  for (let t = 1; t <= STEPS; t++) {
    values.set(g, gradientAt(t));
    const now = scalarsAt(optimizer, t);
    expect(Object.keys(now)).toEqual(names);
    for (const [name, scalar] of Object.entries(scalars)) values.set(scalar, [now[name] as number]);
    const order = Object.keys(slots);
    const [after, ...state] = run([next.p, ...order.map((name) => next.slots[name] as Node)], values);
    values.set(p, after as Float64Array);
    for (const [i, name] of order.entries()) values.set(slots[name] as Node, state[i] as Float64Array);
  }
  return Array.from(values.get(p) as Float64Array);
}

/** State of one parameter: whatever the loop writes down. */
type State = Record<string, number>;
type Loop = (s: State, p: number, g: number, t: number) => number;

/** The same trajectory, one parameter at a time. */
function expected(loop: Loop): number[] {
  return Array.from(numbers(P, 99), (start, i) => {
    const state: State = {};
    let p = start;
    for (let t = 1; t <= STEPS; t++) p = loop(state, p, gradientAt(t)[i] as number, t);
    return p;
  });
}

const at = (s: State, name: string) => s[name] ?? 0;
function moments(s: State, g: number, b1: number, b2: number): { m: number; v: number } {
  s.m = b1 * at(s, "m") + (1 - b1) * g;
  s.v = b2 * at(s, "v") + (1 - b2) * g * g;
  return { m: s.m, v: s.v };
}

const CASES: [string, Optimizer, Loop][] = [
  ["sgd", sgd(0.1), (_, p, g) => p - 0.1 * g],
  [
    "sgd, weight decay, maximise",
    sgd(0.1, { weightDecay: 0.2, maximize: true }),
    (_, p, g) => p - 0.1 * (-g + 0.2 * p),
  ],
  [
    "momentum with dampening takes the first gradient whole",
    sgd(0.1, { momentum: 0.9, dampening: 0.5 }),
    (s, p, g, t) => {
      s.b = t === 1 ? g : 0.9 * at(s, "b") + 0.5 * g;
      return p - 0.1 * s.b;
    },
  ],
  [
    "nesterov",
    sgd(0.1, { momentum: 0.8, nesterov: true, weightDecay: 0.1 }),
    (s, p, g0) => {
      const g = g0 + 0.1 * p;
      s.b = 0.8 * at(s, "b") + g;
      return p - 0.1 * (g + 0.8 * s.b);
    },
  ],
  [
    "adam",
    adam(0.1, { betas: [0.8, 0.99], eps: 1e-4, weightDecay: 0.1 }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g + 0.1 * p, 0.8, 0.99);
      return p - (0.1 * (m / (1 - 0.8 ** t))) / (Math.sqrt(v / (1 - 0.99 ** t)) + 1e-4);
    },
  ],
  [
    "adam, amsgrad",
    adam(0.1, { amsgrad: true }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g, 0.9, 0.999);
      s.max = Math.max(at(s, "max"), v);
      return p - (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(s.max / (1 - 0.999 ** t)) + 1e-8);
    },
  ],
  [
    "adamW",
    adamW(0.1, { weightDecay: 0.3 }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g, 0.9, 0.999);
      return p * (1 - 0.1 * 0.3) - (0.1 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
    },
  ],
  [
    "adamax",
    adamax(0.05, { weightDecay: 0.1 }),
    (s, p, g0, t) => {
      const g = g0 + 0.1 * p;
      s.m = 0.9 * at(s, "m") + 0.1 * g;
      s.u = Math.max(0.999 * at(s, "u"), Math.abs(g) + 1e-8);
      return p - (0.05 / (1 - 0.9 ** t)) * (s.m / s.u);
    },
  ],
  [
    "nadam",
    nadam(0.05, { momentumDecay: 0.01, weightDecay: 0.05 }),
    (s, p, g0, t) => {
      const g = g0 + 0.05 * p;
      const { m, v } = moments(s, g, 0.9, 0.999);
      const mu = 0.9 * (1 - 0.5 * 0.96 ** (t * 0.01));
      const next = 0.9 * (1 - 0.5 * 0.96 ** ((t + 1) * 0.01));
      s.product = (s.product ?? 1) * mu;
      const denominator = Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8;
      const product = s.product;
      return (
        p -
        ((0.05 * (1 - mu)) / (1 - product)) * (g / denominator) -
        ((0.05 * next) / (1 - product * next)) * (m / denominator)
      );
    },
  ],
  [
    "nadam as PyTorch 1.13 had it",
    nadam(0.05, { squaredMomentum: true }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g, 0.9, 0.999);
      const mu = 0.9 * (1 - 0.5 * 0.96 ** (t * 0.004));
      const next = 0.9 * (1 - 0.5 * 0.96 ** ((t + 1) * 0.004));
      const product = (s.product ?? 1) * mu;
      s.product = product;
      const denominator = Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8;
      return (
        p -
        ((0.05 * (1 - mu)) / (1 - product)) * (g / denominator) -
        ((0.05 * next) / (1 - product * mu * next)) * (m / denominator)
      );
    },
  ],
  [
    "radam, before and after its variance is known",
    radam(0.05, { betas: [0.8, 0.9] }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g, 0.8, 0.9);
      const corrected = m / (1 - 0.8 ** t);
      const longest = 2 / (1 - 0.9) - 1;
      const length = longest - (2 * t * 0.9 ** t) / (1 - 0.9 ** t);
      if (length <= 5) return p - 0.05 * corrected;
      const r = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
      return p - (0.05 * corrected * r * Math.sqrt(1 - 0.9 ** t)) / (Math.sqrt(v) + 1e-8);
    },
  ],
  [
    "nadam and radam with decoupled weight decay shrink the parameter first",
    radam(0.05, { weightDecay: 0.2, decoupledWeightDecay: true }),
    (s, p, g, t) => {
      const { m, v } = moments(s, g, 0.9, 0.999);
      const longest = 2 / (1 - 0.999) - 1;
      const length = longest - (2 * t * 0.999 ** t) / (1 - 0.999 ** t);
      const r = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
      const step = length > 5 ? (r * Math.sqrt(1 - 0.999 ** t)) / (Math.sqrt(v) + 1e-8) : 1;
      return p * (1 - 0.05 * 0.2) - 0.05 * (m / (1 - 0.9 ** t)) * step;
    },
  ],
  [
    "adagrad",
    adagrad(0.1, { lrDecay: 0.1, weightDecay: 0.05, initialAccumulatorValue: 0.1, eps: 1e-7 }),
    (s, p, g0, t) => {
      const g = g0 + 0.05 * p;
      s.sum = (s.sum ?? 0.1) + g * g;
      return p - ((0.1 / (1 + (t - 1) * 0.1)) * g) / (Math.sqrt(s.sum) + 1e-7);
    },
  ],
  [
    "adadelta",
    adadelta(1, { weightDecay: 0.1 }),
    (s, p, g0) => {
      const g = g0 + 0.1 * p;
      s.v = 0.9 * at(s, "v") + 0.1 * g * g;
      const d = (Math.sqrt(at(s, "u") + 1e-6) / Math.sqrt(s.v + 1e-6)) * g;
      s.u = 0.9 * at(s, "u") + 0.1 * d * d;
      return p - d;
    },
  ],
  [
    "rmsprop",
    rmsprop(0.01, { alpha: 0.9, eps: 1e-6 }),
    (s, p, g) => {
      s.v = 0.9 * at(s, "v") + 0.1 * g * g;
      return p - (0.01 * g) / (Math.sqrt(s.v) + 1e-6);
    },
  ],
  [
    "rmsprop, centred, momentum",
    rmsprop(0.005, { momentum: 0.8, centered: true, weightDecay: 0.1 }),
    (s, p, g0) => {
      const g = g0 + 0.1 * p;
      s.v = 0.99 * at(s, "v") + 0.01 * g * g;
      s.mean = 0.99 * at(s, "mean") + 0.01 * g;
      s.b = 0.8 * at(s, "b") + g / (Math.sqrt(s.v - s.mean ** 2) + 1e-8);
      return p - 0.005 * s.b;
    },
  ],
];

test.each(CASES)("%s follows PyTorch's loop", (_, optimizer, loop) => {
  expect(trajectory(optimizer)).toEqual(expected(loop).map((value) => expect.closeTo(value, 10)));
});

describe("scalars", () => {
  test("schedules are asked for the 0-based step, and a factor scales the rate", () => {
    const seen: number[] = [];
    const optimizer = sgd((step) => {
      seen.push(step);
      return 0.5;
    });
    expect(scalarsAt(optimizer, 1)).toEqual({ rate: 0.5 });
    expect(scalarsAt(optimizer, 4, 0.1)).toEqual({ rate: 0.05 });
    expect(seen).toEqual([0, 3]);
  });

  test("nadam's product of momenta does not depend on which steps were asked for before", () => {
    const inOrder = nadam();
    const wanted = Array.from({ length: 20 }, (_, i) => scalarsAt(inOrder, i + 1)).at(-1);
    expect(scalarsAt(nadam(), 20)).toEqual(wanted);
    scalarsAt(inOrder, 3);
    expect(scalarsAt(inOrder, 20)).toEqual(wanted);
  });

  test("a schedule that leaves the numbers is refused at its step", () => {
    expect(
      errorOf(() =>
        scalarsAt(
          adam(() => Number.NaN),
          7,
        ),
      ),
    ).toBe("OptionError: adam: the schedule's learning rate must be finite and not negative: NaN at step 7");
  });
});

describe("options", () => {
  test.each([
    ["adam: learningRate must be a positive number: got NaN", () => adam(Number.NaN)],
    ["sgd: learningRate must be a positive number: got -0.1", () => sgd(-0.1)],
    ["adam: betas must be two numbers in 0 … 1, 1 excluded: got [0.9, 1]", () => adam(0.1, { betas: [0.9, 1] })],
    ["adamW: eps must be a number, 0 or more: got -1", () => adamW(0.1, { eps: -1 })],
    [
      "sgd: nesterov needs momentum above 0 and no dampening: momentum 0, dampening 0",
      () => sgd(0.1, { nesterov: true }),
    ],
    ["rmsprop: centered must be true or false: got 1", () => rmsprop(0.1, { centered: 1 as unknown as boolean })],
    [
      'adadelta: unknown option "momentum". Options: rho, eps, weightDecay, maximize',
      () => adadelta(1, { momentum: 0.9 } as object),
    ],
  ])("%s", (message, call) => {
    expect(errorOf(call)).toBe(`OptionError: ${message}`);
  });

  test("an option left undefined keeps its default", () => {
    expect(adam(0.1, { eps: undefined } as object).options).toEqual(adam(0.1).options);
  });
});
