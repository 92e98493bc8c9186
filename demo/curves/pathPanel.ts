// One optimiser's picture: its name, the height it has reached, the surface with its path, and its rate.
import { slider } from "../ui/controls.ts";
import { h, setText } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import { OPTIMIZERS, type OptimizerName, RATES } from "./surfaces.ts";
import { text } from "./text.ts";

const said = text.paths;

/** The colour of optimiser `i`, as a CSS variable. */
export const tintOf = (i: number): string => `--series-${i + 1}`;

export interface PathPanel {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly tint: string;
  setRate(rate: number): void;
  /** Shows the height, and describes the picture where it stands still. */
  tell(height: string, surface: string, isStill: boolean): void;
}

export interface PathPanelOptions {
  readonly rate: number;
  readonly onRate: (rate: number) => void;
  /** Told the place under a pressed pointer, in parts of a thousand from the lower left corner. */
  readonly onDrag: (start: readonly [x: number, y: number]) => void;
  readonly onDrop: () => void;
}

export function pathPanel(i: number, { rate, onRate, onDrag, onDrop }: PathPanelOptions): PathPanel {
  const name = text.optimizers[OPTIMIZERS[i] as OptimizerName];
  const canvas = h("canvas", { attributes: { role: "img", "aria-label": name } });
  const height = h("span", { class: "number quiet" }, "–");
  const rates = slider({
    ...{ label: said.rate, values: RATES, value: rate, format: (value: number) => number(value) },
    onChange: onRate,
  });
  rates.element.querySelector("input")?.setAttribute("aria-label", `${said.rate}, ${name}`);
  const key = h("span", { class: "key" }, name);
  key.style.setProperty("--key", `var(${tintOf(i)})`);

  let isPressed = false;
  const drag = ({ clientX, clientY }: PointerEvent) => {
    const { left, bottom, width, height } = canvas.getBoundingClientRect();
    const part = (share: number) => Math.round(1000 * Math.min(1, Math.max(0, share)));
    onDrag([part((clientX - left) / width), part((bottom - clientY) / height)]);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    canvas.setPointerCapture(event.pointerId);
    isPressed = true;
    drag(event);
  });
  canvas.addEventListener("pointermove", (event) => isPressed && drag(event));
  for (const type of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(type, () => {
      if (isPressed) onDrop();
      isPressed = false;
    });
  }
  return {
    element: h("figure", { class: "path-panel" }, h("figcaption", {}, key, height), canvas, rates.element),
    ...{ canvas, tint: tintOf(i) },
    setRate: rates.set,
    tell(words, surface, isStill) {
      setText(height, words);
      if (isStill) canvas.setAttribute("aria-label", said.panel(name, surface, words));
    },
  };
}
