// What a visitor can change about a run. Another network begins anew; rate and batch size go on from what was learnt.
import { segments, slider } from "../ui/controls.ts";
import { h } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import type { Run } from "./run.ts";
import type { ModelName, RunInfo, Setup } from "./setup.ts";
import { text } from "./text.ts";

const MODELS = ["cnn", "mlp"] as const;
const RATES = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1];
const BATCHES = [16, 32, 64, 128, 256];

/** Makes the controls; `showModel` says which network there is, for the reference has only one. */
export function runSettings(
  run: Run,
  startOver: (next: Partial<Setup>) => void,
): { readonly element: HTMLElement; showModel(model: RunInfo["model"]): void } {
  const words = text.training;
  const model = segments<ModelName>({
    label: words.model,
    options: MODELS.map((value) => ({ value, label: words.models[value] })),
    value: run.setup.model,
    onChange: (value) => startOver({ model: value }),
  });
  const batch = segments({
    label: words.batch,
    options: BATCHES.map((size) => ({ value: `${size}`, label: `${size}` })),
    value: `${run.setup.batch}`,
    onChange: (value) => run.goOnWith({ batch: Number(value) }),
  });
  const rate = slider({
    ...{ label: words.rate, hint: words.rateHint, values: RATES, value: run.setup.rate },
    format: (value) => number(value),
    onChange: (value) => run.goOnWith({ rate: value }),
  });
  const note = h("p", { class: "quiet small", attributes: { hidden: true } }, words.smallOnly);
  const network = h("div", { class: "stack tight" }, model.element, note);
  return {
    element: h("div", { class: "settings" }, network, batch.element, rate.element),
    showModel(name) {
      model.element.hidden = name === "small";
      note.hidden = name !== "small";
    },
  };
}
