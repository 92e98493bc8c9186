// Own points as a table: to paste, to drop, to look at.
import { button, fileDrop } from "../ui/controls.ts";
import { freshId, h } from "../ui/element.ts";
import { card } from "../ui/page.ts";
import { MOST_CHARACTERS, readCsv, writeCsv } from "./csv.ts";
import { type Points, pointsOf } from "./points.ts";
import { text } from "./text.ts";

export function ownPoints(options: {
  readonly shown: () => Points;
  readonly onPoints: (points: Points) => void;
}): HTMLElement {
  const said = text.own;
  const id = freshId("table");
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, attributes: { role: "alert" } });
  const fine = h("p", { class: "quiet small", attributes: { role: "status" } });
  const table = h("textarea", {
    id,
    class: "input",
    attributes: { rows: 6, placeholder: said.placeholder, spellcheck: "false", "aria-describedby": wrong.id },
  });
  const say = (sentence: string, mistake = "") => {
    fine.textContent = sentence;
    wrong.textContent = mistake;
    table.setAttribute("aria-invalid", `${mistake !== ""}`);
  };
  const take = (given: string) => {
    const { points, sentence } = readCsv(given);
    options.onPoints(points);
    say(sentence);
  };
  const use = button(said.use, () => {
    try {
      take(table.value);
    } catch (error) {
      say("", (error as Error).message);
    }
  });
  const fill = button(
    said.show,
    () => {
      table.value = writeCsv(options.shown());
      say(said.shown(options.shown().count));
    },
    { kind: "slim" },
  );
  const clear = button(
    said.clear,
    () => {
      const { task, classes } = options.shown();
      options.onPoints(pointsOf(task, [], { classes }));
      say(said.cleared);
    },
    { kind: "slim" },
  );
  const drop = fileDrop({
    label: said.drop,
    accept: ".csv,.tsv,.txt,text/csv,text/plain",
    onFile: async (file) => {
      if (file.size > 4 * MOST_CHARACTERS) throw new Error(text.csv.large(file.size));
      const given = await file.text().catch(() => {
        throw new Error(text.csv.unreadable); // a folder, or a file that is gone
      });
      take(given);
    },
  });
  return card(
    said.title,
    { note: said.note },
    h("div", { class: "field" }, h("label", { attributes: { for: id } }, said.label), table, wrong, fine),
    h("div", { class: "buttons" }, use, fill, clear),
    drop.element,
  );
}
