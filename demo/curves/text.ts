// Every word of this page.
import { count, number } from "../ui/format.ts";
import type { Activation } from "./settings.ts";
import type { CurveName } from "./shapes.ts";
import type { OptimizerName, SurfaceName } from "./surfaces.ts";

const curves: Readonly<Record<CurveName, string>> = {
  sine: "Sine",
  complex: "Complex curve",
  step: "Step",
  bumps: "Three bumps",
  runge: "Runge’s function",
  chirp: "Faster and faster",
  own: "Your own points",
};

const activations: Readonly<Record<Activation, string>> = {
  tanh: "tanh",
  sigmoid: "Sigmoid",
  relu: "ReLU",
  elu: "ELU",
  softplus: "Softplus",
  sin: "Sine",
};

const optimizers: Readonly<Record<OptimizerName, string>> = {
  sgd: "SGD",
  momentum: "Momentum",
  nesterov: "Nesterov",
  adagrad: "AdaGrad",
  rmsprop: "RMSProp",
  adam: "Adam",
};

/** A name, one line of explanation, and what the axes are. */
const surfaces: Readonly<Record<SurfaceName, readonly [name: string, line: string, axes: readonly [string, string]]>> =
  {
    banana: [
      "Banana valley",
      "Rosenbrock’s valley is easy to find and hard to follow: its floor is curved and nearly flat. The lowest place is (1, 1).",
      ["x", "y"],
    ],
    valley: [
      "Narrow valley",
      "Twenty times steeper across than along: one rate is too large across and too small along, unless each axis gets its own.",
      ["x", "y"],
    ],
    line: [
      "A line’s slope and height",
      "The squared error of a straight line through six points of 2t + 3: a tilted bowl, as in every linear regression.",
      ["slope", "height"],
    ],
    beale: [
      "Beale’s function",
      "Steep walls around a long flat floor: what is fast at the start has to slow down in time. The lowest place is (3, 0.5).",
      ["x", "y"],
    ],
    hollows: [
      "Four hollows",
      "Himmelblau’s function has four lowest places, all equally deep: which one is found hangs on the start and on the rule.",
      ["x", "y"],
    ],
    net: [
      "Two weights of a network",
      "The squared error of v·tanh(w·t): both signs may be turned, so there are two solutions, and a saddle between them at 0.",
      ["w", "v"],
    ],
  };

