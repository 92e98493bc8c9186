// Cases of optimiser trajectories, of PyTorch's defaults and of gradient clipping. PyTorch names options in snake_case.
import type { Answer } from "../../src/cli/judge.ts";
import { sizeOf } from "../../src/core/shape.ts";
import type { Node, Values } from "../../src/graph/node.ts";
import { add, mul, sub } from "../../src/ops/arithmetic.ts";
import { reshape, sum } from "../../src/ops/broadcast.ts";
import { concat, split } from "../../src/ops/join.ts";
import { sliceAxis } from "../../src/ops/layout.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { square } from "../../src/ops/unary.ts";
import { adam, adamax, adamW } from "../../src/optim/adam.ts";
import { nadam, radam } from "../../src/optim/adamSchedules.ts";
import { adadelta, adagrad, rmsprop } from "../../src/optim/adaptive.ts";
import { clipByGlobalNorm, clipByValue, globalNorm } from "../../src/optim/clip.ts";
import type { LearningRate, Optimizer } from "../../src/optim/optimizer.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Call, GraphOf, Whole } from "./call.ts";
import { descend, type Step } from "./descent.ts";
import { streamOf } from "./numpy.ts";

type Factory = (learningRate?: LearningRate, options?: Record<string, unknown>) => Optimizer;

export const OPTIMIZERS: Readonly<Record<string, Factory>> = {
  sgd,
  momentum: sgd,
  nesterov: sgd,
  adam: adam as Factory,
  adamw: adamW as Factory,
  rmsprop,
  adagrad,
  adadelta,
  adamax: adamax as Factory,
  nadam: nadam as Factory,
  radam: radam as Factory,
};

const OPTIONS = [
  "betas",
  "eps",
  "weight_decay",
  "amsgrad",
  "momentum",
  "dampening",
  "nesterov",
  "maximize",
  "alpha",
  "centered",
  "lr_decay",
  "initial_accumulator_value",
  "rho",
  "momentum_decay",
];
const camelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function optimizerOf(name: string, attrs: Readonly<Record<string, unknown>>): Optimizer {
  const given = OPTIONS.filter((option) => attrs[option] !== undefined);
  const options = Object.fromEntries(given.map((option) => [camelCase(option), attrs[option]]));
  if (name === "nadam") options.squaredMomentum = true; // the cases were made with PyTorch 1.13
  return (OPTIMIZERS[name] as Factory)(attrs.lr as number, options);
}

const element = (x: Node, i: number): Node => reshape(sliceAxis(x, 0, i, 1), []);

function problem(call: Call): Step {
  switch (call.text("problem")) {
    case "quadratic": {
      const [A, b] = [call.named("A"), call.named("b")];
      return { loss: ([x]) => sub(mul(sum(mul(x as Node, matmul(A, x as Node))), 0.5), sum(mul(b, x as Node))) };
    }
    case "rosenbrock":
      return {
        loss: ([x]) => {
          const [x0, x1] = [element(x as Node, 0), element(x as Node, 1)];
          return mul(add(square(sub(1, x0)), mul(square(sub(x1, square(x0))), 100)), 0.01);
        },
      };
    case "given_gradients":
      return givenGradients(call);
    default:
      throw new Error(`unknown problem ${call.text("problem")}`);
  }
}

/** The gradients that a case gives, step by step. */
function givenGradients(call: Call): Step {
  const names = Object.keys(call.test.inputs).filter((name) => /^g\d+$/.test(name));
  const shapes = names.map((name) => call.named(name).shape.slice(1));
  const recorded = names.map((name) => call.values(name));
  const given = call.isTorch ? drawnAgain(call, recorded) : recorded;
  const at = (step: number): Values[] =>
    shapes.map((shape, i) => (given[i] as Values).slice(step * sizeOf(shape), (step + 1) * sizeOf(shape)));
  return { at };
}

/**
 * gen_torch.py hands its gradient arrays to PyTorch, whose zero_grad clears them in place before they are written to the case: only the last
 * step's survive, while the answers come from the real ones. They are drawn again here, from the generator's own stream, and used only if
 * the parameters and the last step, which are recorded rightly, come out of it too.
 */
