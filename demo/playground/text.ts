// Every word of this page.
import { count } from "../ui/format.ts";
import type { PresetName } from "./presets.ts";
import type { Activation, InitializerName, LossName, OptimizerName, ScheduleName, Settings } from "./settings.ts";

const losses: Readonly<Record<LossName, string>> = {
  crossEntropy: "Cross-entropy",
  hinge: "Hinge",
  squared: "Squared",
  absolute: "Absolute",
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
  exponential: "Exponential",
  cosine: "Cosine",
  warmUp: "Warm-up, cosine",
};

const initializers: Readonly<Record<InitializerName, string>> = {
  xavierUniform: "Xavier",
  xavierNormal: "Xavier normal",
  heUniform: "He",
  heNormal: "He normal",
  lecunNormal: "LeCun normal",
  tiny: "Tiny (σ 0.001)",
  large: "Large (σ 3)",
  same: "All 0.5",
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
      `The link is ${count(length)} characters long, more than the ${count(most)} that are read: everything is as usual instead.`,
    wrong: (key: string, value: string, takes: string, used: string) =>
      `${key} is “${value}” there, but must be ${takes}: ${used} is used.`,
    unknown: (key: string) => `“${key}” is no setting and is left out.`,
    repeated: (key: string) => `${key} is there more than once: the last one is used.`,
    points: "Its points cannot be read and are left out.",
    loss: (given: string, used: string) => `The loss “${given}” does not fit this problem: “${used}” is used.`,
    batchNorm: "Batch norm needs more than one point in a batch: it is switched off.",
    more: (rest: number) => `And ${count(rest)} more of this kind.`,
  },

  csv: {
    large: (length: number) => `The table is too large: ${count(length)} characters. Two million are the most.`,
    unreadable: "That could not be read as a file.",
    empty: "There are no points in it. Write a line for each: x, y, class or value.",
    quotes: (line: number) => `Line ${count(line)}: a quotation mark is not closed.`,
    columns: (line: number, columns: number) =>
      `Line ${count(line)} has ${columns === 1 ? "one column" : `${count(columns)} columns`}: three are needed, x, y, and the class or value.`,
    number: (line: number, cell: string) => `Line ${count(line)}: “${cell}” is not a number.`,
    noLabel: (line: number) => `Line ${count(line)}: the class or value is missing.`,
    oneClass: (points: number, name: string) =>
      `All ${count(points)} points are of class “${name}”: there is nothing to tell apart. Add points of another class.`,
    manyClasses: (classes: number, most: number) => `There are ${count(classes)} classes: ${most} are the most.`,
    classes: (names: readonly string[]) => `${names.length} classes (${names.map((name) => `“${name}”`).join(", ")})`,
    values: "values",
    read: (points: number, what: string) => `${count(points)} points with ${what} were read.`,
    thinned: (points: number) => `They are spread evenly over the ${count(points)} of the table.`,
  },

  run: {
    run: "Run",
    pause: "Pause",
    step: "One step",
    reset: "Start over",
    link: "Copy link",
    linkDone: "The link is on the clipboard: it brings back this run, at this step.",
    linkFailed: "The link is in the address bar: copy it from there.",
    pace: "Pace",
    paceOf: (steps: number) => (steps === 0 ? "as fast as it can" : `${count(steps)} steps/s`),
    preset: "Example",
    custom: "Your own settings",
    customLine: "Not one of the examples: whatever you set below.",
    opening: "Compiling the network …",
    running: "Training.",
    catchingUp: (steps: number) => `Taking the ${count(steps)} steps of the link …`,
    paused: (step: number) => `Paused at step ${count(step)}.`,
    recovering: (reason: string) => `The GPU was lost (${reason}): training goes on as soon as it is back.`,
    failedTitle: "Training stopped",
    failedTries: (reason: string) => [
      ...(/not finite/.test(reason) ? ["Choose a smaller rate, or another initialiser."] : []),
      "Start over: everything else stays as you set it.",
    ],
    again: "Start over",
    weights: "Download the weights",
    noPoints: "There is nothing to learn yet: add points of two classes on the map, or paste a table.",
    weightsFile: "playground.safetensors",
  },

  stage: {
    title: "What the network makes of the plane",
    map: (what: string) => `Map of the plane: ${what}. Points can be written as a table under “Your own points”.`,
    points: (points: number) => `${count(points)} points`,
    tool: "Pointer",
    tools: { view: "Look", add: "Add", move: "Move", erase: "Erase" },
    class: "Class to add",
    value: "Value to add",
    held: "Show test points",
    scale: ["below 0", "0", "above 0"],
  },

  stats: {
    step: "Steps",
    loss: "Training loss",
    testLoss: "Test loss",
    score: "Right",
    testScore: "Right in test",
    frames: "Frames/s",
    speed: "Steps/s",
    fit: "R²",
    testFit: "R² in test",
  },
  chart: {
    title: "Loss over steps",
    train: "training",
    test: "test",
    waiting: "The loss is drawn here as soon as the network trains.",
  },

  settings: {
    data: "Points",
    network: "Network",
    training: "Training",
    problem: "Problem",
    families: { classes: "Classification", values: "Regression", own: "Own" },
    count: "How many",
    noise: "Noise",
    seed: "Seed",
    newSeed: "New seed",
    seedWrong: (most: number) => `The seed must be a whole number in 0 … ${count(most)}.`,
    layers: "Hidden layers",
    layer: (at: number) => `Layer ${at}`,
    units: (units: number) => (units === 1 ? "1 unit" : `${units} units`),
    fewer: (at: number) => `One unit fewer in layer ${at}`,
    more: (at: number) => `One unit more in layer ${at}`,
    remove: (at: number) => `Remove layer ${at}`,
    add: "Add a layer",
    none: "No hidden layer: only straight borders.",
    activation: "Activation",
    initializer: "First weights",
    batchNorm: "Batch norm",
    dropout: "Dropout",
    loss: "Loss",
    optimizer: "Optimiser",
    rate: "Rate",
    schedule: "Schedule",
    horizon: "Ends at step",
    batch: "Batch",
    all: "all",
    l1: "L1",
    l2: "L2",
    off: "off",
    hints: {
      noise: "How far points stray from where they belong; for surfaces, how far their values do.",
      seed: "Draws points, first weights, the order of points and dropout. The same seed gives the same run.",
      l1: "λ · Σ|w| is added to the loss: small weights become 0.",
      l2: "λ · Σw² is added to the loss: no weight grows large.",
      dropout: "So many units are left out at random in each training step.",
      batchNorm: "Brings each unit's numbers to mean 0 and variance 1 over the batch, before the activation.",
    },
  },

  own: {
    title: "Your own points",
    note: "Draw on the map with “Add”, or paste a table: a line for each point, x, y, and its class or value.",
    label: "Points as a table",
    placeholder: "x,y,class\n0.5,0.2,red\n-0.3,0.8,blue",
    use: "Use these points",
    show: "From the map",
    clear: "Empty the map",
    drop: "… or drop a CSV file here.",
    cleared: "The map is empty.",
    full: (most: number) => `A map holds ${count(most)} points at most.`,
    shown: (points: number) => `${count(points)} points are in the table now.`,
  },

  units: {
    title: "Hidden units",
    note: "What each unit gives for every place of the plane. A hatched one gives the same everywhere: it is dead.",
    layer: (at: number, units: number, dead: number) =>
      `Layer ${at} · ${units === 1 ? "1 unit" : `${units} units`}${dead > 0 ? ` · ${dead} dead` : ""}`,
    picture: (units: number) => `Maps of ${units} hidden units`,
    none: "This network has no hidden units.",
  },

  space: {
    title: "Hidden space",
    note: "The same points as a hidden layer sees them: two of its units as the axes, with the plane's grid as they bend it.",
    layer: "Layer",
    across: "Across",
    up: "Up",
    unit: (at: number) => `Unit ${at}`,
    picture: "Points in the space of a hidden layer, before its activation, after it, and at the output",
    before: (at: number) => `Z${sub(at)}: before activation`,
    after: (at: number) => `A${sub(at)}: after it`,
    last: {
      two: (at: number) => `Z${sub(at)} and A${sub(at)}: output, and its probability`,
      many: "Output: probabilities of classes 1 and 2",
      values: "Output: value asked for, and given",
    },
  },

  histograms: {
    title: "Weights and gradients",
    note: "How the numbers of each layer are spread, with the length of all of them together. Gradients that shrink from layer to layer reach the first ones no more.",
    weights: "Weights",
    gradients: "Gradients",
    layer: (at: number) => `Layer ${at}`,
    last: "Output",
    one: (what: string, layer: string, reach: string, norm: string) =>
      `${what} of ${layer}: between −${reach} and ${reach}, length ${norm}`,
    caption: (reach: string, norm: string) => `± ${reach} · length ${norm}`,
  },

  download: "The weights could not be fetched: they are gone with the worker.",
} as const;

/** 12 as it hangs below the line. */
function sub(at: number): string {
  return [...`${at}`].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
}
