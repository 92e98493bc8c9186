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
/** What `npm run pictures` takes of the real pages. */
const light = import.meta.glob<string>("./*/picture-light.webp", { eager: true, import: "default", query: "?url" });
const dark = import.meta.glob<string>("./*/picture-dark.webp", { eager: true, import: "default", query: "?url" });

const demos = Object.entries(metas)
  .map(([file, meta]) => ({ name: file.split("/")[1] as string, ...meta }))
  .sort((a, b) => a.order - b.order || a.name.localeCompare(b.name));

function demoCard({ name, title, summary }: (typeof demos)[number]): HTMLElement {
  const src = light[`./${name}/picture-light.webp`];
  const srcset = dark[`./${name}/picture-dark.webp`];
  const picture = h(
    "picture",
    {},
    h("source", { attributes: { media: "(prefers-color-scheme: dark)", srcset } }),
    h("img", { attributes: { src, alt: text.picture(title), width: 960, height: 600 } }),
  );
  return h(
    "li",
    {},
    h(
      "a",
      { class: "demo", attributes: { href: `./${name}/${import.meta.env.DEV ? "index.html" : ""}` } },
      h("div", { class: "picture" }, src ? picture : null),
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
