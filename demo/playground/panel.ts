// The settings: controls that tell of every change, and show whatever the run is.
import { button, type Control, hint, select, slider, toggle } from "../ui/controls.ts";
import { freshId, h } from "../ui/element.ts";
import { count, number, percent } from "../ui/format.ts";
import { card } from "../ui/page.ts";
import type { Points } from "./points.ts";
import {
  ACTIVATIONS,
  INITIALIZERS,
  type LossName,
  lossesFor,
  MOST_LAYERS,
  MOST_SEED,
  MOST_UNITS,
  OPTIMIZERS,
  SCHEDULES,
  type Settings,
  STOPS,
} from "./settings.ts";
import { text } from "./text.ts";

const said = text.settings;

export interface Panel {
  readonly element: HTMLElement;
  /** Shows these settings. */
  show(settings: Settings, points: Points): void;
}

const options = <Value extends string>(values: readonly Value[], labels: Readonly<Record<Value, string>>) =>
  values.map((value) => ({ value, label: labels[value] }));

export function panel(onChange: (changes: Partial<Settings>) => void): Panel {
  /** A control for one setting. */
  const controls: { readonly [Key in keyof Settings]?: Control<never> } = {};
  const listed = <Key extends keyof Settings>(
    key: Key,
    label: string,
    values: readonly (Settings[Key] & string)[],
    labels: Readonly<Record<Settings[Key] & string, string>>,
  ) => {
    const control = select({
      label,
      options: options(values, labels),
      value: values[0] as Settings[Key] & string,
      onChange: (value) => onChange({ [key]: value } as Partial<Settings>),
    });
    Object.assign(controls, { [key]: control });
    return control.element;
  };
  const sliding = <Key extends keyof Settings & keyof typeof STOPS>(
    key: Key,
    label: string,
    format?: (value: number) => string,
  ) => {
    const explained = key in said.hints ? { hint: said.hints[key as keyof typeof said.hints] } : {};
    const control = slider({
      ...{ label, values: STOPS[key], value: STOPS[key][0], ...(format ? { format } : {}), ...explained },
      onChange: (value) => onChange({ [key]: value }),
    });
    Object.assign(controls, { [key]: control });
    return control.element;
  };

  const strength = (value: number) => (value === 0 ? said.off : number(value));
  const batchNorm = toggle({ label: said.batchNorm, value: false, onChange: (isOn) => onChange({ batchNorm: isOn }) });
  const problem = problemSelect((value) => onChange({ problem: value }));
  const layers = layerList((next) => onChange({ layers: next }));
  const loss = lossChoice((value) => onChange({ loss: value }));
  const seed = seedField((value) => onChange({ seed: value }));

  const data = card(
    said.data,
    {},
    problem.element,
    h("div", { class: "pair" }, sliding("count", said.count), sliding("noise", said.noise)),
    seed.element,
  );
  const network = card(
    said.network,
    {},
    layers.element,
    h(
      "div",
      { class: "pair" },
      listed("activation", said.activation, ACTIVATIONS, text.activations),
      listed("initializer", said.initializer, INITIALIZERS, text.initializers),
    ),
    sliding("dropout", said.dropout, (value) => (value === 0 ? said.off : percent(value, 0))),
    h("div", { class: "row tight" }, batchNorm.element, hint(said.batchNorm, said.hints.batchNorm)),
  );
  const training = card(
    said.training,
    {},
    h("div", { class: "pair" }, loss.element, listed("optimizer", said.optimizer, OPTIMIZERS, text.optimizers)),
    h(
      "div",
      { class: "pair" },
      sliding("rate", said.rate, (value) => number(value)),
      sliding("batch", said.batch, (value) => (value === 1000 ? said.all : count(value))),
    ),
    h(
      "div",
      { class: "pair" },
      listed("schedule", said.schedule, SCHEDULES, text.schedules),
      sliding("horizon", said.horizon),
    ),
    h("div", { class: "pair" }, sliding("l1", said.l1, strength), sliding("l2", said.l2, strength)),
  );

  return {
    element: h("div", { class: "stack settings" }, data, network, training),
    show(settings, points) {
      for (const [key, control] of Object.entries(controls)) control.set(settings[key as keyof Settings] as never);
      batchNorm.set(settings.batchNorm);
      problem.set(settings.problem);
      layers.set(settings.layers);
      loss.set(settings.loss, lossesFor(points.task, points.classes));
      seed.set(settings.seed);
      const isOwn = settings.problem === "own";
      controls.count?.disable(isOwn);
      controls.noise?.disable(isOwn);
      controls.horizon?.disable(settings.schedule === "constant");
      const isBare = settings.layers.length === 0;
      controls.activation?.disable(isBare);
      controls.dropout?.disable(isBare);
      batchNorm.disable(isBare);
    },
  };
}

