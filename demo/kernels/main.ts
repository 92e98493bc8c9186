// Kernels: a picture, nine numbers, and what they make of it, live; and a network that finds nine numbers by itself.
import { adapterLine } from "../ui/adapter.ts";
import { lineChart } from "../ui/chart.ts";
import { button, fileDrop, segments } from "../ui/controls.ts";
import { h, onTheme } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { card, openPage } from "../ui/page.ts";
import { statusLine } from "../ui/parts.ts";
import { watchLife } from "../ui/workerLife.ts";
import { CLASSIC, type ClassicName } from "./classic.ts";
import { kernelEditor, kernelIcon, kernelTable } from "./grid.ts";
import type { Answer, Order, Planes } from "./messages.ts";
import { meta } from "./meta.ts";
import { asColors, asSigns, drawSample, planesOf, readPicture } from "./picture.ts";
import { text } from "./text.ts";
import "./kernels.css";

/** px, on a device and on the CPU reference. */
const SIDE = { device: 480, reference: 120 };
const FIRST: ClassicName = "sobelX";

let side = SIDE.device;
let weights: readonly number[] = CLASSIC[FIRST];
let before: ImageData | undefined;
let after: Planes | undefined;
let view: "colors" | "signs" = "signs";
/** The picture after the kernel, where the user brings one. */
let target: Planes | undefined;
let learnt: readonly number[] | undefined;
let learningFor: readonly number[] | undefined;

let worker: Worker | undefined;
/** Orders go to the worker; another one takes the place of one that is gone. */
function order(it: Order): void {
  if (!worker) {
    worker = hire();
    if (it.kind !== "picture" && before) worker.postMessage({ kind: "picture", picture: planesOf(before) });
  }
  worker.postMessage(it);
}

function hire(): Worker {
  const hired = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  hired.addEventListener("message", ({ data }: MessageEvent<Answer>) => hear(data));
  hired.addEventListener("error", ({ message }) => hear({ kind: "failed", doing: "open", reason: message ?? "" }));
  watchLife(hired, () => {
    worker = undefined;
    if (learn.disabled) hear({ kind: "failed", doing: "learn", reason: text.wrong.ended });
    hear({ kind: "failed", doing: "filter", reason: text.wrong.ended });
  });
  return hired;
}

// The picture.
const canvas = (label: string) => h("canvas", { class: "picture", attributes: { role: "img", "aria-label": label } });
const [left, right] = [canvas(text.picture.beforeLabel), canvas(text.picture.afterLabel)];
const pictureStatus = statusLine(text.picture.waiting, "busy");
const took = h("span", { class: "number" });
const views = segments({
  label: text.picture.show,
  options: (["signs", "colors"] as const).map((value) => ({ value, label: text.picture.views[value] })),
  value: view,
  onChange: (value) => {
    view = value;
    showAfter();
  },
});
const drop = fileDrop({
  label: text.picture.drop,
  accept: "image/*",
  onFile: async (file) => setPicture(await readPicture(file, side)),
});
const toSample = button(text.picture.sample, () => setPicture(drawSample(side)), { kind: "slim" });
drop.element.prepend(h("div", { class: "row tight" }, drop.element.firstElementChild as Element, toSample));

// The kernel.
const editor = kernelEditor(setWeights);
const classics = (Object.keys(CLASSIC) as ClassicName[]).map((name) => {
  const choose = h(
    "button",
    { class: "classic", attributes: { type: "button" }, on: { click: () => setKernel(CLASSIC[name]) } },
    kernelIcon(CLASSIC[name]),
    text.kernel.names[name],
  );
  return { name, choose };
});

// Learning.
const learnStatus = statusLine(text.learn.idle);
const chart = lineChart({
  title: text.learn.chart,
  series: [{ label: text.learn.loss, color: "--series-1" }],
  format: (value) => number(value, 2),
  isLog: true,
  height: 190,
  waiting: text.learn.waiting,
});
const learntTable = kernelTable(text.learn.learnt);
const targetDrop = fileDrop({
  label: text.learn.drop,
  accept: "image/*",
  onFile: async (file) => {
    const found = await readPicture(file, side);
    const own = before as ImageData;
    if (found.width !== own.width || found.height !== own.height)
      throw new Error(text.wrong.differs(found.width, found.height, own.width, own.height));
    target = planesOf(found);
    targetDrop.say("");
    learnStatus.say(file.name);
  },
});
targetDrop.element.hidden = true;
const targets = segments({
  label: text.learn.target,
  options: (["kernel", "file"] as const).map((value) => ({ value, label: text.learn.targets[value] })),
  value: "kernel",
  onChange: (value) => {
    targetDrop.element.hidden = value !== "file";
  },
});
const learn = button(text.learn.start, startLearning, { kind: "primary", isDisabled: true });
const stop = button(text.learn.stop, () => order({ kind: "stop" }), { isDisabled: true });
const use = button(text.learn.use, () => learnt && setKernel(learnt), { isDisabled: true });

