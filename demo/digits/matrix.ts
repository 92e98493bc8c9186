// The matrix of labels and answers: a table whose mistakes are buttons. One of them is reached by Tab, the others by arrow keys.
import { frame, h, setText } from "../ui/element.ts";
import { count } from "../ui/format.ts";
import { CLASSES, type Tested } from "./setup.ts";
import { text } from "./text.ts";
import { tintOf } from "./tint.ts";

export interface Pair {
  readonly label: number;
  readonly answer: number;
}

interface Place extends Pair {
  readonly isRight: boolean;
  readonly press: HTMLButtonElement;
  readonly cell: HTMLElement;
}

const ROWS_A_FRAME = 2;

const ARROWS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** `times` of at most `most`; none while nothing is known. Most cells are what they were in the test before, and are left alone. */
function showCell({ label, answer, isRight, press, cell }: Place, times: number | undefined, most: number): void {
  const share = `${tintOf(isRight, (times ?? 0) / most)}%`;
  if (cell.style.getPropertyValue("--share") !== share) cell.style.setProperty("--share", share);
  setText(isRight ? cell : press, times === undefined || (times === 0 && !isRight) ? "" : count(times));
  if (isRight) return;
  const isOff = !times && press !== document.activeElement; // nobody loses the place where they are
  if (press.disabled !== isOff) press.disabled = isOff;
  const heard = text.mistakes.cell(times ?? 0, label, answer);
  if (press.ariaLabel !== heard) press.ariaLabel = heard;
}

export interface Matrix {
  readonly element: HTMLElement;
  /** Without counts it is empty again. */
  show(counts: Tested["counts"] | undefined): void;
  /** Marks the pair that was chosen. */
  mark(chosen: Pair | undefined): void;
}

export function confusionMatrix(onChoose: (pair: Pair) => void): Matrix {
  const places = Array.from({ length: CLASSES * CLASSES }, (_, i): Place => {
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

  let age = 0;
  /** Some rows a frame: all at once are more than a page has time for between two of them. */
  async function showRows(counts: Tested["counts"] | undefined, most: number): Promise<void> {
    const mine = ++age;
    for (const digit of digits) {
      const row = places.slice(digit * CLASSES, (digit + 1) * CLASSES);
      const times = counts?.slice(digit * CLASSES, (digit + 1) * CLASSES) ?? [];
      const of = Math.max(
        1,
        times.reduce((sum, one) => sum + one, 0),
      );
      row.forEach((place, i) => {
        showCell(place, counts && times[i], place.isRight ? of : most);
      });
      if (digit % ROWS_A_FRAME === ROWS_A_FRAME - 1 && counts) await frame();
      if (mine !== age) return;
    }
    if (places[tabStop]?.press.disabled ?? true) {
      reachedByTab(places.findIndex(({ press, isRight }) => !isRight && !press.disabled));
    }
  }

  return {
    element,
    show(counts) {
      const most = Math.max(1, ...(counts ?? []).filter((_, i) => i % (CLASSES + 1) !== 0));
      void showRows(counts, most);
    },
    mark(chosen) {
      for (const { label, answer, press } of places) {
        press.setAttribute("aria-pressed", `${label === chosen?.label && answer === chosen.answer}`);
      }
    },
  };
}
