// Small pictures of numbers on canvases, in the colours of the page.
import { color, h, onTheme } from "../ui/element.ts";
import { SIDE } from "./setup.ts";

type Rgb = readonly [number, number, number];

const probe = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
const colors = new Map<string, Rgb>();
onTheme(() => colors.clear());

function rgb(name: string): Rgb {
  let found = colors.get(name);
  if (!found) {
    probe.fillStyle = color(name); // comes back as "#rrggbb"
    const hex = `${probe.fillStyle}`;
    found = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
    colors.set(name, found);
  }
  return found;
}

/** Paints numbers from −1 to 1: nothing at 0, towards one colour above, towards another below. */
function paint(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  at: (i: number) => number,
  above: string,
): void {
  canvas.width = width;
  canvas.height = height;
  const [up, down] = [rgb(above), rgb("--below")];
  const image = new ImageData(width, height);
  const { data } = image; // number by number: arrays would take the page 25 ms for the mistakes of a test
  for (let i = 0; i < width * height; i++) {
    const value = at(i);
    const ink = value < 0 ? down : up;
    for (let part = 0; part < 3; part++) data[4 * i + part] = ink[part] as number;
    data[4 * i + 3] = 255 * Math.min(1, Math.abs(value));
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** A digit in ink on whatever lies below. */
export function paintDigit(canvas: HTMLCanvasElement, pixels: Uint8Array, first = 0): void {
  paint(canvas, SIDE, SIDE, (i) => (pixels[first + i] as number) / 255, "--ink");
}

/** Numbers of both signs, scaled by the largest of all pictures that belong together. */
export function paintSigns(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  width: number,
  height: number,
  reach: number,
): void {
  paint(canvas, width, height, (i) => (values[i] as number) / reach, "--above");
}

/** The largest distance from 0. */
export const reachOf = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;

/** A canvas whose pixels stay square and sharp; without a label it is there for the eyes only. */
export function pixelCanvas(label?: string, className = "pixels"): HTMLCanvasElement {
  const heard = label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  return h("canvas", { class: className, attributes: { ...heard, width: SIDE, height: SIDE } });
}