export const text = {
  curves,
  activations,
  optimizers,
  surfaces,

  link: {
    title: "This link asked for something that cannot be",
    long: (length: number, most: number) =>
      `The link is ${count(length)} characters long, more than the ${count(most)} that are read: everything is as usual instead.`,
    wrong: (key: string, value: string, takes: string, used: string) =>
      `${key} is “${value}” there, but must be ${takes}: ${used || "the usual"} is used.`,
    unknown: (key: string) => `“${key}” is no setting and is left out.`,
    repeated: (key: string) => `${key} is there more than once: the last one is used.`,
    points: "Its points cannot be read and are left out.",
    more: (rest: number) => `And ${count(rest)} more of this kind.`,
  },

  fit: {
    title: "Fit a curve",
    plot: (curve: string, points: number, net: string, polynomial: string) =>
      `${curve}: ${count(points)} points, the network’s curve (R² ${net}), and a polynomial’s (R² ${polynomial}). Points can be written as lines under “Your own points”.`,
    tool: "Pointer",
    tools: { look: "Look", add: "Add points", erase: "Erase" },
    hidden: "Show what each unit adds",
    keys: { points: "points", truth: "the curve itself", network: "network", polynomial: "polynomial" },
    run: "Run",
    pause: "Pause",
    reset: "Start over",
    link: "Copy link",
    linkDone: "The link is on the clipboard: it brings back this page as it is set.",
    linkFailed: "The link is in the address bar: copy it from there.",
    pace: "Pace",
    paceOf: (steps: number) => (steps === 0 ? "as fast as it can" : `${count(steps)} steps/s`),
    opening: "Compiling the network …",
    running: "Training.",
    paused: (step: number) => `Paused at step ${count(step)}.`,
    recovering: (reason: string) => `The GPU was lost (${reason}): training goes on as soon as it is back.`,
    failedTitle: "Training stopped",
    failedTries: ["Choose a smaller rate, or another optimiser.", "Start over: everything else stays as you set it."],
    again: "Start over",
    noPoints: "There is nothing to fit yet: choose “Add points” and press into the plot, or write some as lines.",
    thinned: (points: number) => `The CPU trains on ${count(points)} of the points.`,
    figures: { step: "Steps", speed: "Steps/s", network: "Network, R²", polynomial: "Polynomial, R²" },
    chart: {
      title: "Mean squared error on the points, over steps",
      network: "network",
      polynomial: "polynomial",
      waiting: "The error is drawn here as soon as the network trains.",
    },
    table: {
      caption: "Network and polynomial side by side",
      columns: ["Curve", "Numbers to learn", "Error on the points", "R² on the points", "R² on the curve"],
      network: "Network",
      polynomial: (degree: number) => `Polynomial of degree ${degree}`,
    },
  },

  settings: {
    points: "Points",
    curve: "Curve",
    count: "How many",
    noise: "Noise",
    seed: "Seed",
    newSeed: "New seed",
    seedWrong: (most: number) => `The seed must be a whole number in 0 … ${count(most)}.`,
    network: "Network",
    units: "Hidden units",
    activation: "Activation",
    optimizer: "Optimiser",
    rate: "Rate",
    batch: "Batch",
    all: "all",
    polynomial: "Polynomial",
    degree: "Degree",
    hints: {
      seed: "Draws points, first weights and the order of points. The same seed gives the same run.",
      units: "Each hidden unit is one bend of the activation; the network adds them up, each with a weight.",
      degree: "Solved at once by least squares. A high degree follows every point and swings between them.",
      batch: "So many points go into one step.",
    },
  },

  own: {
    title: "Your own points",
    note: "Press into the plot with “Add points”, or write a line for each: x, y. Other numbers than 0 … 1 and −1 … 1 are stretched to fit.",
    label: "Points as lines",
    placeholder: "0.1, 0.5\n0.4, −0.2\n0.9, 0.8",
    use: "Use these points",
    show: "From the plot",
    clear: "Empty the plot",
    used: (points: number, isStretched: boolean) =>
      `${count(points)} points are used${isStretched ? ", stretched to fit the plot" : ""}.`,
    shown: (points: number) => `${count(points)} points are in the field now.`,
    cleared: "The plot is empty.",
    full: (most: number) => `The plot holds ${count(most)} points at most.`,
    none: "There are no points in it. Write a line for each: x, y.",
    large: (length: number, most: number) =>
      `That is too much: ${count(length)} characters. ${count(most)} are the most.`,
    columns: (line: number, columns: number) =>
      `Line ${count(line)} has ${columns === 1 ? "one number" : `${count(columns)} numbers`}: two are needed, x and y.`,
    number: (line: number, cell: string) => `Line ${count(line)}: “${cell}” is not a number.`,
    many: (most: number) => `There are more than ${count(most)} points: that is the most.`,
  },

  paths: {
    title: "Six optimisers on one slope",
    note: "All start at the same place and take the same steps; only their rules differ. Press or drag in a picture to move the start.",
    surface: "Surface",
    start: (axis: string) => `Start, ${axis}`,
    rate: "Rate",
    step: "Step",
    stepOf: (step: number) => count(step),
    play: "Play",
    pause: "Pause",
    usual: "Usual start and rates",
    waiting: "Compiling six optimisers …",
    walking: "Walking down …",
    ready: (best: string, height: string) => `After the last step ${best} is lowest: ${height}.`,
    allLost: "All six flew off: choose smaller rates, or another start.",
    failed: (reason: string) => `The paths could not be computed: ${reason}`,
    again: "Try again",
    height: (height: number) => (height <= 1e-8 ? "≈ 0" : number(height, 2)),
    lost: "flew off",
    panel: (name: string, surface: string, height: string) =>
      `The path of ${name} on “${surface}”, now at height ${height}`,
    chart: { title: "Height at each step", waiting: "The heights are drawn here once the paths are there." },
  },
} as const;
