// A line chart that grows while something runs: uPlot, with colours from the page's variables and a height that never changes.
import type uPlot from "uplot";
import { color, h, onTheme } from "./element.ts";
import { count, number } from "./format.ts";

export interface Series {
  readonly label: string;
  /** A CSS variable, such as "--series-1". */
  readonly color: string;
  /** Thin and pale: what lies behind another line. */
  readonly isFaint?: boolean;
  readonly format?: (value: number) => string;
}

export interface ChartOptions {
  /** What the chart shows, for those who do not see it and above its keys. */
  readonly title: string;
  readonly series: readonly Series[];
  /** px */
  readonly height?: number;
  readonly isLog?: boolean;
  /** Fixed bounds of the y axis. */
  readonly range?: readonly [min: number, max: number];
  /** Of the numbers at the y axis. */
  readonly format?: (value: number) => string;
  /** What stands there as long as there are no points. */
  readonly waiting: string;
}

export interface Chart {
  readonly element: HTMLElement;
  /** Adds a point to each line; null where a line has none. One more at the last x fills in. Drawn at the next frame. */
  add(x: number, values: readonly (number | null)[]): void;
  /** Replaces all points: x first, then the values of each line. */
  set(columns: readonly (readonly (number | null)[])[]): void;
  clear(): void;
}

/** More points than pixels help nobody: at so many every second one goes. */
const MOST_POINTS = 3000;

/** Distances of numbers at the x axis, which counts steps. */
const STEPS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((power) => [power, 2 * power, 5 * power]);

/** The next of … 0.1, 0.2, 0.5, 1, 2, 5 … below (−1) or above (1) a value. */
function rounded(value: number, side: -1 | 1): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const stops = [0.5, 1, 2, 5, 10, 20].map((stop) => Number((stop * power).toPrecision(1)));
  return (side > 0 ? stops.find((stop) => stop > value) : stops.findLast((stop) => stop < value)) as number;
}

/** True for a line's first point, which no line leads to. */
function isAlone(values: readonly (number | null)[]): boolean {
  const first = values.findIndex((value) => value !== null);
  return first >= 0 && values.findLastIndex((value) => value !== null) === first;
}

let loaded: Promise<typeof uPlot> | undefined;

/** uPlot, loaded for the first chart. It asks `Intl` for the browser's language, and some headless ones name one that `Intl` refuses. */
function loadPlots(): Promise<typeof uPlot> {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
  }
  loaded ??= import("uplot").then((module) => module.default);
  return loaded;
}

let isTaken = false;

/** True once a frame: opening a chart takes a page some 30 ms, showing its first points 10. */
function mayBegin(): boolean {
  if (isTaken) return false;
  isTaken = true;
  requestAnimationFrame(() => {
    isTaken = false;
  });
  return true;
}

/** Makes a chart. It takes the width of whatever it lies in. */
export function lineChart(options: ChartOptions): Chart {
  const { title, series, height = 200, isLog = false, range, waiting } = options;
  const keys = series.map(({ label, isFaint }) => h("span", { class: isFaint ? "faint" : "" }, label));
  for (const [i, one] of series.entries()) keys[i]?.style.setProperty("--key", `var(${one.color})`);
  const caption = h("figcaption", {}, h("span", {}, title), h("span", { class: "keys" }, ...keys));
  const note = h("p", { class: "waiting" }, waiting);
  const plot = h("div", { class: "plot", attributes: { role: "img", "aria-label": title } }, note);
  plot.style.height = `${height}px`;
  const element = h("figure", { class: "chart" }, caption, plot);

  const empty = (): (number | null)[][] => Array.from({ length: series.length + 1 }, () => []);
  let columns = empty();
  let Plot: typeof uPlot | undefined;
  let chart: uPlot | undefined;
  let isDue = false;

  const shown = (value: number | null | undefined, format: (value: number) => string = number) =>
    typeof value === "number" ? format(value) : "–";
  /** Beside each key what its line is at under the pointer, or was last. */
  const tell = (at?: number) => {
    const words = series.map(({ label, format }, i) => {
      const values = columns[i + 1] ?? [];
      if (values.length === 0) return label;
      const value = at === undefined ? values.findLast((one) => one !== null) : values[at];
      return `${label} ${shown(value, format ?? options.format)}`;
    });
    words.forEach((word, i) => {
      const key = keys[i];
      if (key) key.textContent = word;
    });
    if (at === undefined) plot.setAttribute("aria-label", `${title}: ${words.join(", ")}`);
  };

  const axis = (more: uPlot.Axis): uPlot.Axis => ({
    stroke: () => color("--quiet"),
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${color("--sans")}`,
    ...more,
  });
  const open = (Kind: typeof uPlot, width: number) =>
    new Kind(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
        scales: {
          x: { time: false },
          y: isLog
            ? { distr: 3, range: (_, min, max) => (max > 0 ? [rounded(min, -1), rounded(max, 1)] : [1, 10]) }
            : range
              ? { range: [range[0], range[1]] }
              : {},
        },
        axes: [
          axis({ size: 28, space: 70, incrs: [...STEPS], values: (_, splits) => splits.map(count) }),
          axis({
            size: 52,
            values: (_, splits) => splits.map((value) => (value === null ? "" : (options.format ?? number)(value))),
          }),
        ],
        series: [
          {},
          ...series.map((one) => ({
            stroke: () => color(one.color),
            width: one.isFaint ? 1 : 2,
            alpha: one.isFaint ? 0.4 : 1,
            spanGaps: true,
            points: { show: (_: uPlot, i: number) => isAlone(columns[i] ?? []), size: 7, fill: () => color(one.color) },
          })),
        ],
        hooks: { setCursor: [({ cursor }) => tell(cursor.idx ?? undefined)] },
      },
      columns as unknown as uPlot.AlignedData,
      plot,
    );

  const draw = () => {
    isDue = false;
    note.hidden = (columns[0]?.length ?? 0) > 0;
    if (!chart && Plot && plot.clientWidth > 0) {
      if (mayBegin()) chart = open(Plot, plot.clientWidth); // before there are points: then there is less to do at once
      return ask(); // the rest in another frame
    }
    if (chart?.root.hidden && note.hidden && !mayBegin()) return ask();
    if (chart) chart.root.hidden = !note.hidden;
    chart?.setData(columns as unknown as uPlot.AlignedData);
    tell();
  };
  const ask = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  loadPlots().then((kind) => {
    Plot = kind;
    ask();
  });
  new ResizeObserver(() => {
    if (chart && plot.clientWidth > 0) chart.setSize({ width: plot.clientWidth, height });
    else ask();
  }).observe(plot);
  onTheme(() => chart?.redraw());

  return {
    element,
    add(x, values) {
      const row = columns[0]?.at(-1) === x ? (columns[0]?.length ?? 0) - 1 : (columns[0]?.push(x) ?? 0) - 1;
      for (const [i, value] of values.entries()) {
        const column = columns[i + 1];
        if (column) column[row] = value ?? column[row] ?? null;
      }
      if ((columns[0]?.length ?? 0) > MOST_POINTS)
        columns = columns.map((column) => column.filter((_, i) => i % 2 === 1));
      ask();
    },
    set(next) {
      columns = next.map((column) => [...column]);
      ask();
    },
    clear() {
      columns = empty();
      chart?.destroy();
      chart = undefined;
      ask();
    },
  };
}
