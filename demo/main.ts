// The gallery: what this browser can compute on, and a card for each folder beside this file that has a `meta.ts`.
import { meta as own } from "./meta.ts";
import { example, text } from "./text.ts";
import { adapterLine } from "./ui/adapter.ts";
import type { Meta } from "./ui/demo.ts";
import { h } from "./ui/element.ts";
import { openPage } from "./ui/page.ts";
import { empty } from "./ui/parts.ts";
import "./gallery.css";

const metas = import.meta.glob<Meta>("./*/meta.ts", { eager: true, import: "meta" });
/** Drawn by hand, and those that `npm run pictures` takes from the real pages. */
const drawn = import.meta.glob<string>("./*/picture.svg", { eager: true, import: "default", query: "?url" });
const taken = import.meta.glob<string>("./*/picture.png", { eager: true, import: "default", query: "?url" });

const demos = Object.entries(metas)
  .map(([file, meta]) => ({ name: file.split("/")[1] as string, ...meta }))
  .sort((a, b) => a.order - b.order || a.name.localeCompare(b.name));

function demoCard({ name, title, summary }: (typeof demos)[number]): HTMLElement {
  const src = taken[`./${name}/picture.png`] ?? drawn[`./${name}/picture.svg`];
  const picture = src && h("img", { attributes: { src, alt: "", width: 640, height: 400 } });
  return h(
    "li",
    {},
    h(
      "a",
      { class: "demo", attributes: { href: `./${name}/${import.meta.env.DEV ? "index.html" : ""}` } },
      h("div", { class: "picture" }, picture || null),
      h("div", { class: "words" }, h("h3", {}, title), h("p", {}, summary)),
    ),
  );
}

document.title = own.title;
const main = openPage({ title: text.headline, summary: text.lead }, { isGallery: true });
main.append(
  adapterLine().element,
  h(
    "section",
    { class: "stack", attributes: { "aria-labelledby": "demos" } },
    h("h2", { id: "demos", class: "only-heard" }, text.demos),
    demos.length > 0 ? h("ul", { class: "demos" }, ...demos.map(demoCard)) : empty(text.empty),
  ),
  h(
    "section",
    { class: "code-part", attributes: { "aria-labelledby": "code" } },
    h(
      "div",
      { class: "stack tight" },
      h("h2", { id: "code" }, text.code.title),
      h("p", { class: "quiet" }, text.code.note),
    ),
    h("pre", { class: "code", attributes: { tabindex: 0 } }, h("code", {}, example)),
  ),
);
