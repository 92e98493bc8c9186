// The field to draw on, and how a drawing becomes what MNIST's digits are: 20 px high or wide, centred by its weight in 28 × 28.
import { color, h, onTheme } from "../ui/element.ts";
import { PIXELS, SIDE } from "./setup.ts";
import { text } from "./text.ts";

const SIZE = 280;
const PEN = 21;
const BOX = 20;

export interface Pad {
  readonly element: HTMLCanvasElement;
  /** The drawing as MNIST would have it; undefined while there is none. */
  read(): Uint8Array | undefined;
  /** Shows a digit instead of a drawing. */
  show(pixels: Uint8Array): void;
  clear(): void;
}

/** Makes the field; `onDraw` is called after every stroke of the pen, however short. */
export function drawingPad(onDraw: () => void): Pad {
  const element = h("canvas", {
    class: "pad",
    attributes: { width: SIZE, height: SIZE, role: "img", "aria-label": text.draw.canvas },
  });
  const context = element.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let strokes: { x: number; y: number }[][] = [];
  let shown: Uint8Array | undefined;

  const redraw = () => {
    context.clearRect(0, 0, SIZE, SIZE);
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: color("--ink") });
    if (shown) context.drawImage(canvasOf(shown), 0, 0, SIZE, SIZE);
    for (const points of strokes) {
      const [first, ...rest] = points;
      if (!first) continue;
      context.beginPath();
      context.moveTo(first.x, first.y);
      for (const { x, y } of rest.length > 0 ? rest : [first]) context.lineTo(x, y);
      context.stroke();
    }
  };
  const place = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width } = element.getBoundingClientRect();
    return { x: ((clientX - left) * SIZE) / width, y: ((clientY - top) * SIZE) / width };
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    shown = undefined;
    strokes.push([place(event)]);
    redraw();
    onDraw();
  });
  element.addEventListener("pointermove", (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1)?.push(...(events.length > 0 ? events : [event]).map(place));
    redraw();
    onDraw();
  });
  onTheme(redraw);

  return {
    element,
    read: () => (shown ? shown : strokes.length > 0 ? centred(element) : undefined),
    show(pixels) {
      strokes = [];
      shown = pixels;
      redraw();
    },
    clear() {
      strokes = [];
      shown = undefined;
      redraw();
    },
  };
}

/** A digit in ink, to be drawn larger. */
function canvasOf(pixels: Uint8Array): OffscreenCanvas {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) image.data[4 * i + 3] = pixels[i] as number;
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color("--ink");
  context.fillRect(0, 0, SIDE, SIDE);
  return canvas;
}

/** Scales what is drawn into 20 × 20 and puts its centre of mass into the middle of 28 × 28. */
function centred(drawn: HTMLCanvasElement): Uint8Array | undefined {
  const inkOf = (image: ImageData) =>
    Uint8Array.from({ length: image.data.length / 4 }, (_, i) => image.data[4 * i + 3] as number);
  const whole = inkOf((drawn.getContext("2d") as CanvasRenderingContext2D).getImageData(0, 0, SIZE, SIZE));
  let [left, top, right, bottom] = [SIZE, SIZE, -1, -1];
  whole.forEach((ink, i) => {
    if (ink < 32) return;
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  if (right < 0) return undefined;
  const [width, height] = [right - left + 1, bottom - top + 1];
  const scale = BOX / Math.max(width, height);
  const shrink = (dx: number, dy: number) => {
    const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = "high";
    const [w, h] = [width * scale, height * scale];
    context.drawImage(drawn, left, top, width, height, (SIDE - w) / 2 + dx, (SIDE - h) / 2 + dy, w, h);
    return inkOf(context.getImageData(0, 0, SIDE, SIDE));
  };
  const first = shrink(0, 0);
  let [sum, x, y] = [0, 0, 0];
  first.forEach((ink, i) => {
    sum += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
  });
  if (sum === 0) return first;
  return shrink(Math.round(SIDE / 2 - x / sum), Math.round(SIDE / 2 - y / sum));
}
