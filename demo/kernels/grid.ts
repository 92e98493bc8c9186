// Nine numbers in a square: to edit, or only to look at.
import { freshId, h } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { text } from "./text.ts";

const LARGEST = 1000;

/** Tints a cell by its number: how far it is from 0, and on which side. */
function tint(cell: HTMLElement, value: number, reach: number): void {
  const share = reach === 0 ? 0 : Math.round((30 * Math.abs(value)) / reach);
  cell.style.background = `color-mix(in srgb, var(${value < 0 ? "--below" : "--above"}) ${share}%, var(--surface))`;
}

/** As a field takes it: no thousands apart, for there a comma is a decimal point. */
const plain = (value: number) => `${Number(value.toPrecision(3))}`.replace("-", "−");

const reachOf = (weights: readonly number[]) => Math.max(...weights.map(Math.abs));

/** Nine fields. `onChange` is told only of kernels all of whose fields hold numbers. */
export function kernelEditor(onChange: (weights: readonly number[]) => void): {
  readonly element: HTMLElement;
  set(weights: readonly number[]): void;
} {
  const wrongId = freshId("wrong");
  const wrong = h("p", { id: wrongId, class: "wrong", attributes: { role: "alert" } });
  const sum = h("p", { class: "note" });
  const fields = Array.from({ length: 9 }, (_, i) =>
    h("input", {
      class: "cell input",
      attributes: {
        type: "text",
        inputmode: "text",
        autocomplete: "off",
        maxlength: 12,
        "aria-label": text.kernel.cell(Math.floor(i / 3) + 1, (i % 3) + 1),
        "aria-describedby": wrongId,
      },
      on: { input: read, focus: ({ target }) => (target as HTMLInputElement).select() },
    }),
  );
  const show = (weights: readonly number[]) => {
    fields.forEach((field, i) => {
      tint(field, weights[i] as number, reachOf(weights));
    });
    sum.textContent = text.kernel.sum(weights.reduce((total, each) => total + each, 0));
  };
  function read(): void {
    const weights = fields.map(({ value }) => {
      const plain = value.trim().replace("−", "-").replace(",", ".");
      return plain === "" ? Number.NaN : Number(plain);
    });
    const isWrong = (weight: number) => !(Math.abs(weight) <= LARGEST);
    fields.forEach((field, i) => {
      if (isWrong(weights[i] as number)) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
    const bad = weights.findIndex(isWrong);
    wrong.textContent = bad < 0 ? "" : text.kernel.wrong((fields[bad] as HTMLInputElement).value);
    if (bad >= 0) return;
    show(weights);
    onChange(weights);
  }
  return {
    element: h(
      "div",
      { class: "field" },
      h("div", { class: "kernel", attributes: { role: "group", "aria-label": text.kernel.editor } }, ...fields),
      sum,
      wrong,
    ),
    set(weights) {
      fields.forEach((field, i) => {
        field.value = plain(weights[i] as number);
        field.removeAttribute("aria-invalid");
      });
      wrong.textContent = "";
      show(weights);
    },
  };
}

/** Nine numbers to look at, with a name above. */
export function kernelTable(name: string): { readonly element: HTMLElement; set(weights: readonly number[]): void } {
  const cells = Array.from({ length: 9 }, () => h("span", { class: "cell" }, "–"));
  return {
    element: h(
      "figure",
      { class: "field" },
      h("figcaption", { class: "label" }, name),
      h("div", { class: "kernel" }, ...cells),
    ),
    set(weights) {
      cells.forEach((cell, i) => {
        cell.textContent = number(Math.round((weights[i] as number) * 1e4) / 1e4, 3);
        tint(cell, weights[i] as number, reachOf(weights));
      });
    },
  };
}

/** A kernel as nine small squares: what its button shows. */
export function kernelIcon(weights: readonly number[]): HTMLElement {
  const cells = weights.map((weight) => {
    const cell = h("span");
    cell.className = weight < 0 ? "below" : weight > 0 ? "above" : "zero";
    cell.style.opacity = weight === 0 ? "1" : `${0.35 + (0.65 * Math.abs(weight)) / reachOf(weights)}`;
    return cell;
  });
  return h("span", { class: "icon", attributes: { "aria-hidden": "true" } }, ...cells);
}
