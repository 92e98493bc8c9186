// The surfaces as functions of the engine, and the paths that its optimisers take down them. Runs in the worker.
import {
  add,
  type Compiled,
  compile,
  constant,
  type Device,
  equal,
  iota,
  mean,
  mul,
  type Node,
  optim,
  reshape,
  square,
  sub,
  sum,
  tanh,
  valueAndGrad,
  where,
} from "gpugrad";
import type { Path, PathsOrder } from "./messages.ts";
import { OPTIMIZERS, type OptimizerName, SIDE, STEPS, type SurfaceName, surfaces } from "./surfaces.ts";

/** A surface: heights [n] over places x [n] and y [n]. */
type Height = (x: Node, y: Node) => Node;

/** Six examples that the two models learn from. */
const AT = [-1, -0.6, -0.2, 0.2, 0.6, 1];
/** The mean squared error over examples, of a model of two parameters. */
const over =
  (inputs: readonly number[], asked: readonly number[], model: (x: Node, y: Node, inputs: Node) => Node): Height =>
  (x, y) => {
    const column = (values: Node) => reshape(values, [-1, 1]);
    const row = (values: readonly number[]) => constant(values, [1, values.length]);
    return mean(square(sub(model(column(x), column(y), row(inputs)), row(asked))), 1);
  };

export const heights: Readonly<Record<SurfaceName, Height>> = {
  /** x²/10 + 2y² */
  valley: (x, y) => add(mul(square(x), 0.1), mul(square(y), 2)),
  /** x·t + y through points of the line 2t + 3, t in 0 … 1 */
  line: over(
    AT.map((t) => (t + 1) / 2),
    AT.map((t) => t + 4),
    (w, b, t) => add(mul(w, t), b),
  ),
  /** (1 − x)² + 10·(y − x²)²: Rosenbrock's, a little wider */
  banana: (x, y) => add(square(sub(1, x)), mul(square(sub(y, square(x))), 10)),
  /** (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)² */
  beale: (x, y) => {
    const part = (at: number, power: Node) => square(add(sub(at, x), mul(x, power)));
    const y2 = square(y);
    return add(add(part(1.5, y), part(2.25, y2)), part(2.625, mul(y2, y)));
  },
  /** Himmelblau's: (x² + y − 11)² + (x + y² − 7)², a tenth of it */
  hollows: (x, y) => mul(add(square(sub(add(square(x), y), 11)), square(sub(add(x, square(y)), 7))), 0.1),
  /** y·tanh(x·t) that ought to be 1.5·tanh(2t) */
  net: over(
    AT,
    AT.map((t) => 1.5 * Math.tanh(2 * t)),
    (w, v, t) => mul(v, tanh(mul(w, t))),
  ),
};

type Optimizer = ReturnType<typeof optim.sgd>;

/** The engine's own optimiser of a name. */
export const optimizerOf = (name: OptimizerName, rate: number): Optimizer => optimizers[name](rate);

const optimizers: Readonly<Record<OptimizerName, (rate: number) => Optimizer>> = {
  sgd: (rate) => optim.sgd(rate),
  momentum: (rate) => optim.sgd(rate, { momentum: 0.9 }),
  nesterov: (rate) => optim.sgd(rate, { momentum: 0.9, nesterov: true }),
  adagrad: (rate) => optim.adagrad(rate),
  rmsprop: (rate) => optim.rmsprop(rate),
  adam: (rate) => optim.adam(rate),
};

/** Where an optimiser is, and where it has been: places and heights of all steps. */
interface Trace<Of> {
  /** Each axis on its own: [1], with the optimiser's state for it. */
  readonly x: Of;
  readonly y: Of;
  readonly slots: Readonly<Record<"x" | "y", Readonly<Record<string, Of>>>>;
  /** [steps + 1] each; what is not reached yet is 0. */
  readonly past: Readonly<Record<"x" | "y" | "height", Of>>;
}

/** Paths on one surface, compiled once for all rates and starts. */
export interface Landscape {
  /** [SIDE · SIDE] heights, row by row from the lowest y. */
  picture(): Promise<Float32Array>;
  paths(order: Omit<PathsOrder, "surface">): Promise<Path[]>;
  release(): void;
}

