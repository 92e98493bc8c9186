// Controls with their labels. Each gives its element and a way to set it from outside without telling anyone.
import { freshId, h } from "./element.ts";
import { number } from "./format.ts";
import { text } from "./text.ts";

/** Something with a value that the page can show and change. */
export interface Control<Value> {
  readonly element: HTMLElement;
  readonly value: Value;
  /** Changes the value without calling `onChange`. */
  set(value: Value): void;
  disable(isDisabled: boolean): void;
}

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

export function button(
  label: string,
  onPress: () => void,
  { kind = "", isDisabled = false }: { readonly kind?: "" | "primary" | "bare" | "slim"; isDisabled?: boolean } = {},
): HTMLButtonElement {
  const attributes = { type: "button", disabled: isDisabled };
  return h("button", { class: `button ${kind}`.trim(), attributes, on: { click: onPress } }, label);
}

/** A choice among a few, all of them in sight. */
export function segments<Value extends string>(given: {
  readonly label: string;
  readonly options: readonly Option<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}): Control<Value> {
  const name = freshId("choice");
  let current = given.value;
  const inputs = given.options.map(({ value }) => {
    const pick = () => {
      current = value;
      given.onChange(value);
    };
    const attributes = { type: "radio", name, value, checked: value === current };
    return h("input", { attributes, on: { change: pick } });
  });
  const choices = given.options.map(({ label }, i) => h("label", {}, inputs[i], h("span", {}, label)));
  return {
    element: h(
      "fieldset",
      { class: "field" },
      h("legend", {}, given.label),
      h("div", { class: "segments" }, ...choices),
    ),
    get value() {
      return current;
    },
    set(value) {
      current = value;
      for (const input of inputs) input.checked = input.value === value;
    },
    disable(isDisabled) {
      for (const input of inputs) input.disabled = isDisabled;
    },
  };
}

/** A number between two bounds; `values` are its stops where they are not evenly spaced. */
export function slider(given: {
  readonly label: string;
  readonly values: readonly number[];
  readonly value: number;
  readonly format?: (value: number) => string;
  readonly hint?: string;
  readonly onChange: (value: number) => void;
}): Control<number> {
  const { values, format = (value: number) => number(value, 6) } = given;
  const id = freshId("slider");
  const closest = (value: number) =>
    values.reduce(
      (best, stop, i) => (Math.abs(stop - value) < Math.abs((values[best] as number) - value) ? i : best),
      0,
    );
  const at = (): number => values[Number(input.value)] as number;
  const output = h("output", { attributes: { for: id } });
  const show = () => {
    output.textContent = format(at());
    input.setAttribute("aria-valuetext", format(at()));
  };
  const input = h("input", {
    id,
    attributes: { type: "range", min: 0, max: values.length - 1, step: 1, value: closest(given.value) },
    on: {
      input: () => {
        show();
        given.onChange(at());
      },
    },
  });
  show();
  const label = h("label", { class: "label", attributes: { for: id } }, given.label);
  const words = h("span", { class: "words" }, label, given.hint ? hint(given.label, given.hint) : null);
  const top = h("div", { class: "top" }, words, output);
  return {
    element: h("div", { class: "field" }, top, input),
    get value() {
      return at();
    },
    set(value) {
      input.value = `${closest(value)}`;
      show();
    },
    disable(isDisabled) {
      input.disabled = isDisabled;
    },
  };
}

/** A choice among many. */
export function select<Value extends string>(given: {
  readonly label: string;
  readonly options: readonly Option<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}): Control<Value> {
  const id = freshId("select");
  const options = given.options.map(({ value, label }) =>
    h("option", { attributes: { value, selected: value === given.value } }, label),
  );
  const list = h("select", { id, on: { change: () => given.onChange(list.value as Value) } }, ...options);
  return {
    element: h("div", { class: "field" }, h("label", { attributes: { for: id } }, given.label), list),
    get value() {
      return list.value as Value;
    },
    set(value) {
      list.value = value;
    },
    disable(isDisabled) {
      list.disabled = isDisabled;
    },
  };
}

/** Something that is on or off. */
export function toggle(given: {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}): Control<boolean> {
  const input = h("input", {
    attributes: { type: "checkbox", role: "switch", checked: given.value },
    on: { change: () => given.onChange(input.checked) },
  });
  return {
    element: h("label", { class: "switch" }, input, given.label),
    get value() {
      return input.checked;
    },
    set(value) {
      input.checked = value;
    },
    disable(isDisabled) {
      input.disabled = isDisabled;
    },
  };
}

/** A place to drop a file on, or to choose one. `onFile` may throw: what its error says is shown here, as text. */
export function fileDrop(given: {
  readonly label: string;
  readonly accept: string;
  readonly onFile: (file: File) => void | Promise<void>;
}): { readonly element: HTMLElement; say(sentence: string): void } {
  const wrong = h("p", { class: "wrong", attributes: { role: "alert", hidden: true } });
  const say = (sentence: string) => {
    wrong.hidden = sentence === "";
    wrong.textContent = sentence;
  };
  const take = async (files: FileList | null | undefined) => {
    const file = files?.item(0);
    say(!files || files.length === 1 ? "" : file ? text.manyFiles(files.length) : text.noFile);
    if (!file || files?.length !== 1) return;
    try {
      await given.onFile(file);
    } catch (error) {
      say((error as Error).message);
    }
  };
  const input = h("input", {
    attributes: { type: "file", accept: given.accept, hidden: true },
    on: {
      change: () => {
        take(input.files);
        input.value = ""; // the same file can be chosen again
      },
    },
  });
  const choose = button(text.choose, () => input.click(), { kind: "slim" });
  const note = h("p", { class: "quiet small" }, given.label);
  const element = h("div", { class: "drop" }, choose, note, wrong, input);
  const over = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    element.classList.toggle("over", isOver);
  };
  element.addEventListener("dragover", over(true));
  element.addEventListener("dragleave", over(false));
  element.addEventListener("drop", (event) => {
    over(false)(event);
    take(event.dataTransfer?.files);
  });
  return { element, say };
}

/** px between an explanation and the edge of the window. */
const MARGIN = 8;

/** A question mark that explains a word when it is pointed at or reached by keyboard; Escape puts it away. */
export function hint(about: string, explanation: string): HTMLElement {
  const id = freshId("hint");
  const tip = h("span", { id, attributes: { role: "tooltip" } }, explanation);
  const element = h(
    "span",
    { class: "hint" },
    h("button", { attributes: { type: "button", "aria-label": text.more(about), "aria-describedby": id } }, "?"),
    tip,
  );
  const open = () => {
    element.classList.remove("shut");
    tip.style.translate = "";
    const over = tip.getBoundingClientRect().right + MARGIN - document.documentElement.clientWidth;
    if (over > 0) tip.style.translate = `${-over}px`;
  };
  element.addEventListener("keydown", ({ key }) => element.classList.toggle("shut", key === "Escape"));
  for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, open);
  return element;
}
