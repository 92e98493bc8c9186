// The page: what is set makes a run, the run lives in a worker, and what it tells is shown.
import "./playground.css";
import type { RemoteState } from "gpugrad";
import { adapterLine } from "../ui/adapter.ts";
import { button, select, slider } from "../ui/controls.ts";
import { color, h, onTheme } from "../ui/element.ts";
import { count, number, percent } from "../ui/format.ts";
import { card, openPage } from "../ui/page.ts";
import { notice, stats, statusLine } from "../ui/parts.ts";
import { hiddenSpace, histograms, unitMaps } from "./deep.ts";
import { fitting, readLink, writeLink } from "./link.ts";
import { lossChart } from "./lossChart.ts";
import { meta } from "./meta.ts";
import { ownPoints } from "./own.ts";
import { panel } from "./panel.ts";
import { classesIn, type Points, pointsOf } from "./points.ts";
import { type PresetName, presets } from "./presets.ts";
import { drawPoints, isProblem } from "./problems.ts";
import type { Color, Looks, ProbeMessage } from "./protocol.ts";
import { Session } from "./session.ts";
import { KEYS, type Settings, STOPS } from "./settings.ts";
import { stage } from "./stage.ts";
import { text } from "./text.ts";

const said = text.run;
const TEST_POINTS = 200;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** Sliders move faster than networks are made. */
const SETTLE = 180; // ms

const linked = readLink(location.hash);
let settings: Settings = linked.settings;
let own: Points = linked.own ?? pointsOf("classes", []);
let points: Points = own;
let held: Points | undefined;
let shownStep = -1;
/** Steps that the link asks for, so long as they are not taken. */
let owed = 0;

const content = openPage(meta);
const adapter = adapterLine();
const status = statusLine(said.opening, "busy");
const trouble = h("div", { class: "trouble" });

const picture = stage({
  onEdit: (edited) => {
    own = edited;
    change({ problem: "own" });
  },
  onFull: () => status.say(text.own.full(points.count), "warn"),
});
const units = unitMaps();
const space = hiddenSpace(() => relook());
const spread = histograms();
const settingsPanel = panel((changes) => change(changes));
const table = ownPoints({
  shown: () => points,
  onPoints: (given) => {
    own = given;
    change({ problem: "own" });
  },
});

const figures = stats({
  step: text.stats.step,
  loss: text.stats.loss,
  testLoss: text.stats.testLoss,
  score: text.stats.score,
  testScore: text.stats.testScore,
  speed: text.stats.speed,
  frames: text.stats.frames,
});
const chart = lossChart();

const playButton = button(said.pause, () => toggle(), { kind: "primary" });
const stepButton = button(said.step, () => void session.step());
const resetButton = button(said.reset, () => restart());
const linkButton = button(said.link, () => void copyLink(), { kind: "bare" });
const pace = slider({
  ...{ label: said.pace, values: STOPS.pace, value: settings.pace, format: said.paceOf },
  onChange: (value) => {
    settings = { ...settings, pace: value };
    showLink();
    showPreset();
    void session.changePace(value);
  },
});
const presetList = select<PresetName | "">({
  label: said.preset,
  options: [
    ...(Object.keys(presets) as PresetName[]).map((value) => ({ value, label: text.presets[value][0] })),
    { value: "", label: said.custom },
  ],
  value: "",
  onChange: (name) => {
    if (name) change(presets[name]);
  },
});
const presetLine = h("p", { class: "explained" });

const session = new Session({
  canvases: () => ({
    map: picture.freshCanvas().transferControlToOffscreen(),
    units: units.freshCanvas().transferControlToOffscreen(),
    space: space.freshCanvas().transferControlToOffscreen(),
  }),
  onState: showState,
  onProbe: showProbe,
  onOpened: () => {
    chart.clear();
    shownStep = -1;
  },
});