function drawnAgain(call: Call, recorded: readonly Values[]): readonly Values[] {
  const steps = call.attr("steps", 0);
  const isCleared = recorded.every((g) => g.subarray(0, (g.length / steps) * (steps - 1)).every((x) => x === 0));
  if (!isCleared) return recorded;
  const normal = streamOf("optgiven_gradients", call.test.id);
  const parameters = recorded.map((_, i) => call.values(`p${i}`).map(() => Math.fround(normal())));
  const drawn = recorded.map((g) => new Float64Array(g.length));
  for (let step = 0; step < steps; step++) {
    const scale = step === steps - 1 ? 2 : 0.2 + step * (1.8 / (steps - 1));
    for (const g of drawn) {
      const size = g.length / steps;
      for (let k = 0; k < size; k++) {
        const value = Math.fround(normal() * scale);
        g[step * size + k] = step === 7 ? 0 : value;
      }
    }
  }
  const agree = (a: Values, b: Values) => a.every((x, k) => Math.abs(x - (b[k] as number)) <= 1e-6 * Math.abs(x));
  const isSame = drawn.every((g, i) => {
    const last = g.length - g.length / steps;
    return (
      agree(g.slice(last), (recorded[i] as Values).slice(last)) && agree(parameters[i] as Values, call.values(`p${i}`))
    );
  });
  if (!isSame) throw new Error("the recorded gradients are zero, and the generator's stream gives other parameters");
  return drawn;
}

function trajectory(name: string): Whole {
  return async (call) => {
    const names = Object.keys(call.test.inputs).filter((input) => /^p\d+$/.test(input));
    const start = names.map((input) => ({ shape: call.named(input).shape, values: call.values(input) }));
    const steps = call.attr("steps", 0);
    const run = await descend(optimizerOf(name, call.test.attrs), start, steps, problem(call), call.leaves);
    const outputs = Object.fromEntries(
      names.map((input, i): [string, Answer] => [
        `${input}_after_step`,
        {
          shape: [steps, ...(start[i]?.shape ?? [])],
          data: run.parameters.flatMap((after) => Array.from(after[i] as Values)),
        },
      ]),
    );
    return { outputs: { ...outputs, losses: { shape: [steps], data: run.losses } } };
  };
}

/** The table has nothing to compute: every option that PyTorch and we both have must have the same default. */
const defaults: Whole = async (call) => {
  for (const [name, table] of Object.entries(call.test.attrs as Record<string, Record<string, unknown>>)) {
    const factory = OPTIMIZERS[name];
    if (!factory) continue;
    const own = factory();
    for (const option of OPTIONS.filter((candidate) => table[candidate] !== undefined)) {
      const ours = own.options[camelCase(option)];
      if (JSON.stringify(ours) !== JSON.stringify(table[option])) {
        throw new Error(`${name}: ${option} defaults to ${ours}, in PyTorch to ${table[option]}`);
      }
    }
    if (factory !== OPTIMIZERS.sgd && own.learningRate !== table.lr) {
      throw new Error(`${name}: lr defaults to ${own.learningRate}, in PyTorch to ${table.lr}`);
    }
  }
  return { outputs: {} };
};

export const optimizers: Readonly<Record<string, Whole>> = {
  ...Object.fromEntries(Object.keys(OPTIMIZERS).map((name) => [`optimizer_${name}`, trajectory(name)])),
  optimizer_defaults: defaults,
};

export const clipping: Readonly<Record<string, GraphOf>> = {
  clip_grad_value: (call) => clipByValue(call.x, call.attr("clipValue", 1)),
  clip_grad_norm: (call) => {
    const gradients = call.inputs;
    const flat = concat(gradients.map((g) => reshape(g, [-1])));
    const p = Number(call.attr<number | string>("normType", 2));
    const clipped = split(
      clipByGlobalNorm(flat, call.attr("maxNorm", 1), p),
      gradients.map((g) => sizeOf(g.shape)),
    );
    const shaped = gradients.map((g, i): [string, Node] => [`g${i}`, reshape(clipped[i] as Node, g.shape)]);
    return { total_norm: globalNorm(flat, p), ...Object.fromEntries(shaped) };
  },
};
