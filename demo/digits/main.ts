// Digits: the controls of a run in a worker, and everything that shows how it goes.
import { connectTrainer, type RemoteState, type Report, type StepLog } from "gpugrad";
import { adapterLine } from "../ui/adapter.ts";
import { lineChart } from "../ui/chart.ts";
import { button, segments, slider } from "../ui/controls.ts";
import { h } from "../ui/element.ts";
import { count, number, percent } from "../ui/format.ts";
import { card, openPage } from "../ui/page.ts";
import { notice, progressBar, stats, statusLine } from "../ui/parts.ts";
import { chanceBars } from "./chances.ts";
import { mistakesCard } from "./confusion.ts";
import { insideCard } from "./inside.ts";
import { meta } from "./meta.ts";
import { drawingPad } from "./pad.ts";
import { paintDigit, pixelCanvas } from "./paint.ts";
import {
  type DataNews,
  type Digits,
  type Look,
  type ModelName,
  PIXELS,
  type RunInfo,
  type Setup,
  type Tested,
} from "./setup.ts";
import { text } from "./text.ts";
import "./digits.css";

const RATES = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1];
const BATCHES = [16, 32, 64, 128, 256];
/** How much of the curve each step is. */
const SMOOTHING = 0.03;
/** ms between looks at the network, and between tests. */
const LOOK_EVERY = 200;
const TEST_EVERY = 2500;

let setup: Setup = { model: "cnn", rate: 1e-3, batch: 64, seed: 1, data: new URL("./data/", location.href).href };
let info: RunInfo | undefined;
let digits = 0;
/** True while the user wants it to run, whatever it is doing at the moment. */
let isWanted = true;
let openings = 0;

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const trainer = connectTrainer<Setup>(worker, {
  onReport: showReport,
  onSteps: addSteps,
  onState: showState,
  onMessage: hear,
});

// Training.
const words = text.training;
const status = statusLine(words.loading, "busy");
const problem = h("div", { class: "problem", attributes: { role: "alert" } });
const data = progressBar(words.data);
data.set(0, "");
const figures = stats(words.stats);
const runButton = button(words.pause, toggleRun, { kind: "primary" });
const resetButton = button(words.reset, () => startOver());
const model = segments<ModelName>({
  label: words.model,
  options: (["cnn", "mlp"] as const).map((value) => ({ value, label: words.models[value] })),
  value: setup.model,
  onChange: (value) => startOver({ model: value }),
});
const batch = segments({
  label: words.batch,
  options: BATCHES.map((size) => ({ value: `${size}`, label: `${size}` })),
  value: `${setup.batch}`,
  onChange: (value) => goOnWith({ batch: Number(value) }),
});
const rate = slider({
  ...{ label: words.rate, hint: words.rateHint, values: RATES, value: setup.rate },
  format: (value) => number(value),
  onChange: (value) => goOnWith({ rate: value }),
});
const lossChart = lineChart({
  title: words.loss.title,
  series: [
    { label: words.loss.raw, color: "--series-1", isFaint: true },
    { label: words.loss.smooth, color: "--series-1" },
  ],
  format: (value) => number(value, 2),
  isLog: true,
  height: 230,
  waiting: words.waiting,
});
const accuracyChart = lineChart({
  title: words.accuracy.title,
  series: [
    { label: words.accuracy.train, color: "--series-1" },
    { label: words.accuracy.test, color: "--series-2" },
  ],
  format: (value) => percent(value, value > 0.99 ? 1 : 0),
  height: 230,
  waiting: words.waiting,
});

// Drawing.
let truth: number | undefined;
const pad = drawingPad(() => {
  truth = undefined;
  showSeen();
});
const seen = pixelCanvas(text.draw.seen, "pixels seen");
const bars = chanceBars();
const answer = statusLine(text.draw.empty);
const clearButton = button(text.draw.clear, () => {
  pad.clear();
  truth = undefined;
  showSeen();
});
const sampleButton = button(text.draw.sample, takeSample);