/** All problems, by what they ask. */
function problemSelect(onChange: (problem: Settings["problem"]) => void) {
  const id = freshId("problem");
  const families: Readonly<Record<keyof typeof said.families, readonly Settings["problem"][]>> = {
    classes: ["xor", "arcs", "coin", "kingdoms", "circles", "spirals", "blobs", "rare"],
    values: ["plane", "saddle", "hills", "ripple"],
    own: ["own"],
  };
  const groups = Object.entries(families).map(([family, names]) =>
    h(
      "optgroup",
      { attributes: { label: said.families[family as keyof typeof families] } },
      ...names.map((value) => h("option", { attributes: { value } }, text.problems[value])),
    ),
  );
  const list = h("select", { id, on: { change: () => onChange(list.value as Settings["problem"]) } }, ...groups);
  return {
    element: h("div", { class: "field" }, h("label", { attributes: { for: id } }, said.problem), list),
    set(value: Settings["problem"]) {
      list.value = value;
    },
  };
}

/** A row for each hidden layer. Whoever presses a button keeps the focus on the one that took its place. */
function layerList(onChange: (layers: readonly number[]) => void) {
  let layers: readonly number[] = [];
  const rows = h("ol", { class: "layers" });
  const add = button(said.add, () => onChange([...layers, layers.at(-1) ?? 8]), { kind: "slim" });
  const small = (sign: string, label: string, isDisabled: boolean, next: () => readonly number[]) => {
    const made = button(sign, () => onChange(next()), { kind: "slim", isDisabled });
    made.setAttribute("aria-label", label);
    return made;
  };
  const changed = (at: number, by: number) => layers.map((units, i) => (i === at ? units + by : units));
  return {
    element: h("fieldset", { class: "field" }, h("legend", {}, said.layers), rows, add),
    set(next: readonly number[]) {
      if (rows.childElementCount > 0 && next.join() === layers.join()) return;
      const held = (document.activeElement as HTMLElement | null)?.getAttribute("aria-label");
      layers = next;
      const lines = layers.map((units, i) =>
        h(
          "li",
          {},
          h("span", { class: "name" }, said.layer(i + 1)),
          small("−", said.fewer(i + 1), units <= 1, () => changed(i, -1)),
          h("output", {}, said.units(units)),
          small("+", said.more(i + 1), units >= MOST_UNITS, () => changed(i, 1)),
          small("×", said.remove(i + 1), false, () => layers.filter((_, at) => at !== i)),
        ),
      );
      rows.replaceChildren(...(lines.length > 0 ? lines : [h("li", { class: "none quiet small" }, said.none)]));
      add.disabled = layers.length >= MOST_LAYERS;
      const again = held && [...rows.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === held);
      if (again) again.focus();
    },
  };
}

/** The losses that the problem has. */
function lossChoice(onChange: (loss: LossName) => void) {
  const holder = h("div");
  let offered = "";
  let control: Control<LossName> | undefined;
  return {
    element: holder,
    set(value: LossName, losses: readonly LossName[]) {
      if (offered !== losses.join()) {
        offered = losses.join();
        control = select({ label: said.loss, options: options(losses, text.losses), value, onChange });
        holder.replaceChildren(control.element);
      }
      control?.set(value);
    },
  };
}

function seedField(onChange: (seed: number) => void) {
  const id = freshId("seed");
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, attributes: { role: "alert" } });
  const input = h("input", {
    id,
    class: "input number",
    attributes: { type: "text", inputmode: "numeric", autocomplete: "off", "aria-describedby": wrong.id },
    on: {
      change: () => {
        const seed = Number(input.value.trim());
        const isRight = /^\d{1,10}$/.test(input.value.trim()) && seed <= MOST_SEED;
        input.setAttribute("aria-invalid", `${!isRight}`);
        wrong.textContent = isRight ? "" : said.seedWrong(MOST_SEED);
        if (isRight) onChange(seed);
      },
    },
  });
  const fresh = button(said.newSeed, () => onChange(Math.floor(Math.random() * 10_000)), { kind: "slim" });
  const top = h(
    "div",
    { class: "top" },
    h("label", { class: "label", attributes: { for: id } }, said.seed),
    hint(said.seed, said.hints.seed),
  );
  return {
    element: h("div", { class: "field" }, top, h("div", { class: "row seed" }, input, fresh), wrong),
    set(seed: number) {
      input.value = `${seed}`;
      input.setAttribute("aria-invalid", "false");
      wrong.textContent = "";
    },
  };
}
