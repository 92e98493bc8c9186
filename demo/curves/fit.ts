// The first half of the page: a network and a polynomial go through the same points.
import type { RemoteState } from "gpugrad";
import { lineChart } from "../ui/chart.ts";
import { button, slider } from "../ui/controls.ts";
import { h } from "../ui/element.ts";
import { count, number } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import { notice, stats, statusLine } from "../ui/parts.ts";
import { loggable } from "./axes.ts";
import { comparison } from "./comparison.ts";
import type { FitDrawn } from "./messages.ts";
import { ownCard } from "./ownCard.ts";
import { MOST_POINTS, rounded } from "./ownPoints.ts";
import { panel } from "./panel.ts";
import { plot } from "./plot.ts";
import { fitPolynomial, type Polynomial } from "./polynomial.ts";
import { Session } from "./session.ts";
import { type Settings, STOPS } from "./settings.ts";
import { drawPoints, errorOf, evenly, isShape, type Points, rangeOf, shapes } from "./shapes.ts";
import { text } from "./text.ts";

const said = text.fit;
/** Sliders move faster than networks are made. */
const SETTLE = 180; // ms
/** Points that the CPU reference trains on. */
const FEW = 32;
/** Places off the points at which both curves are held against the true one. */
const TESTS = 100;

export interface Fit {
  readonly element: HTMLElement;
  readonly own: Points;
  /** Shows settings as the page has them now; what changed begins the run anew. */
  show(settings: Settings): void;
  /** Opens the first run, with fewer points where only the CPU reference is left; settles once it goes. */
  begin(isReference: boolean): Promise<void>;
}