const inside = insideCard();
const mistakes = mistakesCard(
  (indices) => trainer.ask<Digits>("digits", indices),
  (pixels, label) => {
    pad.show(pixels);
    truth = label;
    showSeen();
    pad.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  },
);

const line = adapterLine();
openPage(meta).append(
  line.element,
  h(
    "div",
    { class: "split even" },
    card(
      words.title,
      {},
      status.element,
      problem,
      h("div", { class: "row" }, runButton, resetButton),
      figures.element,
      h("div", { class: "halves" }, lossChart.element, accuracyChart.element),
      h("div", { class: "halves" }, model.element, batch.element, rate.element, data.element),
    ),
    card(
      text.draw.title,
      { note: text.draw.note },
      pad.element,
      h("div", { class: "row" }, clearButton, sampleButton),
      h("div", { class: "answer" }, seen, answer.element),
      bars.element,
    ),
  ),
  inside.element,
  mistakes.element,
);

/** Opens a run. What `keep` gives is put into it before it goes on. */
async function open(next: Partial<Setup>, keep?: () => ReturnType<typeof trainer.checkpoint>): Promise<void> {
  const mine = ++openings;
  setup = { ...setup, ...next };
  problem.replaceChildren();
  try {
    const kept = keep && info ? await keep() : undefined;
    if (mine !== openings) return;
    const opened = await trainer.open(setup);
    info = opened.info as RunInfo;
    if (kept) await trainer.restore(kept);
    if (mine !== openings) return;
    if (isWanted) await trainer.resume();
    if (!pad.read()) await takeSample();
    else showSeen();
  } catch (error) {
    if (mine === openings) fail(error as Error);
  }
}

function startOver(next: Partial<Setup> = {}): void {
  smooth = undefined;
  lossChart.clear();
  accuracyChart.clear();
  mistakes.clear();
  for (const key of Object.keys(words.stats)) figures.set(key as keyof typeof words.stats, "–");
  isWanted = true;
  showButton();
  open({ ...next, seed: setup.seed + 1 });
}

/** Goes on from what was learnt, with another rate or batch size; a slider that is still moving is waited for. */
let settling: ReturnType<typeof setTimeout> | undefined;
function goOnWith(next: Partial<Setup>): void {
  setup = { ...setup, ...next };
  clearTimeout(settling);
  settling = setTimeout(() => open({}, () => trainer.checkpoint()), 350);
}

async function toggleRun(): Promise<void> {
  if (trainer.state.kind === "failed") {
    isWanted = true;
    open({});
    return;
  }
  isWanted = !isWanted;
  showButton();
  try {
    if (isWanted) await trainer.resume();
    else await trainer.pause();
  } catch (error) {
    fail(error as Error);
  }
}

function showButton(): void {
  runButton.textContent = trainer.state.kind === "failed" ? words.again : isWanted ? words.pause : words.start;
}

function fail(error: Error): void {
  const isData = info === undefined;
  status.say(words.failed(error.message), "bad");
  if (isData) problem.replaceChildren(notice("bad", text.failure.title, [text.failure.note(error.message)]));
  isWanted = false;
  runButton.textContent = words.again;
}

function showState(state: RemoteState): void {
  if (state.kind === "opening") {
    const { progress } = state;
    status.say(progress ? words.compiling(progress.done, progress.total) : words.loading, "busy");
  } else if (state.kind === "running" && info) {
    const say = info.model === "small" ? words.small : words.running;
    status.say(say(info.shape, digits), "busy");
  } else if (state.kind === "paused" && !isWanted) {
    status.say(words.paused(state.step), "");
    testNow();
  } else if (state.kind === "recovering") status.say(words.recovering(state.reason), "warn");
  else if (state.kind === "failed") status.say(words.failed(state.reason), "bad");
  showButton();
}

/** The worker tells how much of the data is here. */
function hear(name: string, payload: unknown): void {
  if (name !== "data") return;
  const news = payload as DataNews;
  digits = news.digits;
  data.set(news.bytes / news.ofBytes, words.dataWords(news.digits, news.ofDigits, news.bytes / 1e6));
  if (news.failure !== undefined) {
    problem.replaceChildren(notice("warn", text.failure.title, [words.dataFailed(news.digits, news.failure)]));
  }
  if (news.isGrown && trainer.state.kind === "running") {
    trainer
      .pause()
      .then(() => (isWanted ? trainer.resume() : undefined))
      .catch(fail);
  }
}

