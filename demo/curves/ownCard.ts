// The user's own points as lines of text: for keyboards, and for points from elsewhere.
import { button } from "../ui/controls.ts";
import { freshId, h } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { readLines, writeLines } from "./ownPoints.ts";
import type { Points } from "./shapes.ts";
import { text } from "./text.ts";

const said = text.own;

export function ownCard(options: { readonly shown: () => Points; readonly onPoints: (points: Points) => void }): {
  readonly element: HTMLElement;
  say(sentence: string): void;
} {
  const id = freshId("lines");
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, attributes: { role: "alert" } });
  const fine = h("p", { class: "quiet small", attributes: { role: "status" } });
  const lines = h("textarea", {
    id,
    class: "input",
    attributes: { rows: 5, placeholder: said.placeholder, spellcheck: "false", "aria-describedby": wrong.id },
  });
  const say = (sentence: string, mistake = "") => {
    fine.textContent = sentence;
    wrong.textContent = mistake;
    lines.setAttribute("aria-invalid", `${mistake !== ""}`);
  };
  const use = button(said.use, () => {
    try {
      const { points, isStretched } = readLines(lines.value);
      options.onPoints(points);
      say(said.used(points.x.length, isStretched));
    } catch (error) {
      say("", (error as Error).message);
    }
  });
  const show = () => {
    lines.value = writeLines(options.shown());
    say(said.shown(options.shown().x.length));
  };
  const clear = () => {
    options.onPoints({ x: [], y: [] });
    say(said.cleared);
  };
  const element = card(
    said.title,
    { note: said.note },
    h("div", { class: "field" }, h("label", { attributes: { for: id } }, said.label), lines, wrong, fine),
    h(
      "div",
      { class: "buttons" },
      use,
      button(said.show, show, { kind: "slim" }),
      button(said.clear, clear, { kind: "slim" }),
    ),
  );
  return { element, say };
}