const line = adapterLine();
openPage(meta).append(
  line.element,
  h(
    "div",
    { class: "split even" },
    card(
      text.picture.title,
      { class: "picture-card" },
      h(
        "div",
        { class: "pair", attributes: { "data-picture": true } },
        h("figure", {}, left, h("figcaption", { class: "quiet small" }, text.picture.before)),
        h("figure", {}, right, h("figcaption", { class: "quiet small row" }, text.picture.after, took)),
      ),
      h(
        "div",
        { class: "halves" },
        h("div", { class: "stack tight" }, views.element, pictureStatus.element),
        drop.element,
      ),
    ),
    card(
      text.kernel.title,
      { note: text.kernel.note },
      editor.element,
      h("h3", {}, text.kernel.classics),
      h("div", { class: "classics" }, ...classics.map(({ choose }) => choose)),
    ),
  ),
  card(
    text.learn.title,
    { note: text.learn.note },
    h(
      "div",
      { class: "split" },
      h(
        "div",
        { class: "stack" },
        h("div", { class: "halves" }, targets.element, targetDrop.element),
        h("div", { class: "buttons wide" }, learn, stop, use),
        learnStatus.element,
        chart.element,
      ),
      learntTable.element,
    ),
  ),
);

// Live: the worker has at most one order to filter; the newest kernel waits for its answer.
let isFiltering = false;
let isStale = false;
function filter(): void {
  isStale = isFiltering;
  if (isFiltering || !before) return;
  isFiltering = true;
  order({ kind: "filter", weights });
}

function setWeights(next: readonly number[]): void {
  weights = next;
  for (const { name, choose } of classics) {
    choose.setAttribute("aria-pressed", `${CLASSIC[name].every((weight, i) => weight === next[i])}`);
  }
  filter();
}

function setKernel(next: readonly number[]): void {
  editor.set(next);
  setWeights(next);
}

function setPicture(image: ImageData): void {
  before = image;
  target = undefined;
  for (const one of [left, right]) {
    one.width = image.width;
    one.height = image.height;
  }
  left.getContext("2d")?.putImageData(image, 0, 0);
  order({ kind: "picture", picture: planesOf(image) });
  learn.disabled = !stop.disabled; // what is still being learnt ends first, and says so
  drop.say("");
  filter();
}

function showAfter(): void {
  if (!after || !before || after.width !== before.width || after.height !== before.height) return;
  right.getContext("2d")?.putImageData(view === "signs" ? asSigns(after) : asColors(after), 0, 0);
}

function startLearning(): void {
  const isFile = targets.value === "file";
  if (isFile && !target) {
    targetDrop.say(text.learn.needsFile);
    return;
  }
  learningFor = isFile ? undefined : weights;
  chart.clear();
  learn.disabled = true;
  stop.disabled = false;
  learnStatus.say(text.learn.starting, "busy");
  order({ kind: "learn", after: isFile ? target : undefined, weights });
}

function hear(answer: Answer): void {
  switch (answer.kind) {
    case "filtered": {
      isFiltering = false;
      after = answer.picture;
      took.textContent = text.picture.took(answer.milliseconds);
      const values = after.values;
      const range = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
      for (const value of values) {
        if (value < range[0]) range[0] = value;
        if (value > range[1]) range[1] = value;
      }
      pictureStatus.say(text.picture.range(...range), "good");
      showAfter();
      if (isStale) filter();
      return;
    }
    case "learning":
      learnt = answer.weights;
      learntTable.set(answer.weights);
      chart.add(answer.step, [answer.loss]);
      learnStatus.say(text.learn.running(answer.step, answer.loss), "busy");
      return;
    case "learnt": {
      endLearning();
      use.disabled = learnt === undefined;
      const off = learningFor && learnt?.map((weight, i) => Math.abs(weight - (learningFor?.[i] ?? 0)));
      const words = {
        found: text.learn.found(answer.step, off && Math.max(...off)),
        stopped: text.learn.stopped(answer.step),
        gaveUp: text.learn.gaveUp(answer.step),
      };
      learnStatus.say(words[answer.outcome], answer.outcome === "found" ? "good" : "");
      return;
    }
    case "failed": {
      const place = answer.doing === "learn" ? learnStatus : pictureStatus;
      place.say(text.wrong.failed(answer.reason), "bad");
      if (answer.doing === "learn") endLearning();
      else isFiltering = false;
    }
  }
}

function endLearning(): void {
  learn.disabled = false;
  stop.disabled = true;
}

onTheme(showAfter);
setKernel(weights);
line.found.then(({ isReference }) => {
  side = isReference ? SIDE.reference : SIDE.device;
  setPicture(drawSample(side));
});