/** Means that forget, and how much they have seen: early ones count for as many steps as there were. */
let smooth: { loss: number; accuracy: number; steps: number } | undefined;
let lastStep = 0;
function addSteps(logs: readonly StepLog[]): void {
  for (const { step, loss, metrics } of logs) {
    const { accuracy = 0 } = metrics;
    const before = smooth ?? { loss, accuracy, steps: 0 };
    const share = Math.max(SMOOTHING, 1 / (before.steps + 1));
    smooth = {
      loss: before.loss + share * (loss - before.loss),
      accuracy: before.accuracy + share * (accuracy - before.accuracy),
      steps: before.steps + 1,
    };
    lastStep = step;
    lossChart.add(step, [Math.max(loss, 1e-6), Math.max(smooth.loss, 1e-6)]);
    accuracyChart.add(step, [smooth.accuracy, null]);
  }
}

function showReport({ loss, epoch, totalSteps, stepsPerSecond }: Report): void {
  figures.set("loss", number(smooth?.loss ?? loss, 3));
  figures.set("accuracy", percent(smooth?.accuracy ?? 0));
  figures.set("epoch", count(epoch));
  figures.set("steps", count(totalSteps));
  figures.set("rate", count(stepsPerSecond));
  lookSoon(false);
  if (performance.now() - tested > TEST_EVERY) testNow();
}

// Looking: one request at a time, the newest digit first.
let looked = 0;
let isLooking = false;
let isLookDue = false;
function lookSoon(isUrgent: boolean): void {
  if (!info) return;
  if (isLooking) {
    isLookDue ||= isUrgent;
    return;
  }
  if (!isUrgent && performance.now() - looked < LOOK_EVERY) return;
  const pixels = pad.read();
  isLooking = true;
  trainer
    .ask<Look>("look", pixels ?? new Uint8Array(PIXELS))
    .then((look) => {
      if (info) inside.show(look, info.model);
      showAnswer(pixels && look.chances);
    })
    .catch(() => {}) // the run was opened anew meanwhile; the next report asks again
    .finally(() => {
      isLooking = false;
      looked = performance.now();
      if (isLookDue) {
        isLookDue = false;
        lookSoon(true);
      }
    });
}

function showSeen(): void {
  paintDigit(seen, pad.read() ?? new Uint8Array(PIXELS));
  if (!pad.read()) showAnswer(undefined);
  lookSoon(true);
}

function showAnswer(chances: readonly number[] | undefined): void {
  bars.set(chances);
  if (!chances) {
    answer.say(text.draw.empty);
    return;
  }
  const best = chances.indexOf(Math.max(...chances));
  const isRight = truth === undefined || truth === best;
  const said = text.draw.reads(best, chances[best] ?? 0) + (truth === undefined ? "" : text.draw.truth(truth));
  answer.say(said, isRight ? "good" : "bad");
}

/** Any test digit; the first time always the same. */
let samples = 0;
async function takeSample(): Promise<void> {
  const index = samples++ === 0 ? 0 : Math.floor(Math.random() * 5000);
  try {
    const { pixels, labels } = await trainer.ask<Digits>("digits", [index]);
    if (labels.length === 0) return;
    pad.show(pixels);
    truth = labels[0];
    showSeen();
  } catch {
    // nothing is open yet
  }
}

let tested = performance.now();
let isTesting = false;
function testNow(): void {
  if (isTesting || !info) return;
  isTesting = true;
  const mine = openings;
  trainer
    .ask<Tested>("test")
    .then((result) => {
      if (mine !== openings) return;
      mistakes.show(result);
      figures.set("tested", percent(result.right / result.count));
      if (smooth) accuracyChart.add(lastStep, [smooth.accuracy, result.right / result.count]);
    })
    .catch(() => {}) // as above
    .finally(() => {
      isTesting = false;
      tested = performance.now();
    });
}

open({});
