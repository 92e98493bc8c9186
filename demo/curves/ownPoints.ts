// The user's own points: as lines of text, and as a few letters of a link.
import type { Points } from "./shapes.ts";
import { text } from "./text.ts";

export const MOST_POINTS = 400;
const MOST_CHARACTERS = 100_000;

/** The points as a link would bring them back: x in 0 … 1, y in −1 … 1, 12 bits each. */
export function rounded({ x, y }: Points): Points {
  return { x: x.map((value) => level(value) / LEVELS), y: y.map((value) => (2 * level((value + 1) / 2)) / LEVELS - 1) };
}

const LEVELS = 4095;
const level = (share: number) => Math.round(Math.min(1, Math.max(0, share)) * LEVELS);
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Four letters for each point. */
export function writePoints({ x, y }: Points): string {
  const two = (of: number) => `${DIGITS[of >> 6]}${DIGITS[of & 63]}`;
  return x.map((value, i) => two(level(value)) + two(level(((y[i] as number) + 1) / 2))).join("");
}

/** Undefined for what no link of ours says. */
export function readPoints(letters: string): Points | undefined {
  if (letters.length % 4 !== 0 || letters.length > 4 * MOST_POINTS || !/^[\w-]*$/.test(letters)) return undefined;
  const number = (at: number) => 64 * DIGITS.indexOf(letters[at] as string) + DIGITS.indexOf(letters[at + 1] as string);
  const count = letters.length / 4;
  return {
    x: Array.from({ length: count }, (_, i) => number(4 * i) / LEVELS),
    y: Array.from({ length: count }, (_, i) => (2 * number(4 * i + 2)) / LEVELS - 1),
  };
}

/** A line for each point: x, y. */
export const writeLines = ({ x, y }: Points): string =>
  x.map((value, i) => `${Number(value.toFixed(3))}, ${Number((y[i] as number).toFixed(3))}`).join("\n");

/**
 * Points from lines of two numbers; a first line of words is a heading. What lies outside of 0 … 1 and −1 … 1 is brought there by
 * stretching all.
 * @throws Error that says in a sentence which line is wrong
 */
export function readLines(given: string): { points: Points; isStretched: boolean } {
  const said = text.own;
  if (given.length > MOST_CHARACTERS) throw new Error(said.large(given.length, MOST_CHARACTERS));
  const [x, y]: [number[], number[]] = [[], []];
  for (const [i, line] of given.replaceAll("−", "-").split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const cells = line
      .trim()
      .split(/\s*[,;\t]\s*|\s+/)
      .filter((cell) => cell !== "");
    if (i === 0 && cells.length === 2 && cells.every((cell) => /^[a-z]/i.test(cell) && !/^(nan|inf)/i.test(cell)))
      continue;
    if (cells.length !== 2) throw new Error(said.columns(i + 1, cells.length));
    const numbers = cells.map((cell) =>
      /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) ? Number(cell) : Number.NaN,
    );
    const wrong = numbers.findIndex((value) => !(Math.abs(value) < 1e15));
    if (wrong >= 0) throw new Error(said.number(i + 1, short(cells[wrong] as string)));
    if (x.length === MOST_POINTS) throw new Error(said.many(MOST_POINTS));
    x.push(numbers[0] as number);
    y.push(numbers[1] as number);
  }
  if (x.length === 0) throw new Error(said.none);
  const isStretched = x.some((value) => value < 0 || value > 1) || y.some((value) => Math.abs(value) > 1);
  const points = isStretched ? { x: into(x, 0.02, 0.98), y: into(y, -0.9, 0.9) } : { x, y };
  return { points: rounded(points), isStretched };
}

/** Brings numbers into a range; all the same ones to its middle. */
function into(values: readonly number[], low: number, high: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) =>
    most > least ? low + ((high - low) * (value - least)) / (most - least) : (low + high) / 2,
  );
}

const short = (given: string) => (given.length > 40 ? `${given.slice(0, 40)}…` : given);
