// Every word of this page.
import type { PresetName } from "./presets.ts";
import type { Activation, InitializerName, LossName, OptimizerName, ScheduleName, Settings } from "./settings.ts";

const losses: Readonly<Record<LossName, string>> = {
  crossEntropy: "Cross-entropy",
  hinge: "Hinge",
  squared: "Squared error",
  absolute: "Absolute error",
  huber: "Huber",
};

const problems: Readonly<Record<Settings["problem"], string>> = {
  xor: "XOR",
  arcs: "Double arc",
  coin: "Copper coin",
  kingdoms: "Three kingdoms",
  circles: "Circles",
  spirals: "Spirals",
  blobs: "Four clouds",
  rare: "Imbalanced classes",
  plane: "Plane",
  saddle: "Saddle",
  hills: "Hill and valley",
  ripple: "Ripple",
  own: "Your own points",
};

const activations: Readonly<Record<Activation, string>> = {
  tanh: "tanh",
  relu: "ReLU",
  leakyRelu: "Leaky ReLU",
  elu: "ELU",
  gelu: "GELU",
  silu: "SiLU",
  softplus: "Softplus",
  sigmoid: "Sigmoid",
  none: "None (linear)",
};

const optimizers: Readonly<Record<OptimizerName, string>> = {
  sgd: "SGD",
  momentum: "Momentum",
  nesterov: "Nesterov",
  adagrad: "AdaGrad",
  rmsprop: "RMSProp",
  adam: "Adam",
};

const schedules: Readonly<Record<ScheduleName, string>> = {
  constant: "Constant",
  step: "Halved in steps",
  exponential: "Exponential decay",
  cosine: "Cosine",
  warmUp: "Warm-up, then cosine",
};

const initializers: Readonly<Record<InitializerName, string>> = {
  xavierUniform: "Xavier, uniform",
  xavierNormal: "Xavier, normal",
  heUniform: "He, uniform",
  heNormal: "He, normal",
  lecunNormal: "LeCun, normal",
  tiny: "Tiny (σ 0.001)",
  large: "Large (σ 3)",
  same: "All the same (0.5)",
  zeros: "Zeros",
};

/** A name and one line of explanation. */
const presets: Readonly<Record<PresetName, readonly [name: string, line: string]>> = {
  start: ["Circles", "Two layers of eight bend the plane until a ring and its inside come apart."],
  line: [
    "XOR without hidden layers",
    "A single straight line cannot part XOR: the loss stays where it began, near ln 2.",
  ],
  fold: [
    "XOR with two units",
    "Two hidden units fold the plane, and in their space one line is enough: watch the hidden space.",
  ],
  arcs: ["Double arc", "Three units make three lines; together they follow the gap between the arcs."],
  coin: ["Copper coin", "A square hole in a round coin: three classes, their border built from eight lines."],
  kingdoms: ["Three kingdoms", "Softmax without a hidden layer: three straight borders that meet in one point."],
  spirals: [
    "Spirals",
    "The hard one: two arms wound into each other take two wide layers of ReLUs, which learn it in a moment.",
  ],
  dead: [
    "Dead ReLU",
    "Too large a step threw units to where ReLU gives 0 for every point: they have no gradient, so they never come back.",
  ],
  vanishing: [
    "Vanishing gradient",
    "Six sigmoid layers: each multiplies the gradient by at most ¼, so hardly any of it reaches the first.",
  ],
  flowing: [
    "… and its cure",
    "The same net with tanh: gradients reach the first layer about as large as the last, and it learns.",
  ],
  zeros: [
    "Zero initialisation",
    "With all weights 0 no hidden unit gives anything and none gets a gradient: only the last bias learns.",
  ],
  same: [
    "All weights the same",
    "Units that begin alike get the same gradient and stay alike: eight of them are worth no more than one.",
  ],
  over: [
    "Over-fitting",
    "288 weights learn 20 noisy points by heart: the training loss falls to 0 while the test loss climbs.",
  ],
  l2: [
    "… and L2 against it",
    "A price on large weights keeps the border smooth: training loss ends higher, test loss lower.",
  ],
  fast: ["Rate too large", "Each step overshoots: the loss jumps up and down and the borders with it."],
  slow: ["Rate too small", "Nothing is wrong but the speed: the loss falls by a hair's breadth in a thousand steps."],
  rare: [
    "Imbalanced classes",
    "95 % are right from the first moment by never naming the small class: accuracy alone says little.",
  ],
  hills: [
    "Hill and valley",
    "Regression: two layers of tanh units are added up to a surface with one hill and one valley.",
  ],
  ripple: ["Ripple", "Regression: rings of hills and valleys take two wide layers."],
};

export const text = {
  losses,
  problems,
  activations,
  optimizers,
  schedules,
  initializers,
  presets,

  link: {
    title: "This link asked for something that cannot be",
    long: (length: number, most: number) =>
      `The link is ${length} characters long, more than the ${most} that are read: everything is as usual instead.`,
    wrong: (key: string, value: string, takes: string, used: string) =>
      `${key} is “${value}” there, but must be ${takes}: ${used} is used.`,
    unknown: (key: string) => `“${key}” is no setting and is left out.`,
    points: "Its points cannot be read and are left out.",
    loss: (given: string, used: string) => `${given} does not fit this problem: ${used.toLowerCase()} is used.`,
    batchNorm: "Batch norm needs more than one point in a batch: it is switched off.",
    more: (count: number) => `And ${count} more of this kind.`,
  },

  csv: {
    large: (length: number) => `The table is too large: ${length} characters. Two million are the most.`,
    empty: "There are no points in it. Write a line for each: x, y, class or value.",
    quotes: (line: number) => `Line ${line}: a quotation mark is not closed.`,
    columns: (line: number, count: number) =>
      `Line ${line} has ${count === 1 ? "one column" : `${count} columns`}: three are needed, x, y, and the class or value.`,
    number: (line: number, cell: string) => `Line ${line}: “${cell}” is not a number.`,
    noLabel: (line: number) => `Line ${line}: the class or value is missing.`,
    oneClass: (count: number, name: string) =>
      `All ${count} points are of class “${name}”: there is nothing to tell apart. Add points of another class.`,
    manyClasses: (count: number, most: number) => `There are ${count} classes: ${most} are the most.`,
    classes: (names: readonly string[]) => `${names.length} classes (${names.map((name) => `“${name}”`).join(", ")})`,
    values: "values",
    read: (count: number, what: string) => `${count} points with ${what} were read.`,
    thinned: (count: number) => `They are spread evenly over the ${count} of the table.`,
  },
} as const;
