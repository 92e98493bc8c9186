// The field to draw on: by mouse, finger, pen or keys.
import { color, h, onTheme } from "../ui/element.ts";
import { centred } from "./centred.ts";
import { digits, sheetOf } from "./paint.ts";
import { type Place, penKeys } from "./penKeys.ts";
import { text } from "./text.ts";

/** px of the canvas, however large it is shown. */
export const SIZE = 280;
const PEN = 21;

export interface Pad {
  readonly element: HTMLElement;
  /** The drawing as MNIST would have it; undefined while there is none. */
  read(): Uint8Array | undefined;
  /** Shows a digit instead of a drawing. */
  show(pixels: Uint8Array): void;
  clear(): void;
}

/** Makes the field; `onDraw` is called once a frame while the visitor draws, and after `clear`. */
export function drawingPad(onDraw: () => void): Pad {
  const canvas = h("canvas", {
    class: "pad",
    attributes: { width: SIZE, height: SIZE, tabindex: 0, role: "application", "aria-label": text.draw.canvas },
  });
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let strokes: Place[][] = [];
  let shown: Uint8Array | undefined;
  /** What `read` found since the last change. */
  let known: { readonly pixels: Uint8Array | undefined } | undefined;
  let isDue = false;

  const redraw = () => {
    known = undefined;
    context.clearRect(0, 0, SIZE, SIZE);
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: color("--ink") });
    if (shown) context.drawImage(sheetOf(digits(shown)), 0, 0, SIZE, SIZE);
    for (const points of strokes) {
      const [first, ...rest] = points;
      if (!first) continue;
      context.beginPath();
      context.moveTo(first.x, first.y);
      for (const { x, y } of rest.length > 0 ? rest : [first]) context.lineTo(x, y);
      context.stroke();
    }
  };
  const changed = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      redraw();
      onDraw();
    });
  };
  const begin = (place: Place) => {
    shown = undefined;
    strokes.push([place]);
    changed();
  };
  const draw = (...places: readonly Place[]) => {
    strokes.at(-1)?.push(...places);
    changed();
  };
  const clear = () => {
    strokes = [];
    shown = undefined;
    changed();
  };

  const place = ({ clientX, clientY }: PointerEvent): Place => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return { x: ((clientX - left) * SIZE) / width, y: ((clientY - top) * SIZE) / width };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    draw(...(events.length > 0 ? events : [event]).map(place));
  });
  const undo = () => {
    strokes.pop();
    changed();
  };
  const ring = penKeys(canvas, SIZE, { begin, draw, clear, undo });
  onTheme(redraw);

  return {
    element: h("div", { class: "pad-frame" }, canvas, ring),
    read() {
      known ??= { pixels: shown ?? (strokes.length > 0 ? centred(canvas) : undefined) };
      return known.pixels;
    },
    show(pixels) {
      strokes = [];
      shown = pixels;
      redraw();
    },
    clear,
  };
}
