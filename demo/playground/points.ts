// Points of the plane with their classes or values, and how own ones are written in a link.

/** What is asked of the network: which class a point has, or which value. */
export type Task = "classes" | "values";

/** A range of numbers, least first. */
export type Range = readonly [low: number, high: number];

/** Points as the network sees them: both coordinates within about −1 … 1. */
export interface Points {
  readonly task: Task;
  /** How many classes; 0 where `y` are values. */
  readonly classes: number;
  readonly count: number;
  /** [count, 2], point by point. */
  readonly x: Float32Array;
  /** [count]: class indices from 0 on, or values within about −1 … 1. */
  readonly y: Float32Array;
  /** What −1 and 1 stand for along each axis. */
  readonly extent: readonly [x: Range, y: Range];
}

/** The most classes, own points, and what a link writes a coordinate with. */
export const MOST_CLASSES = 6;
export const MOST_POINTS = 1000;
const LEVELS = 4095;
const PLAIN: Points["extent"] = [
  [-1, 1],
  [-1, 1],
];

/** Points from rows of [x, y, class or value]. */
export function pointsOf(
  task: Task,
  rows: readonly (readonly [x: number, y: number, label: number])[],
  { classes, extent = PLAIN }: { readonly classes?: number; readonly extent?: Points["extent"] } = {},
): Points {
  const labels = rows.map(([, , label]) => label);
  const places = new Float32Array(2 * rows.length);
  rows.forEach(([x, y], i) => {
    places.set([x, y], 2 * i);
  });
  return {
    task,
    classes: task === "values" ? 0 : (classes ?? Math.max(2, ...labels.map((label) => label + 1))),
    count: rows.length,
    x: places,
    y: Float32Array.from(labels),
    extent,
  };
}

/** The rows that `pointsOf` takes. */
export const rowsOf = ({ x, y, count }: Points): [x: number, y: number, label: number][] =>
  Array.from({ length: count }, (_, i) => [x[2 * i] as number, x[2 * i + 1] as number, y[i] as number]);

/** How many different classes there are points of. */
export const classesIn = ({ y }: Pick<Points, "y">): number => new Set(y).size;

const level = (value: number) => Math.round((Math.min(1, Math.max(-1, value)) / 2 + 0.5) * LEVELS);
const valueAt = (of: number) => (of / LEVELS) * 2 - 1;

/** The points as a link would bring them back: a run with own points is the same wherever its link is opened. */
export function rounded(points: Points): Points {
  const isClass = points.task === "classes";
  return pointsOf(
    points.task,
    rowsOf(points).map(([x, y, label]) => [
      valueAt(level(x)),
      valueAt(level(y)),
      isClass ? label : valueAt(level(label)),
    ]),
    { classes: points.classes, extent: points.extent },
  );
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const twoDigits = (of: number) => `${DIGITS[of >> 6]}${DIGITS[of & 63]}`;

/** Own points in a few letters each: "c" or "v", how many classes, the extents, then 12 bits for each coordinate. */
export function writePoints(points: Points): string {
  const extents = points.extent.flat().map((value) => Number(value.toPrecision(6)));
  const isPlain = extents.join() === PLAIN.flat().join();
  const letters = rowsOf(points).map(
    ([x, y, label]) =>
      twoDigits(level(x)) +
      twoDigits(level(y)) +
      (points.task === "classes" ? (DIGITS[label] as string) : twoDigits(level(label))),
  );
  const kind = points.task === "classes" ? `c${points.classes}` : "v";
  return [kind, isPlain ? "" : extents.join("!"), letters.join("")].join("~");
}

/** What `writePoints` wrote; undefined for anything else. */
export function readPoints(text: string): Points | undefined {
  const found = /^(?:c([2-6])|(v))~([-\d.e+!]*)~([\w-]*)$/.exec(text);
  if (!found) return undefined;
  const [, count, isValues, bounds = "", letters = ""] = found;
  const size = isValues ? 6 : 5;
  if (letters.length % size !== 0 || letters.length > MOST_POINTS * size) return undefined;
  const extent = bounds === "" ? PLAIN : extentOf(bounds.split("!").map(Number));
  if (!extent) return undefined;
  const rows = Array.from({ length: letters.length / size }, (_, i) => {
    const digit = (at: number) => DIGITS.indexOf(letters[i * size + at] as string);
    const pair = (at: number) => valueAt(digit(at) * 64 + digit(at + 1));
    return [pair(0), pair(2), isValues ? pair(4) : digit(4)] as const;
  });
  const classes = Number(count ?? 0);
  if (!isValues && rows.some(([, , label]) => label >= classes)) return undefined;
  return isValues ? pointsOf("values", rows, { extent }) : pointsOf("classes", rows, { classes, extent });
}

function extentOf(bounds: readonly number[]): Points["extent"] | undefined {
  const [a, b, c, d] = bounds as [number, number, number, number];
  if (bounds.length !== 4 || !bounds.every(Number.isFinite) || !(a < b && c < d)) return undefined;
  return [
    [a, b],
    [c, d],
  ];
}
