// A surface as a filled contour picture, made once for a size and a colour scheme, and a path drawn over it.
import { color } from "../ui/element.ts";
import type { Path } from "./messages.ts";
import { type Point, SIDE, type Surface } from "./surfaces.ts";

/** Bands of a picture. */
const BANDS = 14;

/** Heights that part the bands: near the lowest place they lie closer, so that valleys show. */
export function levels(heights: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(heights).sort();
  const last = sorted.length - 1;
  return Array.from({ length: BANDS - 1 }, (_, i) => sorted[Math.round(last * ((i + 1) / BANDS) ** 1.6)] as number);
}

/** Which band each pixel lies in, from the top left; heights between those of the grid are interpolated. */
export function bandsOf(heights: ArrayLike<number>, width: number, height: number): Uint8Array {
  const parting = levels(heights);
  const bands = new Uint8Array(width * height);
  const line = new Float64Array(SIDE);
  for (let row = 0; row < height; row++) {
    const up = (1 - row / Math.max(1, height - 1)) * (SIDE - 1);
    const j = Math.min(SIDE - 2, Math.floor(up));
    for (let i = 0; i < SIDE; i++) {
      const low = heights[j * SIDE + i] as number;
      line[i] = low + ((heights[(j + 1) * SIDE + i] as number) - low) * (up - j);
    }
    let band = 0; // hardly ever far from that of the pixel before
    for (let column = 0; column < width; column++) {
      const across = (column / Math.max(1, width - 1)) * (SIDE - 1);
      const i = Math.min(SIDE - 2, Math.floor(across));
      const low = line[i] as number;
      const value = low + ((line[i + 1] as number) - low) * (across - i);
      while (band < parting.length && value > (parting[band] as number)) band++;
      while (band > 0 && value <= (parting[band - 1] as number)) band--;
      bands[row * width + column] = band;
    }
  }
  return bands;
}

/** Paints the bands, palest where the surface is lowest, with a thin line between them. */
export function paintSurface(heights: ArrayLike<number>, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  const bands = bandsOf(heights, width, height);
  const [low, high] = [rgb("--surface"), rgb("--contour")];
  for (let i = 0; i < bands.length; i++) {
    const band = bands[i] as number;
    const isLine = (i % width > 0 && bands[i - 1] !== band) || (i >= width && bands[i - width] !== band);
    const share = Math.min(1, (band + (isLine ? 1.2 : 0)) / (BANDS - 1));
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [low[channel] as number, high[channel] as number];
      image.data[4 * i + channel] = from + (to - from) * share;
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** A CSS colour of three or six hexadecimal digits. */
function rgb(name: string): readonly [number, number, number] {
  const digits = color(name).slice(1);
  const six = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  const bits = Number.parseInt(six, 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

export interface PathLook {
  readonly surface: Surface;
  readonly tint: string;
  /** The last step that is shown. */
  readonly step: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the lowest places, the start, the path up to a step, and where it is then. */
export function drawPath(
  context: CanvasRenderingContext2D,
  path: Path | undefined,
  start: Point,
  { surface, tint, step, width, height }: PathLook,
): void {
  const at = (x: number, y: number): Point => [
    ((x - surface.x[0]) / (surface.x[1] - surface.x[0])) * width,
    height - ((y - surface.y[0]) / (surface.y[1] - surface.y[0])) * height,
  ];
  const [ink, paper] = [color("--ink"), color("--surface")];
  context.lineCap = "round";
  context.lineJoin = "round";
  const strokes = (colors: readonly (readonly [tint: string, wide: number])[]) => {
    for (const [strokeStyle, lineWidth] of colors) Object.assign(context, { strokeStyle, lineWidth }).stroke();
  };
  for (const [x, y] of surface.lowest) {
    const [a, b] = at(x, y);
    context.beginPath();
    for (const down of [-4, 4]) {
      context.moveTo(a - 4, b + down);
      context.lineTo(a + 4, b - down);
    }
    strokes([
      [paper, 4],
      [ink, 1.6],
    ]);
  }
  const dot = ([x, y]: Point, radius: number, fill: string, edge: string) => {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    strokes([[edge, 2]]);
  };
  if (path) {
    const last = lastStep(path, step);
    context.beginPath();
    for (let i = 0; i <= last; i++) context.lineTo(...at(path.x[i] as number, path.y[i] as number));
    strokes([
      [paper, 5],
      [tint, 2.4],
    ]);
    dot(at(...start), 4, paper, ink);
    dot(at(path.x[last] as number, path.y[last] as number), 5.5, tint, paper);
  } else dot(at(...start), 4, paper, ink);
}

/** Far beyond any picture: what flew off so far is drawn no further. */
const FAR = 1e4;

/** The last step up to `step` at which a path was still anywhere near. */
export function lastStep({ x, y }: Path, step: number): number {
  const isNear = (value: number | undefined) => value !== undefined && Math.abs(value) < FAR; // not for NaN
  let last = 0;
  while (last < Math.min(step, x.length - 1) && isNear(x[last + 1]) && isNear(y[last + 1])) last++;
  return last;
}