content.append(
  adapter.element,
  ...(linked.sentences.length > 0 ? [notice("warn", text.link.title, linked.sentences)] : []),
  trouble,
  h(
    "div",
    { class: "bench" },
    h(
      "div",
      { class: "stack now" },
      card(
        text.stage.title,
        { class: "main-card" },
        h(
          "div",
          { class: "map-and-numbers", attributes: { "data-picture": true } },
          h("div", { class: "stack tight" }, picture.element, picture.tools),
          h(
            "div",
            { class: "stack" },
            h("div", { class: "example" }, presetList.element, presetLine),
            h("div", { class: "buttons" }, playButton, stepButton, resetButton, linkButton),
            status.element,
            pace.element,
            figures.element,
          ),
        ),
        chart.element,
      ),
    ),
    h("div", { class: "stack side" }, settingsPanel.element, table),
    h("div", { class: "stack inside" }, units.card, space.card, spread.card),
  ),
);

/** The points that the settings mean. */
function choosePoints(): void {
  if (isProblem(settings.problem)) {
    points = drawPoints(settings.problem, settings);
    held = drawPoints(settings.problem, { ...settings, count: TEST_POINTS }, "test");
  } else {
    points = own;
    held = undefined;
  }
}

let settling: ReturnType<typeof setTimeout> | undefined;

/** Changes settings and begins anew with them. */
function change(changes: Partial<Settings>): void {
  const isPaceAlone = Object.keys(changes).every((key) => key === "pace");
  settings = fitting({ ...settings, ...changes }, own).settings;
  if (isPaceAlone) return;
  choosePoints();
  settings = fitting(settings, points).settings;
  showSettings();
  clearTimeout(settling);
  settling = setTimeout(() => restart(), SETTLE);
}

/** Begins the run anew. */
function restart(plays = session.isPlaying || session.state.kind !== "paused" || shownStep < 0, steps = 0): void {
  clearTimeout(settling);
  trouble.replaceChildren();
  shownStep = -1;
  owed = steps;
  const isEmpty = points.count === 0 || (points.task === "classes" && classesIn(points) < 2);
  for (const one of [playButton, stepButton, resetButton]) one.disabled = isEmpty;
  if (isEmpty) {
    void session.pause();
    status.say(said.noPoints, "warn");
    return;
  }
  void session.open({ settings, points, held, looks: looks() }, { steps, plays: plays && !document.hidden });
}

function showSettings(): void {
  settingsPanel.show(settings, points);
  pace.set(settings.pace);
  picture.show(points, held);
  units.show(settings);
  space.show(settings, points);
  spread.show(settings);
  nameScores();
  showPreset();
  showLink();
}

/** A share of right answers for classes, R² for values. */
function nameScores(): void {
  const names = figures.element.querySelectorAll("dt");
  const isFit = points.task === "values";
  const said = isFit ? [text.stats.fit, text.stats.testFit] : [text.stats.score, text.stats.testScore];
  [names[3], names[4]].forEach((name, i) => {
    if (name) name.textContent = said[i] as string;
  });
}

function showPreset(): void {
  const isSame = (preset: Settings) => KEYS.every((key) => key === "pace" || `${preset[key]}` === `${settings[key]}`);
  const found = (Object.keys(presets) as PresetName[]).find((name) => isSame(presets[name]));
  presetList.set(found ?? "");
  presetLine.textContent = found ? text.presets[found][1] : said.customLine;
}

function showLink(): void {
  const link = writeLink({ settings, own: settings.problem === "own" ? own : undefined });
  history.replaceState(null, "", `#${link}`);
}

async function copyLink(): Promise<void> {
  const link = writeLink({
    settings,
    own: settings.problem === "own" ? own : undefined,
    steps: shownStep > 0 ? shownStep : undefined,
  });
  const url = new URL(location.href);
  url.hash = link;
  history.replaceState(null, "", url);
  try {
    await navigator.clipboard.writeText(url.href);
    status.say(said.linkDone, "good");
  } catch {
    status.say(said.linkFailed, "warn");
  }
}

function toggle(): void {
  if (session.isPlaying) void session.pause();
  else void session.play();
}

