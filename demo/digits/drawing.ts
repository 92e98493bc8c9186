// The card to draw on: the field, what the network sees of it, and what it makes of that.
import { button } from "../ui/controls.ts";
import { h, onTheme, setText } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { statusLine } from "../ui/parts.ts";
import { chanceBars } from "./chances.ts";
import { drawingPad } from "./pad.ts";
import { paintDigit } from "./paint.ts";
import { PIXELS, SIDE } from "./setup.ts";
import { text } from "./text.ts";

export interface DrawingView {
  readonly element: HTMLElement;
  /** What is drawn, as the network sees it; undefined while nothing is. */
  read(): Uint8Array | undefined;
  /** Shows a digit whose label is known. */
  show(pixels: Uint8Array, label: number): void;
  /** Shows the field where a digit was just put on it. */
  bringIntoView(): void;
  /** What the network thinks of what `read` gave; undefined when that was nothing. */
  showChances(chances: readonly number[] | undefined): void;
}

/** Makes the card: `onChange` is told of every change, `onSample` is asked for a test digit. */
export function drawingCard(onChange: () => void, onSample: () => void): DrawingView {
  const words = text.draw;
  let truth: number | undefined;
  const label = { role: "img", "aria-label": words.seen };
  const seen = h("canvas", { class: "pixels seen", attributes: { ...label, width: SIDE, height: SIDE } });
  const bars = chanceBars();
  const answer = statusLine(words.empty);
  answer.element.removeAttribute("role"); // its numbers change many times a second; only the digit is read out
  const heard = h("p", { class: "only-heard", attributes: { role: "status" } });

  const showChances = (chances: readonly number[] | undefined) => {
    bars.set(chances);
    if (!chances) {
      answer.say(words.empty);
      heard.textContent = "";
      return;
    }
    const best = chances.indexOf(Math.max(...chances));
    const told = truth === undefined ? "" : words.truth(truth);
    const isRight = truth === undefined || truth === best;
    answer.say(words.reads(best, chances[best] ?? 0) + told, isRight ? "good" : "bad");
    const said = words.heard(best) + told;
    setText(heard, said);
    document.body.dataset["reads"] = `${best}`;
  };
  const changed = () => {
    const pixels = pad.read();
    paintDigit(seen, pixels ?? new Uint8Array(PIXELS));
    if (!pixels) showChances(undefined);
    onChange();
  };
  const pad = drawingPad(() => {
    truth = undefined;
    changed();
  });
  onTheme(() => paintDigit(seen, pad.read() ?? new Uint8Array(PIXELS)));

  return {
    element: card(
      words.title,
      { note: words.note, class: "drawing" },
      pad.element,
      h("div", { class: "buttons wide" }, button(words.clear, pad.clear), button(words.sample, onSample)),
      h("div", { class: "answer" }, seen, answer.element),
      heard,
      bars.element,
    ),
    read: pad.read,
    show(pixels, label) {
      truth = label;
      pad.show(pixels);
      changed();
    },
    bringIntoView: () => pad.element.scrollIntoView({ block: "nearest", behavior: "smooth" }),
    showChances,
  };
}
