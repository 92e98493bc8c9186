// Filters and feature maps of the first layer, as they are now.
import { h, onTheme } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { empty } from "../ui/parts.ts";
import { paintPictures } from "./paint.ts";
import type { Look, Pictures, RunInfo } from "./setup.ts";
import { text } from "./text.ts";

export function insideCard(): { readonly element: HTMLElement; show(look: Look, model: RunInfo["model"]): void } {
  const [filters, maps] = [gallery(), gallery()];
  const [filtersTitle, mapsTitle] = [h("h3"), h("h3")];
  const body = h("div", { class: "inside" }, empty(text.inside.waiting, true));
  const { below, above } = text.inside.legend;
  const legend = h(
    "p",
    { class: "signs small quiet" },
    h("span", { class: "below" }, below),
    h("span", { class: "above" }, above),
  );
  const parts = [
    h("div", { class: "stack tight" }, filtersTitle, filters.element),
    h("div", { class: "stack tight" }, mapsTitle, maps.element),
  ];
  return {
    element: card(text.inside.title, { beside: legend }, body),
    show(look, model) {
      filtersTitle.textContent = text.inside.filters[model];
      mapsTitle.textContent = text.inside.maps[model];
      filters.show(look.filters, text.inside.filters[model]);
      maps.show(look.maps, text.inside.maps[model]);
      if (body.firstChild !== parts[0]) body.replaceChildren(...parts);
    },
  };
}

/** Pictures side by side on one canvas. */
function gallery(): { readonly element: HTMLElement; show(pictures: Pictures, label: string): void } {
  const element = h("canvas", { class: "gallery", attributes: { role: "img" } });
  const narrow = matchMedia("(max-width: 40rem)");
  let last: Pictures | undefined;
  const draw = () => {
    if (last) paintPictures(element, last, narrow.matches ? 4 : 8);
  };
  onTheme(draw);
  narrow.addEventListener("change", draw);
  return {
    element,
    show(pictures, label) {
      last = pictures;
      element.ariaLabel = label;
      element.classList.toggle("one", pictures.count === 1);
      draw();
    },
  };
}
