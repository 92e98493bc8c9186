// `npm run bench -- --report FILE`: what was measured as one page, a plot and a table for each suite, and where the time of each program goes.
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { placeOf, type TracedProgram } from "../trace.ts";
import { type Bar, barsOf } from "./bars.ts";
import { escaped, page, table } from "./html.ts";
import { leadOf } from "./ratio.ts";
import type { Row } from "./row.ts";
import { COLUMNS, type Figure, figuresOf, short, times } from "./table.ts";

export interface Report {
  readonly adapter: string;
  /** Further lines about the machine: its ceiling. */
  readonly notes: readonly string[];
  readonly suites: readonly string[];
  readonly rows: readonly Row[];
  readonly traced: readonly TracedProgram[];
}

/** What is plotted of a suite: the first of these that its rows have. */
const PLOTTED: readonly Figure[] = [
  "stepsPerSecond",
  "gflops",
  "gigabytesPerSecond",
  "hostMicroseconds",
  "boundBytes",
  "milliseconds",
];

/** The page as text. */
export function reportPage({ adapter, notes, suites, rows, traced }: Report): string {
  const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  const lines = [adapter, machine, ...notes, new Date().toISOString().slice(0, 16).replace("T", " ")];
  const head = `<h1>gpugrad: what was measured</h1>\n<p>${lines.map(escaped).join("<br>\n")}</p>`;
  const parts = suites.map((suite) =>
    suiteOf(
      suite,
      rows.filter((row) => row.suite === suite),
    ),
  );
  const profiles = traced.filter((program) => program.times.length > 1).map(programOf); // one dispatch is in the tables above
  const where = profiles.length > 0 ? ["<h2>where the time goes</h2>", ...profiles] : [];
  return page("gpugrad benchmark", [head, ...parts, ...where].join("\n"));
}

function suiteOf(suite: string, rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const figures = figuresOf(rows);
  const hasPeers = rows.some(({ system }) => system !== "gpugrad");
  const plotted = PLOTTED.find((name) => figures.includes(name));
  const systems = [...new Set(rows.map(({ system }) => system))];
  const bars = rows.flatMap((row): Bar[] => {
    const value = plotted && row[plotted];
    if (!plotted || value === undefined) return [];
    const name = hasPeers ? row.system : row.case;
    return [{ group: row.case, name, value, text: COLUMNS[plotted][1](value), hue: systems.indexOf(row.system) }];
  });
  const cells = rows.map((row) => {
    if (row.note !== undefined) return [row.case, row.system, row.note];
    const own = figures.map((name) => (row[name] === undefined ? "" : COLUMNS[name][1](row[name])));
    return [row.case, ...(hasPeers ? [row.system, ...leadOf(row, rows).map(times)] : []), ...own];
  });
  const titles = [
    "case",
    ...(hasPeers ? ["system", "ahead", "per CPU-s"] : []),
    ...figures.map((name) => COLUMNS[name][0]),
  ];
  const plot = plotted ? barsOf(COLUMNS[plotted][0], bars) : "";
  return `<h2>${escaped(suite)}</h2>\n${plot}\n${table(titles, cells, hasPeers ? 2 : 1)}`;
}

const HUES = { forward: 0, backward: 1, update: 2, step: 0 } as const;

/** The dispatches of one program in the order in which they run. */
function programOf({ name, times: dispatches }: TracedProgram): string {
  const total = dispatches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = (milliseconds: number) => `${short((100 * milliseconds) / total)} %`;
  const bars = dispatches.map((time): Bar => {
    const label = placeOf(time);
    const { milliseconds, phase } = time;
    return { group: label, name: label, value: milliseconds, text: `${short(milliseconds)} ms`, hue: HUES[phase] };
  });
  const cells = dispatches.map((time) => [
    placeOf(time),
    time.label,
    ...[time.milliseconds].map(short),
    share(time.milliseconds),
    ...[time.flops / 1e6, time.bytesRead / 1e6, time.bytesWritten / 1e6].map(short),
    ...[time.flops, time.bytesRead + time.bytesWritten].map((count) => short(count / time.milliseconds / 1e6)),
  ]);
  const titles = ["dispatch", "ops", "ms", "share", "MFLOP", "MB read", "MB written", "GFLOP/s", "GB/s"];
  const clock = dispatches[0]?.clock === "host" ? "wall time of submissions" : "timestamps on the device";
  return `<h3>${escaped(name)}</h3>\n<p>${short(total)} ms, by ${clock}</p>\n${barsOf("each dispatch", bars)}\n${table(titles, cells, 2)}`;
}

export async function writeReport(file: string, report: Report): Promise<void> {
  await writeFile(file, reportPage(report));
}
