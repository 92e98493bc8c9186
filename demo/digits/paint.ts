// Small pictures of numbers on canvases, in the colours of the page.
import { color, onTheme } from "../ui/element.ts";
import { PIXELS, type Pictures, SIDE } from "./setup.ts";

/** px of the canvas that a picture is wide at least, lies apart from the next, and is round at its corners, however large all are shown. */
const [ACROSS, GAP, ROUND] = [120, 10, 12];

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

/** Pictures of numbers from −1 to 1 in a row: nothing at 0, towards one colour above, towards another below. */
function imageOf(
  { count, width, height }: Omit<Pictures, "values">,
  at: (i: number) => number,
  above: string,
): ImageData {
  const [up, down] = [rgb(above), rgb("--below")];
  const image = new ImageData(count * width, height);
  const { data } = image; // number by number: arrays would take the page 25 ms for the mistakes of a test
  for (let i = 0; i < count * width * height; i++) {
    const value = at(i);
    const ink = value < 0 ? down : up;
    const row = Math.floor(i / width);
    const pixel = 4 * ((row % height) * count * width + Math.floor(row / height) * width + (i % width));
    for (let part = 0; part < 3; part++) data[pixel + part] = ink[part] as number;
    data[pixel + 3] = 255 * Math.min(1, Math.abs(value));
  }
  return image;
}

/** Digits in ink, side by side. */
export const digits = (pixels: Uint8Array): ImageData =>
  imageOf({ count: pixels.length / PIXELS, width: SIDE, height: SIDE }, (i) => (pixels[i] as number) / 255, "--ink");

/** A canvas that nobody sees, with an image on it. */
export function sheetOf(image: ImageData): OffscreenCanvas {
  const sheet = new OffscreenCanvas(image.width, image.height);
  sheet.getContext("2d")?.putImageData(image, 0, 0);
  return sheet;
}

/** A digit in ink on whatever lies below. */
export function paintDigit(canvas: HTMLCanvasElement, pixels: Uint8Array): void {
  canvas.getContext("2d")?.putImageData(digits(pixels), 0, 0);
}

/** Digits side by side as one image, decoded, by its URL: each canvas in a page is a layer that every frame pays for. Whoever asks revokes it. */
export async function sheetOfDigits(pixels: Uint8Array): Promise<string> {
  const image = new Image();
  image.src = URL.createObjectURL(await sheetOf(digits(pixels)).convertToBlob());
  await image.decode();
  return image.src;
}

/** Pictures of numbers of both signs in rows of so many, scaled by the largest number of all. */
export function paintPictures(canvas: HTMLCanvasElement, pictures: Pictures, columns: number): void {
  const { count, width, height, values } = pictures;
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const sheet = sheetOf(imageOf(pictures, (i) => (values[i] as number) / reach, "--above"));
  const scale = Math.ceil(ACROSS / width);
  const [w, h] = [scale * width, scale * height];
  const across = Math.min(columns, count);
  const size = [across * (w + GAP) - GAP, Math.ceil(count / across) * (h + GAP) - GAP] as const;
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.clearRect(0, 0, ...size);
  const style = { fillStyle: color("--surface"), strokeStyle: color("--line"), lineWidth: 2 };
  Object.assign(context, { ...style, imageSmoothingEnabled: false });
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i % across) * (w + GAP), Math.floor(i / across) * (h + GAP)];
    context.save();
    context.beginPath();
    context.roundRect(x + 1, y + 1, w - 2, h - 2, ROUND);
    context.clip();
    context.fill();
    context.drawImage(sheet, i * width, 0, width, height, x, y, w, h);
    context.restore();
    context.stroke();
  }
}
