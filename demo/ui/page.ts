// The frame of a page: bar, head, main part, foot.

import type { Meta } from "./demo.ts";
import { h } from "./element.ts";
import iconUrl from "./icon.svg?url";
import { text } from "./text.ts";

/** Fills the body and returns the part below its head. `isGallery` is for the first page, which leads nowhere else. */
export function openPage(meta: Pick<Meta, "title" | "summary">, { isGallery = false } = {}): HTMLElement {
  const content = h("div", { class: "content" });
  const brand = h(
    "a",
    { class: "brand", attributes: { href: isGallery ? "./" : "../" } },
    h("img", { attributes: { src: iconUrl, alt: "", width: 28, height: 28 } }),
    "gpugrad",
  );
  const bar = h(
    "header",
    { class: "bar" },
    brand,
    !isGallery && h("nav", {}, h("a", { attributes: { href: "../" } }, text.all)),
  );
  const head = h("div", { class: "head" }, h("h1", {}, meta.title), h("p", { class: "lead" }, meta.summary));
  const main = h("main", { id: "main", attributes: { tabindex: -1 } }, head, content);
  const skip = (event: Event) => {
    event.preventDefault(); // pages keep their settings behind the #
    main.focus();
  };
  for (const type of ["dragover", "drop"] as const) document.addEventListener(type, keepPage);
  document.body.replaceChildren(
    h("a", { class: "skip", attributes: { href: "#main" }, on: { click: skip } }, text.skip),
    h("div", { class: "page" }, bar, main, h("footer", { class: "foot" }, h("p", {}, text.foot))),
  );
  return content;
}

/** A file that is dropped beside the place for it would be opened instead of the page. */
function keepPage(event: DragEvent): void {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

/** A card with a title, an optional sentence below it, and what it holds. */
export function card(
  title: string,
  { note, class: more = "", beside }: { note?: string; class?: string; beside?: HTMLElement } = {},
  ...content: readonly (Node | string)[]
): HTMLElement {
  const header = h("header", {}, h("h2", {}, title), beside, note !== undefined && h("p", {}, note));
  return h("section", { class: `card ${more}`.trim() }, header, ...content);
}
