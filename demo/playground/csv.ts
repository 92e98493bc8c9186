// A table of points as text: two numbers and a class or value in each line.
import { dsvFormat } from "d3-dsv";
import { MOST_CLASSES, MOST_POINTS, type Points, pointsOf, type Range, rounded, rowsOf, type Task } from "./points.ts";
import { text } from "./text.ts";

/** Points from a table, and what there is to say of them. */
export interface Read {
  readonly points: Points;
  readonly sentence: string;
}

/** The most characters that are looked at. */
export const MOST_CHARACTERS = 2_000_000;

/**
 * Reads points from comma, semicolon or tab separated text, with a line of titles or without. A third column of other things than numbers, or of
 * few whole numbers, holds classes; any other holds values. Lines are counted as an editor counts them.
 * @throws Error with a sentence that says where the mistake is
 */
export function readCsv(given: string): Read {
  const said = text.csv;
  if (given.length > MOST_CHARACTERS) throw new Error(said.large(given.length));
  const trimmed = given.replaceAll("−", "-").trim();
  const above = breaksIn(given.slice(0, given.length - given.trimStart().length));
  if ((trimmed.match(/"/g)?.length ?? 0) % 2 === 1) throw new Error(said.quotes(above + lineOfLastQuote(trimmed)));
  let next = 1 + above;
  const rows = dsvFormat(delimiterOf(trimmed))
    .parseRows(trimmed)
    .map((cells) => {
      const line = next;
      next += 1 + breaksIn(cells.join(""));
      return { line, cells: cells.map((cell) => cell.trim()) };
    })
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const first = rows[0]?.cells ?? [];
  const hasTitles = first.length >= 2 && first.slice(0, 2).every((cell) => cell !== "" && !isNumber(cell));
  const lines = hasTitles ? rows.slice(1) : rows;
  if (lines.length === 0) throw new Error(said.empty);
  for (const { line, cells } of lines) {
    if (cells.length !== 3) throw new Error(said.columns(line, cells.length));
    for (const cell of cells.slice(0, 2)) if (!isNumber(cell)) throw new Error(said.number(line, shown(cell)));
    if (cells[2] === "") throw new Error(said.noLabel(line));
  }
  const body = lines.map(({ cells }) => cells);
  const labels = body.map((row) => row[2] as string);
  const wrong = labels.some(isFraction) ? (label: string) => !isNumber(label) : isNoNumber;
  const at = labels.findIndex(wrong);
  if (at >= 0) throw new Error(said.number(lines[at]?.line as number, shown(labels[at] as string)));
  const kinds = [...new Set(labels)];
  const areNumbers = kinds.every(isNumber);
  const task: Task =
    areNumbers && (kinds.length > MOST_CLASSES || kinds.some((kind) => !Number.isInteger(Number(kind))))
      ? "values"
      : "classes";
  if (task === "classes" && kinds.length === 1) throw new Error(said.oneClass(body.length, shown(kinds[0] as string)));
  if (task === "classes" && kinds.length > MOST_CLASSES) throw new Error(said.manyClasses(kinds.length, MOST_CLASSES));
  if (areNumbers) kinds.sort((a, b) => Number(a) - Number(b));

  const kept = body.length <= MOST_POINTS ? body : spread(body, MOST_POINTS);
  const extent = [0, 1].map((i) => rangeOf(kept.map((row) => Number(row[i])))) as [Range, Range];
  const heights = rangeOf(task === "values" ? kept.map((row) => Number(row[2])) : [0, 1]);
  const toUnit = (value: number, [low, high]: Range) => (2 * (value - low)) / (high - low) - 1;
  const points = pointsOf(
    task,
    kept.map(([x, y, label]) => [
      0.9 * toUnit(Number(x), extent[0]),
      0.9 * toUnit(Number(y), extent[1]),
      task === "values" ? toUnit(Number(label), heights) : kinds.indexOf(label as string),
    ]),
    { classes: kinds.length, extent: extent.map(([low, high]) => wider(low, high)) as [Range, Range] },
  );
  const what = task === "values" ? said.values : said.classes(kinds.map(shown));
  const dropped = body.length > kept.length ? ` ${said.thinned(body.length)}` : "";
  return { points: rounded(points), sentence: `${said.read(kept.length, what)}${dropped}` };
}

/** The points as a table, classes numbered from 1. */
export function writeCsv(points: Points): string {
  const [ofX, ofY] = points.extent;
  const at = (value: number, [low, high]: Range) => Number((((value + 1) / 2) * (high - low) + low).toPrecision(5));
  const lines = rowsOf(points).map(([x, y, label]) =>
    [at(x, ofX), at(y, ofY), points.task === "classes" ? label + 1 : Number(label.toPrecision(4))].join(","),
  );
  return [`x,y,${points.task === "classes" ? "class" : "value"}`, ...lines].join("\n");
}

const isNumber = (cell: string) =>
  /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(cell) && Number.isFinite(Math.fround(Number(cell)));

/** Where one label is a fraction, all are values. */
const isFraction = (label: string) => isNumber(label) && !Number.isInteger(Number(label));
/** What programs write where a number is missing: no class is meant. */
const isNoNumber = (label: string) => /^[-+]?(nan|inf|infinity)$/i.test(label);

/** What the first line is parted by. */
function delimiterOf(given: string): string {
  const line = given.slice(0, given.search(/[\r\n]|$/));
  return ["\t", ";", ",", " "].find((delimiter) => line.includes(delimiter)) ?? ",";
}

const breaksIn = (given: string) => given.match(/\r\n|\r|\n/g)?.length ?? 0;
const lineOfLastQuote = (given: string) => 1 + breaksIn(given.slice(0, given.lastIndexOf('"')));

const shown = (cell: string) => (cell.length > 24 ? `${cell.slice(0, 24)}…` : cell);

function rangeOf(values: readonly number[]): Range {
  const [low, high] = values.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** The range that lies a tenth inside what it returns. */
function wider(low: number, high: number): Range {
  const rim = (high - low) / 18;
  return [low - rim, high + rim];
}

const spread = <Row>(rows: readonly Row[], count: number): Row[] =>
  Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] as Row);
