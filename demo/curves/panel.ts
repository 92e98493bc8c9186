// The settings of a fit: controls that tell of every change, and show whatever is set.
import { button, type Control, hint, select, slider } from "../ui/controls.ts";
import { freshId, h } from "../ui/element.ts";
import { count, number } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import { ACTIVATIONS, CURVES, MOST_SEED, type Settings, STOPS } from "./settings.ts";
import { OPTIMIZERS } from "./surfaces.ts";
import { text } from "./text.ts";

const said = text.settings;

export interface Panel {
  readonly element: HTMLElement;
  show(settings: Settings): void;
}

export function panel(onChange: (changes: Partial<Settings>) => void): Panel {
  const controls: { readonly [Key in keyof Settings]?: Control<never> } = {};
  const listed = <Key extends "curve" | "activation" | "optimizer">(
    key: Key,
    values: readonly Settings[Key][],
    labels: Readonly<Record<Settings[Key], string>>,
  ) => {
    const control = select<Settings[Key]>({
      label: said[key],
      options: values.map((value) => ({ value, label: labels[value] })),
      value: values[0] as Settings[Key],
      onChange: (value) => onChange({ [key]: value }),
    });
    Object.assign(controls, { [key]: control });
    return control.element;
  };
  const sliding = <Key extends Exclude<keyof typeof STOPS, "pace">>(key: Key, format?: (value: number) => string) => {
    const hints: Readonly<Record<string, string>> = said.hints;
    const explained = hints[key] === undefined ? {} : { hint: hints[key] };
    const control = slider({
      ...{ label: said[key], values: STOPS[key], value: STOPS[key][0], ...(format ? { format } : {}), ...explained },
      onChange: (value) => onChange({ [key]: value }),
    });
    Object.assign(controls, { [key]: control });
    return control.element;
  };
  const pair = (...elements: HTMLElement[]) => h("div", { class: "pair" }, ...elements);
  const seed = seedField((value) => onChange({ seed: value }));
  const element = h(
    "div",
    { class: "stack settings" },
    card(said.points, {}, listed("curve", CURVES, text.curves), pair(sliding("count"), sliding("noise")), seed.element),
    card(
      said.network,
      {},
      sliding("units"),
      pair(listed("activation", ACTIVATIONS, text.activations), listed("optimizer", OPTIMIZERS, text.optimizers)),
      pair(
        sliding("rate", (value) => number(value)),
        sliding("batch", (value) => (value === 1000 ? said.all : count(value))),
      ),
    ),
    card(said.polynomial, {}, sliding("degree")),
  );
  return {
    element,
    show(settings) {
      for (const [key, control] of Object.entries(controls)) control.set(settings[key as keyof Settings] as never);
      seed.set(settings.seed);
      for (const key of ["count", "noise"] as const) controls[key]?.disable(settings.curve === "own");
    },
  };
}

function seedField(onChange: (seed: number) => void): { readonly element: HTMLElement; set(seed: number): void } {
  const id = freshId("seed");
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, attributes: { role: "alert" } });
  const say = (isRight: boolean) => {
    input.setAttribute("aria-invalid", `${!isRight}`);
    wrong.textContent = isRight ? "" : said.seedWrong(MOST_SEED);
  };
  const input = h("input", {
    id,
    class: "input number",
    attributes: { type: "text", inputmode: "numeric", autocomplete: "off", "aria-describedby": wrong.id },
    on: {
      change: () => {
        const given = input.value.trim();
        const isRight = /^\d{1,10}$/.test(given) && Number(given) <= MOST_SEED;
        say(isRight);
        if (isRight) onChange(Number(given));
      },
    },
  });
  const fresh = button(said.newSeed, () => onChange(Math.floor(Math.random() * 10_000)), { kind: "slim" });
  const label = h("label", { class: "label", attributes: { for: id } }, said.seed);
  return {
    element: h(
      "div",
      { class: "field" },
      h("div", { class: "top" }, label, hint(said.seed, said.hints.seed)),
      h("div", { class: "row seed" }, input, fresh),
      wrong,
    ),
    set(seed) {
      input.value = `${seed}`;
      say(true);
    },
  };
}
