// The matrix of labels and answers, and the mistaken digits behind each of its numbers.
import { button } from "../ui/controls.ts";
import { frame, h, onTheme } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { empty } from "../ui/parts.ts";
import { confusionMatrix, type Pair } from "./matrix.ts";
import { sheetOfDigits } from "./paint.ts";
import { CLASSES, type Digits, type Mistake, PIXELS, SHOWN_MISTAKES, type Tested } from "./setup.ts";
import { text } from "./text.ts";

/** Pictures that come in one frame. */
const NEW_A_FRAME = 6;

interface Shown {
  readonly mistakes: readonly Mistake[];
  readonly pixels: Uint8Array;
}

/** Makes the card. `fetchDigits` gets pixels of test digits, `onChoose` is told of a digit that was chosen. */
export function mistakesCard(
  fetchDigits: (indices: readonly number[]) => Promise<Digits>,
  onChoose: (pixels: Uint8Array, label: number) => void,
): { readonly element: HTMLElement; show(tested: Tested): void; clear(): void } {
  const said = text.mistakes;
  let tested: Tested | undefined;
  let chosen: Pair | undefined;
  let shown: Shown | undefined;
  /** The URL of their pictures. */
  let sheet = "";
  let asked = 0;

  const matrix = confusionMatrix((pair) => choose(pair));
  matrix.show(undefined);
  const words = h("p", { class: "quiet small", attributes: { "aria-live": "polite" } });
  const all = button(said.allButton, () => choose(undefined), { kind: "slim", isDisabled: true });
  const pictures = h("div", { class: "pictures" }, empty(said.waiting));
  /** Made once: what they show changes. */
  const items: ReturnType<typeof item>[] = [];
  function item(i: number) {
    const picture = h("span", { class: "picture" }); // the button says what it is
    const short = h("span", { attributes: { "aria-hidden": "true" } });
    const show = () => {
      const { mistakes, pixels } = shown ?? { mistakes: [] };
      const mistake = mistakes[i];
      if (mistake && pixels) onChoose(pixels.slice(i * PIXELS, (i + 1) * PIXELS), mistake.label);
    };
    const press = h(
      "button",
      { class: "mistake", attributes: { type: "button" }, on: { click: show } },
      picture,
      short,
    );
    picture.style.setProperty("--at", `${i}`);
    return { press, short };
  }

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
      await draw({ mistakes, pixels });
    } catch {
      // the run was opened anew meanwhile: the next test shows them
    }
  }

  /** Shows other mistakes, once their pictures are there. */
  async function draw(next: Shown): Promise<void> {
    const { mistakes, pixels } = next;
    const mine = asked;
    const made = mistakes.length > 0 ? await sheetOfDigits(pixels) : "";
    URL.revokeObjectURL(mine === asked ? sheet : made);
    if (mine !== asked) return;
    [shown, sheet] = [next, made];
    pictures.style.setProperty("--sheet", `url("${sheet}")`);
    pictures.style.setProperty("--count", `${mistakes.length}`);
    while (items.length < mistakes.length) items.push(item(items.length));
    for (const [i, { label, answer }] of mistakes.entries()) {
      const { press, short } = items[i] as (typeof items)[number];
      press.ariaLabel = said.choose(label, answer);
      short.textContent = said.short(label, answer);
    }
    if (mistakes.length === 0) {
      pictures.replaceChildren(empty(said.none));
      return;
    }
    if (pictures.firstChild !== items[0]?.press) pictures.replaceChildren();
    while (pictures.childElementCount > mistakes.length) pictures.lastElementChild?.remove();
    for (const { press } of items.slice(pictures.childElementCount, mistakes.length)) {
      pictures.append(press);
      if (pictures.childElementCount % NEW_A_FRAME === 0) await frame();
      if (mine !== asked) return;
    }
  }
  onTheme(() => void (shown && draw(shown)));

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
