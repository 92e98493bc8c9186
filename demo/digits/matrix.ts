// The matrix of labels and answers: a table whose mistakes are buttons. One of them is reached by Tab, the others by arrow keys.
import { h } from "../ui/element.ts";
import { count } from "../ui/format.ts";
import { CLASSES, type Tested } from "./setup.ts";
import { text } from "./text.ts";
import { tintOf } from "./tint.ts";

export interface Pair {
  readonly label: number;
  readonly answer: number;
}

const ARROWS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Most cells are what they were in the test before: the page has to lay out those alone that are not. */
function say(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

export interface Matrix {
  readonly element: HTMLElement;
  /** Without counts it is empty again. */
  show(counts: Tested["counts"] | undefined): void;
  /** Marks the pair that was chosen. */
  mark(chosen: Pair | undefined): void;
}

export function confusionMatrix(onChoose: (pair: Pair) => void): Matrix {
  const places = Array.from({ length: CLASSES * CLASSES }, (_, i) => {
    const pair = { label: Math.floor(i / CLASSES), answer: i % CLASSES };
    const isRight = pair.label === pair.answer;
    const attributes = { type: "button", disabled: true, tabindex: -1 };
    const press = h("button", { attributes, on: { click: () => onChoose(pair), focus: () => reachedByTab(i) } });
    return { ...pair, isRight, press, cell: h("td", { class: isRight ? "right-answer" : "" }, !isRight && press) };
  });
  let tabStop = -1;
  function reachedByTab(next: number): void {
    const [before, after] = [places[tabStop], places[next]];
    if (before) before.press.tabIndex = -1;
    if (after) after.press.tabIndex = 0;
    tabStop = next;
  }
  const digits = Array.from({ length: CLASSES }, (_, digit) => digit);
  const rows = digits.map((digit) =>
    h(
      "tr",
      {},
      h("th", { attributes: { scope: "row" } }, `${digit}`),
      ...places.slice(digit * CLASSES, (digit + 1) * CLASSES).map(({ cell }) => cell),
    ),
  );
  const corner = h("th", { attributes: { scope: "col" } }, h("span", { class: "only-heard" }, text.mistakes.digit));
  const element = h(
    "table",
    { class: "matrix" },
    h("caption", { class: "only-heard" }, text.mistakes.caption),
    h(
      "thead",
      {},
      h("tr", {}, corner, ...digits.map((digit) => h("th", { attributes: { scope: "col" } }, `${digit}`))),
    ),
    h("tbody", {}, ...rows),
  );
  element.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    let at = places.findIndex(({ press }) => press === event.target);
    if (!arrow || at < 0) return;
    event.preventDefault();
    let [row, column] = [Math.floor(at / CLASSES), at % CLASSES];
    for (;;) {
      [row, column] = [row + arrow[0], column + arrow[1]];
      if (row < 0 || column < 0 || row >= CLASSES || column >= CLASSES) return;
      at = row * CLASSES + column;
      const { press, isRight } = places[at] as (typeof places)[number];
      if (!isRight && !press.disabled) return press.focus();
    }
  });

  return {
    element,
    show(counts) {
      const most = Math.max(1, ...(counts ?? []).filter((_, i) => i % (CLASSES + 1) !== 0));
      for (const [i, { label, answer, isRight, press, cell }] of places.entries()) {
        const times = counts?.[i] ?? 0;
        const of = (counts ?? []).slice(label * CLASSES, (label + 1) * CLASSES).reduce((sum, one) => sum + one, 0);
        const share = `${tintOf(isRight, times / (isRight ? Math.max(1, of) : most))}%`;
        if (cell.style.getPropertyValue("--share") !== share) cell.style.setProperty("--share", share);
        if (isRight) {
          say(cell, counts ? count(times) : "");
          continue;
        }
        say(press, times > 0 ? count(times) : "");
        const isOff = times === 0 && press !== document.activeElement; // nobody loses the place where they are
        if (press.disabled !== isOff) press.disabled = isOff;
        const heard = text.mistakes.cell(times, label, answer);
        if (press.ariaLabel !== heard) press.ariaLabel = heard;
      }
      if (places[tabStop]?.press.disabled ?? true) {
        reachedByTab(places.findIndex(({ press, isRight }) => !isRight && !press.disabled));
      }
    },
    mark(chosen) {
      for (const { label, answer, press } of places) {
        press.setAttribute("aria-pressed", `${label === chosen?.label && answer === chosen.answer}`);
      }
    },
  };
}
