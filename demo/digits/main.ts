// Digits: a run in a worker, and the cards that steer it, draw for it and show how it goes.
import { adapterLine } from "../ui/adapter.ts";
import { h } from "../ui/element.ts";
import { openPage } from "../ui/page.ts";
import { drawingCard } from "./drawing.ts";
import { insideCard } from "./inside.ts";
import { meta } from "./meta.ts";
import { mistakesCard } from "./mistakes.ts";
import { startRun } from "./run.ts";
import type { Digits } from "./setup.ts";
import { trainingCard } from "./training.ts";
import { watchNetwork } from "./watch.ts";
import "./digits.css";

/** The test digits that are there from the start. */
const SAMPLES = 5000;

const run = startRun({
  onState(state) {
    training.showState(state);
    if (run.wish !== "run" && (state.kind === "paused" || state.kind === "finished")) watch.test();
  },
  onSteps: (logs) => training.addSteps(logs),
  onReport(report) {
    training.showReport(report);
    watch.tick();
  },
  onData: (news) => training.showData(news),
  onOpen(info) {
    training.showOpen(info);
    if (drawing.read()) watch.look();
    else takeSample();
  },
  onFail: (error) => training.fail(error),
});

const training = trainingCard(run, () => {
  training.clear();
  mistakes.clear();
  watch.restart();
});
const drawing = drawingCard(() => watch.look(), takeSample);
const inside = insideCard();
const mistakes = mistakesCard(
  (indices) => run.ask<Digits>("digits", indices),
  (pixels, label) => {
    drawing.show(pixels, label);
    drawing.bringIntoView();
  },
);
const watch = watchNetwork(run, {
  read: drawing.read,
  onLook(look, pixels) {
    if (run.info) inside.show(look, run.info.model);
    drawing.showChances(pixels && look.chances);
  },
  onTested(tested, step) {
    training.showTested(tested, step);
    mistakes.show(tested);
  },
});

/** Any test digit; the first time always the same. */
let samples = 0;
async function takeSample(): Promise<void> {
  const index = samples++ === 0 ? 0 : Math.floor(Math.random() * SAMPLES);
  const { pixels, labels } = await run.ask<Digits>("digits", [index]).catch(() => ({ pixels: undefined, labels: [] }));
  const [label] = labels;
  if (pixels && label !== undefined) drawing.show(pixels, label);
}

void run.open();
openPage(meta).append(
  adapterLine().element,
  h("div", { class: "split even", attributes: { "data-picture": true } }, training.element, drawing.element),
  inside.element,
  mistakes.element,
);
