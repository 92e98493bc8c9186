// The matrix of labels and answers, and the mistaken digits behind each of its numbers.
import { button } from "../ui/controls.ts";
import { h, onTheme } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { empty } from "../ui/parts.ts";
import { confusionMatrix, type Pair } from "./matrix.ts";
import { paintDigit, pixelCanvas } from "./paint.ts";
import { CLASSES, type Digits, type Mistake, PIXELS, SHOWN_MISTAKES, type Tested } from "./setup.ts";
import { text } from "./text.ts";

/** Makes the card. `fetchDigits` gets pixels of test digits, `onChoose` is told of a digit that was chosen. */
export function mistakesCard(
  fetchDigits: (indices: readonly number[]) => Promise<Digits>,
  onChoose: (pixels: Uint8Array, label: number) => void,
): { readonly element: HTMLElement; show(tested: Tested): void; clear(): void } {
  const said = text.mistakes;
  let tested: Tested | undefined;
  let chosen: Pair | undefined;
  let shown: { readonly mistakes: readonly Mistake[]; readonly pixels: Uint8Array } | undefined;
  let asked = 0;

  const matrix = confusionMatrix((pair) => choose(pair));
  matrix.show(undefined);
  const words = h("p", { class: "quiet small", attributes: { "aria-live": "polite" } });
  const all = button(said.allButton, () => choose(undefined), { kind: "slim", isDisabled: true });
  const pictures = h("div", { class: "pictures" }, empty(said.waiting));

  function choose(pair: Pair | undefined): void {
    chosen = pair;
    matrix.mark(pair);
    void showDigits();
  }

  async function showDigits(): Promise<void> {
    if (!tested) return;
    const mine = ++asked;
    const isChosen = ({ label, answer }: Pair) => !chosen || (label === chosen.label && answer === chosen.answer);
    const mistakes = tested.mistakes.filter(isChosen).slice(0, SHOWN_MISTAKES);
    const of = chosen ? (tested.counts[chosen.label * CLASSES + chosen.answer] as number) : tested.count - tested.right;
    words.textContent = chosen
      ? said.some(chosen.label, chosen.answer, mistakes.length, of)
      : said.all(mistakes.length, of);
    all.disabled = !chosen;
    try {
      const { pixels } = await fetchDigits(mistakes.map(({ index }) => index));
      if (mine !== asked) return;
      shown = { mistakes, pixels };
      draw();
    } catch {
      // the run was opened anew meanwhile: the next test shows them
    }
  }

  function draw(): void {
    if (!shown) return;
    const { mistakes, pixels } = shown;
    const items = mistakes.map(({ label, answer }, i) => {
      const canvas = pixelCanvas(); // the button says what it is
      paintDigit(canvas, pixels, i * PIXELS);
      const show = () => onChoose(pixels.slice(i * PIXELS, (i + 1) * PIXELS), label);
      const attributes = { type: "button", "aria-label": said.choose(label, answer) };
      const short = h("span", { attributes: { "aria-hidden": "true" } }, said.short(label, answer));
      return h("button", { class: "mistake", attributes, on: { click: show } }, canvas, short);
    });
    pictures.replaceChildren(...(items.length > 0 ? items : [empty(said.none)]));
  }
  onTheme(draw);

  return {
    element: card(
      said.title,
      { note: said.note },
      h(
        "div",
        { class: "mistakes" },
        h("div", { class: "scroll" }, matrix.element),
        h("div", { class: "stack tight" }, h("div", { class: "row between" }, words, all), pictures),
      ),
    ),
    show(next) {
      tested = next;
      matrix.show(next.counts);
      if (!shown || !pictures.matches(":hover, :focus-within")) void showDigits(); // nothing changes under a hand
    },
    clear() {
      [tested, chosen, shown] = [undefined, undefined, undefined];
      asked++;
      words.textContent = "";
      all.disabled = true;
      matrix.show(undefined);
      matrix.mark(undefined);
      pictures.replaceChildren(empty(said.waiting));
    },
  };
}
