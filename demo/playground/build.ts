// Settings and points as what the engine takes: model, loss, optimiser, data set.
import {
  add,
  cast,
  type Dataset,
  dataset,
  div,
  equal,
  greater,
  loss as losses,
  mean,
  metrics,
  type Node,
  nn,
  optim,
  sigmoid,
  softmax,
  square,
  sub,
} from "gpugrad";
import type { Points } from "./points.ts";
import type { Activation, InitializerName, Settings } from "./settings.ts";

type Layer = ReturnType<typeof nn.linear>;
type Loss = ReturnType<typeof losses.mse>;
type Initializer = ReturnType<typeof nn.init.zeros>;

const activations: Readonly<Record<Activation, (() => Layer) | undefined>> = {
  tanh: nn.tanh,
  relu: nn.relu,
  leakyRelu: () => nn.leakyRelu(0.1),
  elu: nn.elu,
  softplus: nn.softplus,
  sigmoid: nn.sigmoid,
  none: undefined,
};

const initializers: Readonly<Record<InitializerName, () => Initializer>> = {
  xavierUniform: nn.init.xavierUniform,
  xavierNormal: nn.init.xavierNormal,
  heUniform: nn.init.heUniform,
  heNormal: nn.init.heNormal,
  lecunNormal: nn.init.lecunNormal,
  tiny: () => nn.init.normal(0, 0.001),
  large: () => nn.init.normal(0, 3),
  same: () => nn.init.constant(0.5),
  zeros: nn.init.zeros,
};

/** Layers by name: `dense1`, `norm1`, `act1`, `drop1`, … `out`, and for squared error on classes `squash`. */
export function modelOf(settings: Settings, { task, classes }: Points): Layer {
  const { layers, batchNorm, dropout } = settings;
  const weight = initializers[settings.initializer]();
  const activation = activations[settings.activation];
  const made: Record<string, Layer> = {};
  for (const [i, units] of layers.entries()) {
    const at = i + 1;
    made[`dense${at}`] = nn.linear(units, { weight });
    if (batchNorm) made[`norm${at}`] = nn.batchNorm();
    if (activation) made[`act${at}`] = activation();
    if (dropout > 0) made[`drop${at}`] = nn.dropout(dropout);
  }
  made["out"] = nn.linear(task === "classes" && classes > 2 ? classes : 1, { weight });
  if (task === "classes" && settings.loss === "squared") made["squash"] = classes > 2 ? nn.softmax() : nn.sigmoid();
  return nn.serial(made);
}

/** The names of a hidden layer's last number before its activation, and of what comes out of it. */
export function namesOf(settings: Settings, layer: number): { before: string; after: string } {
  const before = settings.batchNorm ? `norm${layer}` : `dense${layer}`;
  return { before, after: settings.activation === "none" ? before : `act${layer}` };
}

export function lossOf({ loss }: Settings, { task, classes }: Points): Loss {
  if (loss === "hinge") return losses.hinge();
  if (loss === "absolute") return losses.mae();
  if (loss === "huber") return losses.huber();
  if (loss === "squared" || task === "values") return losses.mse();
  return classes > 2 ? losses.softmaxCrossEntropy() : losses.sigmoidCrossEntropy();
}

/** Points with the labels that the loss takes: class indices, 0 and 1, −1 and 1, rows with a single 1, or values. */
export function setOf({ loss }: Settings, { task, classes, x, y }: Points): Dataset {
  const shape = { shape: [2] };
  if (task === "values") return dataset(x, y, shape);
  if (loss === "hinge")
    return dataset(
      x,
      y.map((label) => 2 * label - 1),
      shape,
    );
  if (classes === 2) return dataset(x, y, shape);
  if (loss !== "squared") return dataset(x, Int32Array.from(y), { ...shape, classes });
  const rows = new Float32Array(y.length * classes);
  y.forEach((label, i) => {
    rows[i * classes + label] = 1;
  });
  return dataset(x, rows, { ...shape, labelShape: [classes] });
}

/** What the map shows: probabilities of the classes, of the second of two, or the value itself. */
export function shownOf({ loss }: Settings, { task, classes }: Points, y: Node): Node {
  if (task === "values" || loss === "squared") return y;
  return classes > 2 ? softmax(y) : sigmoid(y);
}

/** The share of right answers, or for values R² = 1 − mean squared error / variance. */
export function scoreOf({ loss }: Settings, { task, classes }: Points, y: Node, target: Node): Node {
  if (task === "values") {
    const off = sub(target, mean(target));
    const error = sub(y, target);
    return sub(1, div(mean(square(error)), add(mean(square(off)), 1e-12)));
  }
  if (classes > 2) return mean(metrics.accuracy().perSample(y, target));
  const half = loss === "squared" ? 0.5 : 0;
  const isSecond = greater(target, loss === "hinge" ? 0 : 0.5);
  return mean(cast(equal(greater(y, half), isSecond), "f32"));
}

export function optimizerOf(settings: Settings): ReturnType<typeof optim.sgd> {
  const rate = scheduleOf(settings);
  switch (settings.optimizer) {
    case "sgd":
      return optim.sgd(rate);
    case "momentum":
      return optim.sgd(rate, { momentum: 0.9 });
    case "nesterov":
      return optim.sgd(rate, { momentum: 0.9, nesterov: true });
    case "adagrad":
      return optim.adagrad(rate);
    case "rmsprop":
      return optim.rmsprop(rate);
    case "adam":
      return optim.adam(rate);
  }
}

/** The rate at each step; all reach their end at `horizon` and stay there. */
export function scheduleOf({ schedule, rate, horizon }: Settings): number | ((step: number) => number) {
  const ending = (of: (step: number) => number) => (step: number) => of(Math.min(step, horizon));
  switch (schedule) {
    case "constant":
      return rate;
    case "step": // halves five times
      return ending(optim.schedule.step(rate, { stepSize: Math.max(1, Math.round(horizon / 5)), gamma: 0.5 }));
    case "exponential": // down to a hundredth
      return ending(optim.schedule.exponential(rate, { gamma: 0.01 ** (1 / horizon) }));
    case "cosine":
      return ending(optim.schedule.cosine(rate, { tMax: horizon }));
    case "warmUp": // a tenth of the way up, then down
      return ending(
        optim.schedule.warmUp(optim.schedule.cosine(rate, { tMax: horizon }), {
          steps: Math.max(1, Math.round(horizon / 10)),
          startFactor: 0.01,
        }),
      );
  }
}

/** λ₁·Σ|w| + λ₂·Σw² over all weights; biases go free. */
export function penaltyOf({ l1, l2 }: Settings): ((parameters: ParameterTree) => Node) | undefined {
  if (l1 === 0 && l2 === 0) return undefined;
  return (parameters) => {
    const weights = Object.entries(parameters).flatMap(([name, layer]) =>
      /^(dense|out)/.test(name) ? [(layer as Record<string, Node>)["weight"] as Node] : [],
    );
    const parts = [
      ...(l1 > 0 ? [losses.l1Penalty(weights, l1)] : []),
      ...(l2 > 0 ? [losses.l2Penalty(weights, l2)] : []),
    ];
    return parts.reduce((sum, part) => add(sum, part));
  };
}

type ParameterTree = Parameters<NonNullable<Parameters<typeof import("gpugrad").createTrainer>[2]["penalty"]>>[0];

/** Points in a batch. Batch norm needs two even in an epoch's last one. */
export function batchOf({ batch, batchNorm }: Settings, count: number): number {
  let size = Math.min(batch, count);
  while (batchNorm && size < count && count % size === 1) size++;
  return size;
}
