// The problems: where their points lie and what they are. Each is drawn anew from a seed, with the shapes that a well-known course of
// neural networks gives them, and brought to −1 … 1.
import { type Points, pointsOf, type Range, type Task } from "./points.ts";
import { type Random, random } from "./random.ts";

/** One point in the problem's own coordinates; undefined for one to be drawn again. */
type Draw = (
  random: Random,
  i: number,
  of: { readonly count: number; readonly noise: number },
) => readonly [x: number, y: number, label: number] | undefined;

interface Problem {
  readonly task: Task;
  readonly classes: number;
  /** What −1 and 1 stand for. */
  readonly extent: readonly [x: Range, y: Range];
  /** Draws one point; noise of 1 is about as wide as the picture. */
  readonly draw: Draw;
}

const UNIT: Problem["extent"] = [
  [-1, 1],
  [-1, 1],
];

const classes = (count: number, draw: Draw, extent: Problem["extent"] = UNIT): Problem => ({
  ...{ task: "classes", classes: count, extent },
  draw,
});

/** A surface over −1 … 1; its values are blurred by the noise, not its places. */
const surface = (height: (x: number, y: number) => number): Problem => ({
  ...{ task: "values", classes: 0, extent: UNIT },
  draw: (random, _, { noise }) => {
    const [x, y] = [random.uniform(-1, 1), random.uniform(-1, 1)];
    return [x, y, height(x, y) + random.normal(noise / 2)];
  },
});

const hill = (x: number, y: number, width: number) => Math.exp(-(x * x + y * y) / (2 * width * width));

/** All problems by the name that links give them. */
export const problems = {
  /** The four corners of a square, opposite ones alike; noise makes a cloud of each. */
  xor: classes(
    2,
    (random, i, { noise }) => {
      const [a, b] = [i & 1, (i >> 1) & 1];
      const near = (corner: number) => corner + random.uniform(-noise, noise);
      return [near(a), near(b), a ^ b];
    },
    [
      [-0.5, 1.5],
      [-0.5, 1.5],
    ],
  ),
  /** Two arcs, one above the other. */
  arcs: classes(
    2,
    (random, i, { noise }) => {
      const label = i & 1;
      const x = random.uniform(0, 3.14);
      return [x, Math.sin(x) + 0.65 * label + random.uniform(-noise, noise) * 1.25, label];
    },
    [
      [-0.2, 3.34],
      [-0.6, 2.3],
    ],
  ),
  /** A coin with a square hole: hole, metal, and what lies around. */
  coin: classes(
    3,
    (random, _, { noise }) => {
      const [x, y] = [random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)];
      const label = Math.max(Math.abs(x), Math.abs(y)) < 0.2 ? 0 : Math.hypot(x, y) < 0.45 ? 1 : 2;
      return [x + random.normal(noise / 4), y + random.normal(noise / 4), label];
    },
    [
      [-0.5, 0.5],
      [-0.5, 0.5],
    ],
  ),
  /** Three realms that straight lines part: what lies in the gaps between the lines belongs to none. */
  kingdoms: classes(
    3,
    (random, _, { noise }) => {
      const [x, y] = [random.uniform(0, 10), random.uniform(0, 10)];
      const [first, second, third] = [2.5 * x - 10, 0.3 * x + 5, -x + 10].map((line) => y > line);
      const label =
        first && second && third ? 0 : first && !second && !third ? 1 : !first && !second && third ? 2 : undefined;
      if (label === undefined) return undefined;
      return [x + random.normal(noise * 3), y + random.normal(noise * 3), label];
    },
    [
      [0, 10],
      [0, 10],
    ],
  ),
  /** A disc inside a ring. */
  circles: classes(2, (random, i, { noise }) => {
    const label = i & 1;
    const [radius, angle] = [
      label ? random.uniform(0.65, 0.95) : 0.45 * Math.sqrt(random.uniform()),
      random.uniform(0, 2 * Math.PI),
    ];
    return [
      radius * Math.cos(angle) + random.normal(noise / 2),
      radius * Math.sin(angle) + random.normal(noise / 2),
      label,
    ];
  }),
  /** Two arms of a turn and a bit. */
  spirals: classes(2, (random, i, { count, noise }) => {
    const label = i & 1;
    const along = (i >> 1) / Math.max(1, count / 2 - 1);
    const [radius, angle] = [0.08 + 0.87 * along, 1.15 * 2 * Math.PI * along + label * Math.PI];
    return [
      radius * Math.sin(angle) + random.normal(noise / 4),
      radius * Math.cos(angle) + random.normal(noise / 4),
      label,
    ];
  }),
  /** Four clouds. */
  blobs: classes(4, (random, i, { noise }) => {
    const [x, y] = [
      [-0.55, -0.5],
      [0.5, -0.6],
      [0.6, 0.5],
      [-0.45, 0.55],
    ][i % 4] as [number, number];
    const width = 0.06 + noise / 2;
    return [x + random.normal(width), y + random.normal(width), i % 4];
  }),
  /** One point in twenty is of the small class, which lies inside the large one's cloud. */
  rare: classes(2, (random, i, { noise }) => {
    const isRare = i % 20 === 0;
    const width = isRare ? 0.1 + noise / 4 : 0.4;
    return isRare
      ? [0.4 + random.normal(width), 0.35 + random.normal(width), 1]
      : [random.normal(width), random.normal(width), 0];
  }),
  plane: surface((x, y) => (x + y) / 2),
  saddle: surface((x, y) => x * y),
  hills: surface((x, y) => hill(x - 0.45, y - 0.35, 0.25) - hill(x + 0.45, y + 0.4, 0.3)),
  ripple: surface((x, y) => Math.cos(6 * Math.hypot(x, y))),
} as const satisfies Record<string, Problem>;

/** A problem that is drawn. Own points are the other kind. */
export type ProblemName = keyof typeof problems;

export const isProblem = (name: string): name is ProblemName => Object.hasOwn(problems, name);

/** Draws `count` points. `part` keeps those to learn from and those to test with apart. */
export function drawPoints(
  name: ProblemName,
  { count, noise, seed }: { readonly count: number; readonly noise: number; readonly seed: number },
  part: "train" | "test" = "train",
): Points {
  const problem: Problem = problems[name];
  const from = random(seed, part === "train" ? 0 : 1);
  const [ofX, ofY] = problem.extent;
  const rows: (readonly [number, number, number])[] = [];
  while (rows.length < count) {
    const drawn = problem.draw(from, rows.length, { count, noise });
    if (drawn) rows.push([toUnit(drawn[0], ofX), toUnit(drawn[1], ofY), drawn[2]]);
  }
  return pointsOf(problem.task, rows, problem);
}

const toUnit = (value: number, [low, high]: Range) => (2 * (value - low)) / (high - low) - 1;
