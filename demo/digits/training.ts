// The card of the training: what it is doing, its controls, its numbers and its curves.
import type { RemoteState, Report, StepLog } from "gpugrad";
import { lineChart } from "../ui/chart.ts";
import { button } from "../ui/controls.ts";
import { h } from "../ui/element.ts";
import { count, number, percent } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import { notice, progressBar, stats, statusLine } from "../ui/parts.ts";
import type { Run } from "./run.ts";
import { runSettings } from "./settings.ts";
import type { DataNews, RunInfo, Tested } from "./setup.ts";
import { text } from "./text.ts";

/** How much of the curve each step is. */
const SMOOTHING = 0.05;
/** The logarithm's end. */
const LEAST_LOSS = 1e-6;
/** px of each chart. */
const HEIGHT = 210;

export interface TrainingView {
  readonly element: HTMLElement;
  showState(state: RemoteState): void;
  showData(news: DataNews): void;
  showOpen(info: RunInfo): void;
  addSteps(logs: readonly StepLog[]): void;
  showReport(report: Report): void;
  showTested(tested: Tested, step: number): void;
  fail(error: Error): void;
  /** Forgets the curves. */
  clear(): void;
}

/** Makes the card; `onStartOver` is called before a run begins from nothing. */
export function trainingCard(run: Run, onStartOver: () => void): TrainingView {
  const words = text.training;
  const status = statusLine(words.loading, "busy");
  const problem = h("div", { class: "problem", attributes: { role: "alert" } });
  const data = progressBar(words.data);
  const figures = stats(words.stats);
  const toggle = () => {
    if (run.state.kind === "failed" && !run.state.hasSnapshot) onStartOver();
    void run.toggle();
  };
  const runButton = button(words.pause, toggle, { kind: "primary" });
  const stepButton = button(words.step, () => void run.step());
  const stopButton = button(words.stop, () => void run.stop());
  const startOver = (next: Parameters<Run["open"]>[0] = {}) => {
    onStartOver();
    void run.open({ ...next, seed: run.setup.seed + 1 });
  };
  const resetButton = button(words.reset, () => startOver());
  const weightsButton = button(words.weights, () => void saveWeights(), { kind: "slim", isDisabled: true });
  const settings = runSettings(run, startOver);
  const lossChart = lineChart({
    title: words.loss.title,
    series: [
      { label: words.loss.raw, color: "--series-1", isFaint: true },
      { label: words.loss.smooth, color: "--series-1" },
    ],
    format: (value) => number(value, 2),
    isLog: true,
    height: HEIGHT,
    waiting: words.waiting,
  });
  const accuracyChart = lineChart({
    title: words.accuracy.title,
    series: [
      { label: words.accuracy.train, color: "--series-1" },
      { label: words.accuracy.test, color: "--series-2" },
    ],
    format: (value) => percent(value, value > 0.9 && value < 1 ? 1 : 0),
    range: [0, 1],
    height: HEIGHT,
    waiting: words.waiting,
  });

  /** Means that forget, and how much they have seen: early ones count for as many steps as there were. */
  let smooth: { loss: number; accuracy: number; steps: number } | undefined;
  let lastStep = 0;
  let digits = 0;
  data.set(undefined, "");

  async function saveWeights(): Promise<void> {
    try {
      const url = URL.createObjectURL(await run.weights());
      const name = words.weightsFile(run.info?.model ?? run.setup.model, lastStep);
      h("a", { attributes: { href: url, download: name } }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      problem.replaceChildren(notice("bad", words.weightsFailed, [(error as Error).message]));
    }
  }

  function sayState(state: RemoteState): void {
    if (state.kind === "opening") {
      const { progress } = state;
      status.say(progress ? words.compiling(progress.done, progress.total) : words.loading, "busy");
    } else if (state.kind === "running" && run.info) {
      const say = run.info.model === "small" ? words.small : words.running;
      status.say(say(run.info.shape, digits), "busy");
    } else if (state.kind === "paused" && run.wish !== "run") status.say(words.paused(state.step));
    else if (state.kind === "finished") status.say(words.stopped(state.step));
    else if (state.kind === "recovering") status.say(words.recovering(state.reason), "warn");
    else if (state.kind === "failed") status.say(words.failed(state.reason), "bad");
  }

  return {
    element: card(
      words.title,
      { class: "training" },
      status.element,
      problem,
      h("div", { class: "buttons wide controls" }, runButton, stepButton, stopButton, resetButton),
      figures.element,
      lossChart.element,
      accuracyChart.element,
      settings.element,
      h("div", { class: "row between" }, data.element, weightsButton),
    ),
    showState(state) {
      sayState(state);
      const { kind } = state;
      const isFailed = kind === "failed";
      const isOver = kind === "finished" || run.wish === "stop";
      runButton.textContent = isFailed ? words.again : run.wish === "run" ? words.pause : words.start;
      runButton.disabled = isOver && !isFailed;
      stepButton.disabled = isOver || isFailed || kind === "opening" || kind === "recovering";
      stopButton.disabled = isOver || isFailed || kind === "opening";
      document.body.dataset["run"] = kind;
    },
    showData(news) {
      const { bytes, ofBytes, failure } = news;
      digits = news.digits;
      data.set(
        digits === news.ofDigits ? 1 : bytes / ofBytes,
        words.dataWords(news.digits, news.ofDigits, bytes / 1e6),
      );
      if (failure === undefined) return;
      const box = notice("warn", words.restFailed, [words.dataFailed(news.digits, failure)]);
      const again = () => {
        problem.replaceChildren();
        run.ask("more").catch(() => {}); // the run was opened anew: it loads by itself
      };
      box.append(h("div", { class: "row" }, button(words.again, again, { kind: "slim" })));
      problem.replaceChildren(box);
    },
    showOpen(info) {
      problem.replaceChildren();
      weightsButton.disabled = false;
      settings.showModel(info.model);
    },
    addSteps(logs) {
      for (const { step, loss, metrics } of logs) {
        if (step <= lastStep) continue; // a run that went on from its last checkpoint
        const { accuracy = 0 } = metrics;
        const before = smooth ?? { loss, accuracy, steps: 0 };
        const share = Math.max(SMOOTHING, 1 / (before.steps + 1));
        smooth = {
          loss: before.loss + share * (loss - before.loss),
          accuracy: before.accuracy + share * (accuracy - before.accuracy),
          steps: before.steps + 1,
        };
        lastStep = step;
        lossChart.add(step, [Math.max(loss, LEAST_LOSS), Math.max(smooth.loss, LEAST_LOSS)]);
        accuracyChart.add(step, [smooth.accuracy, null]);
      }
    },
    showReport({ loss, epoch, totalSteps, stepsPerSecond }) {
      figures.set("loss", number(smooth?.loss ?? loss, 3));
      figures.set("accuracy", percent(smooth?.accuracy ?? 0));
      figures.set("epoch", count(epoch));
      figures.set("steps", count(totalSteps));
      figures.set("rate", stepsPerSecond < 10 ? number(stepsPerSecond, 2) : count(stepsPerSecond));
      Object.assign(document.body.dataset, { step: totalSteps, loss: smooth?.loss ?? loss });
    },
    showTested({ right, count: of }, step) {
      figures.set("tested", percent(right / of));
      if (smooth) accuracyChart.add(lastStep, [null, right / of]);
      document.body.dataset["tested"] = `${step}`;
    },
    fail(error) {
      const isData = error.name === "DataError";
      status.say(isData ? words.noData : words.failed(error.message), "bad");
      if (isData) problem.replaceChildren(notice("bad", text.failure.title, [text.failure.note(error.message)]));
      runButton.textContent = words.again;
      runButton.disabled = false;
    },
    clear() {
      smooth = undefined;
      lastStep = 0;
      lossChart.clear();
      accuracyChart.clear();
      for (const key of Object.keys(words.stats)) figures.set(key as keyof typeof words.stats, "–");
      for (const key of ["step", "loss", "tested"]) delete document.body.dataset[key];
    },
  };
}