export function curveFit(
  first: { readonly settings: Settings; readonly own: Points },
  onChange: (changes: Partial<Settings>) => void,
  copyLink: () => Promise<boolean>,
): Fit {
  let { settings, own } = first;
  /** The own points of the last preparation. */
  let prepared = own;
  let points: Points = own;
  let trained: Points = own;
  let polynomial: Polynomial | undefined;
  let most = Number.POSITIVE_INFINITY;
  let hasBegun = false;
  let speed = { at: 0, step: 0 };
  let settling: ReturnType<typeof setTimeout> | undefined;

  const edit = (edited: Points) => {
    if (edited.x.length > MOST_POINTS) {
      status.say(text.own.full(MOST_POINTS), "warn");
      return;
    }
    own = rounded({ x: edited.x, y: edited.y.map((y) => toUnit(y, rangeOf(settings.curve))) });
    onChange({ curve: "own" });
  };
  const picture = plot(edit);
  const lines = ownCard({
    shown: () => ({ x: points.x, y: points.y.map((y) => toUnit(y, rangeOf(settings.curve))) }),
    onPoints: (given) => {
      own = given;
      onChange({ curve: "own" });
    },
  });
  const controls = panel(onChange);
  const status = statusLine(said.opening, "busy");
  const trouble = h("div", { class: "trouble" });
  const figures = stats(said.figures);
  const chart = lineChart({
    title: said.chart.title,
    series: [
      { label: said.chart.network, color: "--series-1" },
      { label: said.chart.polynomial, color: "--series-2" },
    ],
    format: (value) => number(value, 2),
    isLog: true,
    height: 210,
    waiting: said.chart.waiting,
  });
  const rows = comparison();
  const play = button(said.pause, () => void (session.isPlaying ? session.pause() : session.play()), {
    kind: "primary",
  });
  const reset = button(said.reset, () => void restart(true));
  const link = button(
    said.link,
    async () => {
      const isDone = await copyLink();
      status.say(isDone ? said.linkDone : said.linkFailed, isDone ? "good" : "warn");
    },
    { kind: "bare" },
  );
  const pace = slider({
    ...{ label: said.pace, values: STOPS.pace, value: settings.pace, format: said.paceOf },
    onChange: (value) => onChange({ pace: value }),
  });
  const session = new Session(showState, showDrawn);

  /** Draws points anew, fits the polynomial, and tells what is there. */
  function prepare(): void {
    const { curve } = settings;
    const range = rangeOf(curve);
    prepared = own;
    points = isShape(curve) ? drawPoints(curve, settings) : own;
    trained = points.x.length > most ? thinned(points, most) : points;
    const truth = isShape(curve) ? shapes[curve].of : undefined;
    picture.show({ points, range, truth, network: undefined, parts: undefined });
    solve();
    controls.show(settings);
    pace.set(settings.pace);
  }

  /** Says what the plot shows. */
  function describe(network?: number): void {
    const { at } = polynomial ?? {};
    const score = at ? number(errorOf(points.x.map(at), points.y).score) : "–";
    picture.describe(
      said.plot(text.curves[settings.curve], points.x.length, network === undefined ? "–" : number(network), score),
    );
  }

  /** The polynomial is there at once. */
  function solve(): void {
    polynomial = points.x.length > 0 ? fitPolynomial(points.x, points.y, settings.degree) : undefined;
    picture.show({ polynomial: polynomial && ((x) => (polynomial as Polynomial).at(x)) });
    const at = polynomial?.at;
    const on = at && errorOf(points.x.map(at), points.y);
    figures.set("polynomial", on ? number(on.score) : "–");
    const numbers = (polynomial?.degree ?? settings.degree) + 1;
    describe();
    rows.polynomial(polynomial?.degree ?? settings.degree, numbers, on, at && off(at));
  }

  /** Against the curve itself, at places off the points; nothing for the user's own points. */
  function off(at: (x: number) => number): number | undefined {
    const { curve } = settings;
    if (!isShape(curve)) return undefined;
    const places = evenly(TESTS);
    return errorOf(places.map(at), places.map(shapes[curve].of)).score;
  }

  async function restart(plays: boolean): Promise<void> {
    clearTimeout(settling);
    trouble.replaceChildren();
    if (!hasBegun) return;
    const isEmpty = points.x.length === 0;
    play.disabled = isEmpty;
    reset.disabled = isEmpty;
    chart.clear();
    speed = { at: performance.now(), step: 0 };
    for (const key of ["step", "speed", "network"] as const) figures.set(key, "–");
    if (isEmpty) {
      void session.pause();
      status.say(said.noPoints, "warn");
      document.body.dataset["run"] = "empty";
      return;
    }
    const range = rangeOf(settings.curve);
    const setup = { settings, points: { x: trained.x, y: trained.y.map((y) => toUnit(y, range)) } };
    await session.open(setup, plays && !document.hidden);
  }

  function showDrawn({ step, curve, parts, answers }: FitDrawn): void {
    if (answers.length !== trained.x.length) return; // of points that are gone
    const [low, high] = rangeOf(settings.curve);
    const size = (high - low) / 2;
    const real = (value: number) => (low + high) / 2 + size * value;
    const network = Float32Array.from(curve, real);
    picture.show({ network, parts: Float32Array.from(parts, (value) => (low + high) / 2 + size * value) });
    const on = errorOf(Array.from(answers, real), trained.y);
    const between = (x: number) => {
      const at = x * (network.length - 1);
      const i = Math.min(network.length - 2, Math.floor(at));
      return (network[i] as number) + (at - i) * ((network[i + 1] as number) - (network[i] as number));
    };
    const now = performance.now();
    if (session.isPlaying && step > speed.step && now - speed.at > 400) {
      figures.set("speed", count((1000 * (step - speed.step)) / (now - speed.at)));
      speed = { at: now, step };
    }
    figures.set("step", count(step));
    figures.set("network", number(on.score));
    rows.network(3 * settings.units + 1, on, off(between));
    const own = polynomial && errorOf(points.x.map(polynomial.at), points.y).error;
    chart.add(step, [loggable(on.error), loggable(own)]);
    describe(on.score);
    Object.assign(document.body.dataset, { step, loss: on.error });
  }

  function showState(state: RemoteState): void {
    play.textContent = session.isPlaying ? said.pause : said.run;
    document.body.dataset["run"] = state.kind;
    if (state.kind === "opening") status.say(said.opening, "busy");
    else if (state.kind === "recovering") status.say(said.recovering(state.reason), "warn");
    else if (state.kind === "failed") fail(state.reason);
    else if (session.isPlaying) status.say(trained === points ? said.running : said.thinned(trained.x.length), "busy");
    else if ("step" in state) status.say(said.paused(state.step));
  }

  function fail(reason: string): void {
    status.say(said.failedTitle, "bad");
    const box = notice("bad", said.failedTitle, [reason, ...said.failedTries]);
    box.append(
      h(
        "div",
        {},
        button(said.again, () => void restart(true), { kind: "slim" }),
      ),
    );
    trouble.replaceChildren(box);
  }

  let wasPlaying = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      wasPlaying = session.isPlaying;
      if (wasPlaying) void session.pause();
    } else if (wasPlaying) void session.play();
  });

  const main = card(
    said.title,
    { class: "fit-card" },
    picture.element,
    h("div", { class: "row fit-buttons" }, play, reset, link, status.element),
    trouble,
    h(
      "div",
      { class: "halves fit-numbers" },
      h("div", { class: "stack" }, figures.element, pace.element),
      chart.element,
    ),
    rows.element,
  );
  prepare();
  return {
    element: h("div", { class: "split" }, main, h("div", { class: "stack" }, controls.element, lines.element)),
    get own() {
      return own;
    },
    show(next) {
      const before = settings;
      settings = next;
      if (same(before, next, ["degree", "pace", "surface", "start", "rates"]) && own === prepared) {
        controls.show(settings);
        if (next.degree !== before.degree) solve();
        if (next.pace !== before.pace) void session.changePace(next.pace);
        return;
      }
      prepare();
      clearTimeout(settling);
      settling = setTimeout(() => void restart(true), SETTLE);
    },
    begin(isReference) {
      if (isReference) most = FEW;
      hasBegun = true;
      prepare();
      return restart(true);
    },
  };
}

/** A value of the plot as the network sees it: −1 … 1. */
const toUnit = (y: number, [low, high]: readonly [number, number]) => (2 * (y - low)) / (high - low) - 1;

const thinned = ({ x, y }: Points, most: number): Points => {
  const chosen = Array.from({ length: most }, (_, i) => Math.floor((i * x.length) / most));
  return { x: chosen.map((i) => x[i] as number), y: chosen.map((i) => y[i] as number) };
};

/** Whether two settings differ in nothing but these. */
const same = (a: Settings, b: Settings, but: readonly (keyof Settings)[]): boolean =>
  (Object.keys(a) as (keyof Settings)[]).every((key) => but.includes(key) || a[key] === b[key]);