export async function openLandscape(device: Device, name: SurfaceName): Promise<Landscape> {
  const height = heights[name];
  const places = SIDE * SIDE;
  const [picture, ...steps] = await Promise.all([
    compile(device, height, [[places], [places]]),
    ...OPTIMIZERS.map((optimizer) => compileStep(device, height, optimizerOf(optimizer, 0.1))),
  ]);
  return {
    async picture() {
      const { x, y } = surfaces[name];
      const along = ([low, high]: readonly [number, number], i: number) => low + ((high - low) * i) / (SIDE - 1);
      const all = <T>(of: (i: number) => T) => Array.from({ length: places }, (_, i) => of(i));
      const heights = picture.run(
        all((i) => along(x, i % SIDE)),
        all((i) => along(y, Math.floor(i / SIDE))),
      );
      return Float32Array.from(await heights.read());
    },
    paths: ({ start, rates, steps: count }) =>
      Promise.all(
        OPTIMIZERS.map((optimizer, i) =>
          walk(steps[i] as Compiled<Trace<Node>>, optimizerOf(optimizer, rates[i] as number), { start, steps: count }),
        ),
      ),
    release() {
      for (const one of [picture, ...steps]) one.release();
    },
  };
}

/** One step of an optimiser: it writes down where it is, then goes on. */
function compileStep(
  device: Device,
  height: Height,
  { slots, scalars, update }: Optimizer,
): Promise<Compiled<Trace<Node>>> {
  const one = [1];
  const slotSpecs = Object.fromEntries(slots.map((slot) => [slot, one]));
  const record = [STEPS + 1];
  const trace = {
    ...{ x: one, y: one },
    slots: { x: slotSpecs, y: slotSpecs },
    past: { x: record, y: record, height: record },
  };
  const scalarSpecs = Object.fromEntries(Object.keys(scalars(1, 0.1)).map((scalar) => [scalar, []]));
  const step = (
    { x, y, slots, past }: Trace<Node>,
    now: Node,
    scalars: Readonly<Record<string, Node>>,
  ): Trace<Node> => {
    const { value, grads } = valueAndGrad((at: { x: Node; y: Node }) => sum(height(at.x, at.y)))({ x, y });
    const isNow = equal(iota(STEPS + 1, "f32"), now);
    const nextX = update({ p: x, g: grads.x, slots: slots.x, scalars });
    const nextY = update({ p: y, g: grads.y, slots: slots.y, scalars });
    return {
      ...{ x: nextX.p, y: nextY.p },
      slots: { x: nextX.slots, y: nextY.slots },
      past: {
        x: where(isNow, x, past.x),
        y: where(isNow, y, past.y),
        height: where(isNow, value, past.height),
      },
    };
  };
  return compile(device, step, [trace, [], scalarSpecs]);
}

/** Takes all steps in a row; nothing is read before the last. */
async function walk(
  step: Compiled<Trace<Node>>,
  optimizer: Optimizer,
  { start: [x, y], steps }: Pick<PathsOrder, "start" | "steps">,
): Promise<Path> {
  const begin = () => Object.fromEntries(optimizer.slots.map((slot) => [slot, [optimizer.initial?.[slot] ?? 0]]));
  const empty = () => new Float32Array(STEPS + 1);
  let trace: unknown = {
    ...{ x: [x], y: [y] },
    slots: { x: begin(), y: begin() },
    past: { x: empty(), y: empty(), height: empty() },
  };
  const { learningRate } = optimizer;
  let last: ReturnType<typeof step.run> | undefined;
  for (let i = 0; i <= steps; i++) {
    last = step.run(trace, i, optimizer.scalars(i + 1, learningRate as number));
    trace = last;
  }
  const { past } = last as NonNullable<typeof last>;
  const [xs, ys, height] = await Promise.all([past.x.read(), past.y.read(), past.height.read()]);
  const taken = (values: ArrayLike<number>) => Float32Array.from(values).slice(0, steps + 1);
  return { x: taken(xs), y: taken(ys), height: taken(height) };
}
