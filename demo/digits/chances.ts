// Ten bars: how likely the network thinks each digit.
import { h } from "../ui/element.ts";
import { percent } from "../ui/format.ts";
import { CLASSES } from "./setup.ts";
import { text } from "./text.ts";

export function chanceBars(): { readonly element: HTMLElement; set(chances: readonly number[] | undefined): void } {
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const fill = h("span", { class: "fill" });
    const words = h("span", { class: "percent" }, "–");
    const row = h("li", {}, h("span", { class: "digit" }, `${digit}`), h("span", { class: "track" }, fill), words);
    return { row, fill, words };
  });
  return {
    element: h(
      "ol",
      { class: "chances", attributes: { "aria-label": text.draw.chances } },
      ...rows.map(({ row }) => row),
    ),
    set(chances) {
      const best = chances ? chances.indexOf(Math.max(...chances)) : -1;
      rows.forEach(({ row, fill, words }, digit) => {
        const chance = chances?.[digit] ?? 0;
        fill.style.scale = `${chance} 1`;
        words.textContent = chances ? percent(chance, 0) : "–";
        row.classList.toggle("best", digit === best);
      });
    },
  };
}