function showState(state: RemoteState): void {
  playButton.textContent = session.isPlaying ? said.pause : said.run;
  document.body.dataset["run"] = state.kind;
  if (state.kind === "opening") status.say(said.opening, "busy");
  else if (state.kind === "recovering") status.say(said.recovering(state.reason), "warn");
  else if (state.kind === "failed") fail(state.reason, state.hasSnapshot);
  else if (session.isPlaying) status.say(said.running, "busy");
  else if (state.kind === "running" && owed > 0) status.say(said.catchingUp(owed), "busy");
  else if ("step" in state) status.say(said.paused(state.step));
}

function fail(reason: string, hasWeights: boolean): void {
  status.say(said.failedTitle, "bad");
  const fetchWeights = async () => {
    try {
      const url = URL.createObjectURL(await session.file());
      h("a", { attributes: { href: url, download: said.weightsFile } }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch {
      status.say(text.download, "bad");
    }
  };
  const box = notice("bad", said.failedTitle, [reason, ...said.failedTries(reason)]);
  box.append(
    h(
      "div",
      { class: "row tight" },
      button(said.again, () => restart(true), { kind: "slim" }),
      ...(hasWeights ? [button(said.weights, () => void fetchWeights(), { kind: "slim" })] : []),
    ),
  );
  trouble.replaceChildren(box);
}

function showProbe(probe: ProbeMessage): void {
  const isNew = probe.step !== shownStep;
  shownStep = probe.step;
  if (probe.step >= owed) owed = 0;
  const score = (value: number | undefined) =>
    value === undefined ? "–" : points.task === "values" ? number(value) : percent(value);
  figures.set("step", count(probe.step));
  figures.set("loss", number(probe.loss));
  figures.set("testLoss", probe.testLoss === undefined ? "–" : number(probe.testLoss));
  figures.set("score", score(probe.score));
  figures.set("testScore", score(probe.testScore));
  if (session.isPlaying && probe.stepsPerSecond > 0) {
    figures.set("speed", count(probe.stepsPerSecond));
    figures.set("frames", count(probe.framesPerSecond));
  }
  if (isNew) chart.add([probe.step, finite(probe.loss), finite(probe.testLoss)]);
  units.tell(probe.dead);
  spread.tell(probe);
  Object.assign(document.body.dataset, {
    step: probe.step,
    loss: probe.loss,
    frames: probe.framesPerSecond.toFixed(1),
    speed: probe.stepsPerSecond.toFixed(0),
  });
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);

/** How everything is laid out now. */
function looks(): Looks {
  const density = devicePixelRatio;
  const side = Math.round(picture.side() * density);
  const { top, bottom } = picture.element.getBoundingClientRect();
  return {
    ...{ density, isCalm: calm.matches },
    palette: {
      ...{ surface: rgb("--surface"), ink: rgb("--ink"), line: rgb("--edge") },
      ...{ below: rgb("--below"), above: rgb("--above") },
      classes: [1, 2, 3, 4, 5, 6].map((i) => rgb(`--series-${i}`)),
    },
    map: { width: side, height: side, isSeen: bottom > -80 && top < innerHeight + 80 },
    units: units.looks(),
    space: space.looks(),
  };
}

/** A CSS colour of three or six hexadecimal digits. */
function rgb(name: string): Color {
  const digits = color(name).slice(1);
  const six = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  const bits = Number.parseInt(six, 16);
  return [(bits >> 16) / 255, ((bits >> 8) & 255) / 255, (bits & 255) / 255];
}

calm.addEventListener("change", relook);

let isDue = false;
function relook(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    picture.redraw();
    void session.show(looks());
  });
}

onTheme(() => {
  relook();
  spread.redraw();
});
addEventListener("resize", relook);
let seen = "";
addEventListener(
  "scroll",
  () => {
    spread.redraw();
    const { map, units, space } = looks();
    const now = [map, units, space].map((one) => one.isSeen).join();
    if (now !== seen) relook();
    seen = now;
  },
  { passive: true },
);
let wasPlaying = false;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    wasPlaying = session.isPlaying;
    if (wasPlaying) void session.pause();
  } else if (wasPlaying) void session.play();
});
addEventListener("hashchange", () => location.reload());

choosePoints();
settings = fitting(settings, points).settings;
showSettings();
restart(linked.steps === undefined, linked.steps);
