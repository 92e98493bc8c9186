// The matrix of labels and answers, and the mistaken digits behind each of its numbers.
import { button } from "../ui/controls.ts";
import { h, onTheme } from "../ui/element.ts";
import { count } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import { empty } from "../ui/parts.ts";
import { paintDigit, pixelCanvas } from "./paint.ts";
import { CLASSES, type Digits, type Mistake, PIXELS, type Tested } from "./setup.ts";
import { text } from "./text.ts";

const SHOWN = 24;

/** Makes the card. `fetchDigits` gets pixels of test digits, `onChoose` is told of a digit that was chosen. */
export function mistakesCard(
  fetchDigits: (indices: readonly number[]) => Promise<Digits>,
  onChoose: (pixels: Uint8Array, label: number) => void,
): { readonly element: HTMLElement; show(tested: Tested): void; clear(): void } {
  let tested: Tested | undefined;
  let chosen: { label: number; answer: number } | undefined;
  let shown: { mistakes: readonly Mistake[]; pixels: Uint8Array } | undefined;
  let asked = 0;

  const cells = Array.from({ length: CLASSES * CLASSES }, (_, i) => {
    const [label, answer] = [Math.floor(i / CLASSES), i % CLASSES];
    const choose = () => {
      chosen = { label, answer };
      showDigits();
    };
    const press = h("button", { attributes: { type: "button", hidden: true }, on: { click: choose } });
    const cell = h("td", { class: label === answer ? "right-answer" : "" }, label === answer ? "" : press);
    return { label, answer, press, cell };
  });
  const heads = Array.from({ length: CLASSES }, (_, digit) => h("th", { attributes: { scope: "col" } }, `${digit}`));
  const rows = Array.from({ length: CLASSES }, (_, digit) =>
    h(
      "tr",
      {},
      h("th", { attributes: { scope: "row" } }, `${digit}`),
      ...cells.slice(digit * CLASSES, (digit + 1) * CLASSES).map(({ cell }) => cell),
    ),
  );
  const corner = h("th", { attributes: { scope: "col" } }, h("span", { class: "only-heard" }, text.mistakes.digit));
  const matrix = h(
    "table",
    { class: "matrix" },
    h("caption", { class: "only-heard" }, text.mistakes.caption),
    h("thead", {}, h("tr", {}, corner, ...heads)),
    h("tbody", {}, ...rows),
  );
  const words = h("p", { class: "quiet small", attributes: { "aria-live": "polite" } });
  const all = button(
    text.mistakes.allButton,
    () => {
      chosen = undefined;
      showDigits();
    },
    { kind: "slim" },
  );
  all.disabled = true;
  const pictures = h("div", { class: "pictures" }, empty(text.mistakes.waiting));

  async function showDigits(): Promise<void> {
    if (!tested) return;
    const mine = ++asked;
    const of = tested.mistakes.filter(
      ({ label, answer }) => !chosen || (label === chosen.label && answer === chosen.answer),
    );
    const some = of.slice(0, SHOWN);
    for (const { label, answer, press } of cells) {
      press.setAttribute("aria-pressed", `${label === chosen?.label && answer === chosen.answer}`);
    }
    words.textContent = chosen
      ? text.mistakes.some(chosen.label, chosen.answer, some.length)
      : text.mistakes.all(some.length, of.length);
    const { pixels } = await fetchDigits(some.map(({ index }) => index));
    if (mine !== asked) return;
    shown = { mistakes: some, pixels };
    draw();
  }

  function draw(): void {
    if (!shown) return;
    const { mistakes, pixels } = shown;
    const items = mistakes.map(({ label, answer }, i) => {
      const canvas = pixelCanvas("", "pixels");
      canvas.setAttribute("aria-hidden", "true");
      canvas.removeAttribute("role");
      canvas.removeAttribute("aria-label");
      paintDigit(canvas, pixels, i * PIXELS);
      const choose = () => onChoose(pixels.slice(i * PIXELS, (i + 1) * PIXELS), label);
      const attributes = { type: "button", "aria-label": text.mistakes.choose(label, answer) };
      const words = h("span", { attributes: { "aria-hidden": "true" } }, text.mistakes.short(label, answer));
      return h("button", { class: "mistake", attributes, on: { click: choose } }, canvas, words);
    });
    pictures.replaceChildren(...(items.length > 0 ? items : [empty(text.mistakes.none)]));
  }
  onTheme(draw);

  return {
    element: card(
      text.mistakes.title,
      { note: text.mistakes.note },
      h(
        "div",
        { class: "mistakes" },
        h("div", { class: "scroll" }, matrix),
        h("div", { class: "stack tight" }, h("div", { class: "row between" }, words, all), pictures),
      ),
    ),
    show(next) {
      const isFirst = !tested;
      tested = next;
      const most = Math.max(1, ...next.counts.filter((_, i) => i % (CLASSES + 1) !== 0));
      cells.forEach(({ label, answer, press, cell }, i) => {
        const times = next.counts[i] as number;
        const of = next.counts.slice(label * CLASSES, (label + 1) * CLASSES).reduce((sum, one) => sum + one, 0);
        const share = label === answer ? (of === 0 ? 0 : (times / of) * 0.35) : (times / most) * 0.6;
        cell.style.setProperty("--share", `${Math.round(100 * share)}%`);
        if (label === answer) cell.textContent = count(times);
        press.textContent = times > 0 ? count(times) : "";
        press.hidden = times === 0;
        press.setAttribute("aria-label", text.mistakes.cell(times, label, answer));
      });
      all.disabled = next.mistakes.length === 0;
      if (isFirst || (!chosen && next.mistakes.length < SHOWN)) showDigits();
    },
    clear() {
      tested = undefined;
      chosen = undefined;
      shown = undefined;
      asked++;
      words.textContent = "";
      all.disabled = true;
      for (const { press, cell, label, answer } of cells) {
        press.hidden = true;
        if (label === answer) cell.textContent = "";
        cell.style.removeProperty("--share");
      }
      pictures.replaceChildren(empty(text.mistakes.waiting));
    },
  };
}
