// Filters and feature maps of the first layer, as they are now.
import { h, onTheme } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { empty } from "../ui/parts.ts";
import { paintSigns, pixelCanvas, reachOf } from "./paint.ts";
import type { Look, Pictures, RunInfo } from "./setup.ts";
import { text } from "./text.ts";

export function insideCard(): { readonly element: HTMLElement; show(look: Look, model: RunInfo["model"]): void } {
  const filters = gallery(text.inside.filter);
  const maps = gallery(text.inside.map);
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
      filters.show(look.filters);
      maps.show(look.maps);
      if (body.firstChild !== parts[0]) body.replaceChildren(...parts);
    },
  };
}

/** Pictures side by side; their canvases stay, what is on them changes. */
function gallery(name: (i: number) => string): { readonly element: HTMLElement; show(pictures: Pictures): void } {
  const element = h("div", { class: "gallery" });
  let last: Pictures | undefined;
  const draw = () => {
    if (!last) return;
    const { count, width, height, values } = last;
    while (element.childElementCount > count) element.lastElementChild?.remove();
    while (element.childElementCount < count) element.append(pixelCanvas(name(element.childElementCount)));
    const reach = reachOf(values);
    const size = width * height;
    for (const [i, canvas] of [...element.children].entries()) {
      paintSigns(canvas as HTMLCanvasElement, values.subarray(i * size, (i + 1) * size), width, height, reach);
    }
    element.classList.toggle("one", count === 1);
  };
  onTheme(draw);
  return {
    element,
    show(pictures) {
      last = pictures;
      draw();
    },
  };
}
