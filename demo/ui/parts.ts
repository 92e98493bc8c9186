// What shows something: a sentence of state, a notice, progress, numbers, a table.
import { h, setText } from "./element.ts";
import { text } from "./text.ts";

export type Tone = "" | "good" | "busy" | "warn" | "bad";

/** The one sentence that says what the page is doing; read out when it changes. */
export function statusLine(
  sentence = "",
  tone: Tone = "",
): { element: HTMLElement; say(sentence: string, tone?: Tone): void } {
  const element = h("p", { class: `status ${tone}`, attributes: { role: "status" } }, sentence);
  return {
    element,
    say(next, nextTone = "") {
      element.className = `status ${nextTone}`;
      setText(element, next);
    },
  };
}

/** A paragraph that stands out, with a list of things to try. */
export function notice(tone: "" | "warn" | "bad", title: string, lines: readonly string[]): HTMLElement {
  const list = lines.length === 1 ? h("p", {}, lines[0]) : h("ul", {}, ...lines.map((line) => h("li", {}, line)));
  return h("div", { class: `notice ${tone}`.trim() }, h("h3", {}, title), lines.length > 0 && list);
}

/** An error where it happened. */
export const failure = (error: unknown): HTMLElement =>
  notice("bad", text.error, [error instanceof Error ? error.message : `${error}`]);

/** What stands where nothing is yet. */
export const empty = (sentence: string, isBusy = false): HTMLElement =>
  h("div", { class: isBusy ? "empty busy" : "empty" }, h("p", {}, sentence));

/** A bar that fills up. Without `done` it only says that something goes on. */
export function progressBar(label: string): {
  readonly element: HTMLElement;
  set(share: number | undefined, words: string): void;
} {
  const bar = h("progress", { attributes: { max: 1, "aria-label": label } });
  const words = h("span");
  return {
    element: h("div", { class: "progress" }, h("div", { class: "top" }, h("span", {}, label), words), bar),
    set(share, said) {
      if (share === undefined) bar.removeAttribute("value");
      else bar.value = share;
      words.textContent = said;
    },
  };
}

/** A few numbers that change, each with its name. */
export function stats<Key extends string>(
  names: Readonly<Record<Key, string>>,
): {
  readonly element: HTMLElement;
  set(key: Key, value: string): void;
} {
  const values = {} as Record<Key, HTMLElement>;
  const element = h("dl", { class: "stats" });
  for (const [key, name] of Object.entries(names) as [Key, string][]) {
    values[key] = h("dd", {}, "–");
    element.append(h("div", {}, h("dt", {}, name), values[key]));
  }
  return {
    element,
    set: (key, value) => {
      values[key].textContent = value;
    },
  };
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** A table that rows are added to; its caption is only heard, the first cell of each is its heading. It scrolls sideways where it is too wide. */
export function table(
  caption: string,
  columns: readonly Column[],
): {
  readonly element: HTMLElement;
  add(cells: readonly (string | Node)[]): HTMLTableRowElement;
  clear(): void;
} {
  const side = ({ isNumber }: Column) => (isNumber ? "right" : "");
  const heads = columns.map((column) => h("th", { class: side(column), attributes: { scope: "col" } }, column.title));
  const body = h("tbody");
  const whole = h(
    "table",
    {},
    h("caption", { class: "only-heard" }, caption),
    h("thead", {}, h("tr", {}, ...heads)),
    body,
  );
  return {
    element: h("div", { class: "scroll", attributes: { tabindex: 0, role: "region", "aria-label": caption } }, whole),
    add(cells) {
      const row = h("tr");
      cells.forEach((cell, i) => {
        const props = { class: side(columns[i] as Column) };
        row.append(i === 0 ? h("th", { ...props, attributes: { scope: "row" } }, cell) : h("td", props, cell));
      });
      body.append(row);
      return row;
    },
    clear: () => body.replaceChildren(),
  };
}

/** A short word on a coloured ground. */
export const tag = (word: string, tone: "" | "good" | "warn" | "bad" = ""): HTMLElement =>
  h("span", { class: `tag ${tone}`.trim() }, word);
