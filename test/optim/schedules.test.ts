import { describe, expect, test } from "vitest";
import {
  chain,
  constant,
  cosine,
  cyclic,
  exponential,
  join,
  linear,
  multistep,
  oneCycle,
  polynomial,
  type Schedule,
  step,
  warmRestarts,
  warmUp,
} from "../../src/optim/schedules.ts";
import { errorOf } from "../errorOf.ts";

const first = (schedule: Schedule, count: number) => Array.from({ length: count }, (_, t) => schedule(t));

function expectRates(schedule: Schedule, rates: readonly number[]): void {
  rates.forEach((rate, t) => {
    expect(Math.abs(schedule(t) - rate), `step ${t}: ${schedule(t)}, expected ${rate}`).toBeLessThan(
      1e-12 + 1e-10 * rate,
    );
  });
}

// PyTorch's schedulers are defined by recurrences over the steps: here they are as torch/optim/lr_scheduler.py states them,
// so that the closed forms are checked against another derivation.
function recurrence(initial: number, next: (lr: number, t: number) => number, count: number): number[] {
  const rates = [initial];
  for (let t = 1; t < count; t++) rates.push(next(rates[t - 1] as number, t));
  return rates;
}

describe("against PyTorch's recurrences", () => {
  test("StepLR multiplies by gamma at every stepSize-th step", () => {
    const rates = recurrence(0.1, (lr, t) => (t % 7 === 0 ? lr * 0.5 : lr), 40);
    expectRates(step(0.1, { stepSize: 7, gamma: 0.5 }), rates);
  });

  test("MultiStepLR multiplies by gamma once for each milestone, also for one listed twice", () => {
    const milestones = [5, 12, 12, 30];
    const rates = recurrence(0.1, (lr, t) => lr * 0.3 ** milestones.filter((milestone) => milestone === t).length, 40);
    expectRates(multistep(0.1, { milestones, gamma: 0.3 }), rates);
  });

  test("ExponentialLR multiplies by gamma at every step", () => {
    expectRates(
      exponential(0.1, { gamma: 0.93 }),
      recurrence(0.1, (lr) => lr * 0.93, 100),
    );
  });

  test("LinearLR", () => {
    const [start, end, total] = [0.2, 1.5, 10];
    const next = (lr: number, t: number) =>
      t > total ? lr : lr * (1 + (end - start) / (total * start + (t - 1) * (end - start)));
    expectRates(
      linear(0.1, { startFactor: start, endFactor: end, totalIters: total }),
      recurrence(0.1 * start, next, 30),
    );
  });

  test("PolynomialLR", () => {
    const next = (lr: number, t: number) => (t > 20 ? lr : lr * ((1 - t / 20) / (1 - (t - 1) / 20)) ** 2);
    expectRates(polynomial(0.1, { totalIters: 20, power: 2 }), recurrence(0.1, next, 40));
  });

  test("CosineAnnealingLR, past tMax too", () => {
    const [tMax, etaMin] = [20, 0.001];
    const next = (lr: number, t: number) =>
      (t - 1 - tMax) % (2 * tMax) === 0
        ? lr + ((0.1 - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2
        : ((1 + Math.cos((Math.PI * t) / tMax)) / (1 + Math.cos((Math.PI * (t - 1)) / tMax))) * (lr - etaMin) + etaMin;
    expectRates(cosine(0.1, { tMax, etaMin }), recurrence(0.1, next, 90));
  });

  test.each([1, 2, 3])("CosineAnnealingWarmRestarts with tMult %d", (tMult) => {
    let [since, period] = [0, 8];
    const next = () => {
      since += 1;
      if (since >= period) [since, period] = [since - period, period * tMult];
      return 0.001 + ((0.1 - 0.001) * (1 + Math.cos((Math.PI * since) / period))) / 2;
    };
    expectRates(warmRestarts(0.1, { t0: 8, tMult, etaMin: 0.001 }), recurrence(0.1, next, 200));
  });

  test.each([["triangular"], ["triangular2"], ["expRange"]] as const)("CyclicLR, mode %s", (mode) => {
    const [up, down, gamma] = [6, 10, 0.99];
    const rates = Array.from({ length: 80 }, (_, t) => {
      const cycle = Math.floor(1 + t / (up + down));
      const x = 1 + t / (up + down) - cycle;
      const ratio = up / (up + down);
      const scale = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
      const height = { triangular: 1, triangular2: 1 / 2 ** (cycle - 1), expRange: gamma ** t }[mode];
      return 0.01 + (0.1 - 0.01) * scale * height;
    });
    expectRates(cyclic(0.01, { maxLr: 0.1, stepSizeUp: up, stepSizeDown: down, mode, gamma }), rates);
  });
});

describe("oneCycle", () => {
  test("goes from maxLr / 25 up to maxLr at 30 % and down to a 10,000th of the start", () => {
    const rates = first(oneCycle(0.5, { totalSteps: 40 }), 40);
    expect(rates[0]).toBeCloseTo(0.02, 12);
    expect(rates[1]).toBeCloseTo(0.0297216863325, 12); // PyTorch 1.13, OneCycleLR(max_lr=0.5, total_steps=40)
    expect(rates[11]).toBeCloseTo(0.5, 12);
    expect(rates[12]).toBeCloseTo(0.498428058761, 12);
    expect(rates[25]).toBeCloseTo(0.250001, 12);
    expect(rates[39]).toBeCloseTo(2e-6, 12);
    expect(rates.indexOf(Math.max(...rates))).toBe(11);
  });

  test("linear: straight up and straight down", () => {
    const rates = first(oneCycle(1, { totalSteps: 21, pctStart: 1 / 3, anneal: "linear", divFactor: 10 }), 21);
    expectRates((t) => rates[t] as number, [0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1]);
    expect(rates[13]).toBeCloseTo((1 + 1e-5) / 2, 12);
    expect(rates[20]).toBeCloseTo(1e-5, 12);
  });

  test("three phases: up, symmetrically down, then to the last rate", () => {
    const rates = first(oneCycle(1, { totalSteps: 20, pctStart: 0.3, threePhase: true, anneal: "linear" }), 20);
    expectRates((t) => rates[t] as number, [0.04, 0.232, 0.424, 0.616, 0.808, 1, 0.808, 0.616, 0.424, 0.232, 0.04]);
    expect(rates[19]).toBeCloseTo(4e-6, 12);
  });

  test("stays finite at the edges and keeps the last rate past the end", () => {
    for (const pctStart of [0, 0.1, 0.5, 1]) {
      for (const totalSteps of [1, 2, 10]) {
        const schedule = oneCycle(0.5, { totalSteps, pctStart });
        expect(first(schedule, totalSteps + 3).every((rate) => rate > 0 && rate <= 0.5)).toBe(true);
        expect(schedule(totalSteps + 7)).toBe(0.5 / 25 / 1e4);
      }
    }
  });
});

describe("compositions", () => {
  test("constant never changes", () => {
    expect(first(constant(0.3), 3)).toEqual([0.3, 0.3, 0.3]);
  });

  test("join starts each schedule from its own step 0", () => {
    const schedule = join([constant(1), exponential(8, { gamma: 0.5 }), constant(0.1)], [2, 5]);
    expect(first(schedule, 7)).toEqual([1, 1, 8, 4, 2, 0.1, 0.1]);
  });

  test("warmUp climbs in a straight line to the schedule's first rate, then starts it", () => {
    const schedule = warmUp(exponential(8, { gamma: 0.5 }), { steps: 4, startFactor: 0.5 });
    expect(first(schedule, 7)).toEqual([4, 5, 6, 7, 8, 4, 2]);
    expect(first(warmUp(constant(1), { steps: 2 }), 4)).toEqual([0, 0.5, 1, 1]);
  });

  test("chain multiplies", () => {
    const schedule = chain(
      constant(2),
      (t) => t + 1,
      (t) => 0.5 ** t,
    );
    expect(first(schedule, 3)).toEqual([2, 2, 1.5]);
  });

  test("polynomial of power 0 is constant", () => {
    expect(first(polynomial(0.1, { totalIters: 2, power: 0 }), 4)).toEqual([0.1, 0.1, 0.1, 0.1]);
  });
});

test.each([
  ["constant: lr must be finite and not negative: NaN", () => constant(Number.NaN)],
  ["constant: lr must be finite and not negative: -0.1", () => constant(-0.1)],
  ["step: stepSize must be a whole number from 1 on: 0", () => step(0.1, { stepSize: 0 })],
  ["step: stepSize must be a whole number from 1 on: 2.5", () => step(0.1, { stepSize: 2.5 })],
  ["multistep: milestone must be a whole number from 0 on: -1", () => multistep(0.1, { milestones: [3, -1] })],
  [
    "exponential: gamma must be finite and not negative: Infinity",
    () => exponential(0.1, { gamma: Number.POSITIVE_INFINITY }),
  ],
  ["linear: totalIters must be a whole number from 1 on: 0", () => linear(0.1, { totalIters: 0 })],
  ["polynomial: power must be finite and not negative: -1", () => polynomial(0.1, { power: -1 })],
  ["cosine: tMax must be a whole number from 1 on: NaN", () => cosine(0.1, { tMax: Number.NaN })],
  ["warmRestarts: tMult must be a whole number from 1 on: 1.5", () => warmRestarts(0.1, { t0: 5, tMult: 1.5 })],
  ["oneCycle: pctStart must lie in 0 … 1: 1.1", () => oneCycle(0.1, { totalSteps: 10, pctStart: 1.1 })],
  [
    "oneCycle: pctStart must lie in 0 … 0.5: 0.6",
    () => oneCycle(0.1, { totalSteps: 10, threePhase: true, pctStart: 0.6 }),
  ],
  ["oneCycle: divFactor must be a positive number: 0", () => oneCycle(0.1, { totalSteps: 10, divFactor: 0 })],
  [
    'oneCycle: anneal must be "cos" or "linear": "cosine"',
    () => oneCycle(0.1, { totalSteps: 10, anneal: "cosine" as "cos" }),
  ],
  [
    'cyclic: mode must be "triangular", "triangular2" or "expRange": "exp_range"',
    () => cyclic(0.1, { maxLr: 1, mode: "exp_range" as "expRange" }),
  ],
  ["warmUp: steps must be a whole number from 1 on: 0", () => warmUp(constant(1), { steps: 0 })],
  [
    "join: there must be one boundary between each two schedules: 1 schedules, 1 boundaries",
    () => join([constant(1)], [3]),
  ],
  ["join: boundaries must rise: 3, 3", () => join([constant(1), constant(2), constant(3)], [3, 3])],
])("refuses: %s", (text, call) => {
  expect(errorOf(call)).toBe(`OptionError: ${text}`);
});
