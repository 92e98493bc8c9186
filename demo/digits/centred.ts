// How a drawing becomes what MNIST's digits are: 20 px high or wide, its centre of mass in the middle of 28 × 28.
import { PIXELS, SIDE } from "./setup.ts";

const BOX = 20;
/** Fainter ink than this is the edge of a stroke, not the stroke. */
const LEAST_INK = 32;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The alpha of each pixel, where the ink is. */
function inkOf(context: Context, side: number): Uint8Array {
  const { data } = context.getImageData(0, 0, side, side);
  const ink = new Uint8Array(side * side);
  for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3] as number;
  return ink;
}

/** Scales the ink of a square canvas into 20 × 20 and centres it by its mass; undefined where there is none. */
export function centred(drawn: HTMLCanvasElement): Uint8Array | undefined {
  const side = drawn.width;
  const whole = inkOf(drawn.getContext("2d") as CanvasRenderingContext2D, side);
  let [left, top, right, bottom] = [side, side, -1, -1];
  for (let i = 0; i < whole.length; i++) {
    if ((whole[i] as number) < LEAST_INK) continue;
    const [x, y] = [i % side, Math.floor(i / side)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return undefined;
  const [width, height] = [right - left + 1, bottom - top + 1];
  const scale = BOX / Math.max(width, height);
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true }) as Context;
  context.imageSmoothingQuality = "high";
  const shrink = (dx: number, dy: number) => {
    const [w, h] = [width * scale, height * scale];
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(drawn, left, top, width, height, (SIDE - w) / 2 + dx, (SIDE - h) / 2 + dy, w, h);
    return inkOf(context, SIDE);
  };
  const ink = shrink(0, 0);
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < PIXELS; i++) {
    sum += ink[i] as number;
    x += (ink[i] as number) * ((i % SIDE) + 0.5);
    y += (ink[i] as number) * (Math.floor(i / SIDE) + 0.5);
  }
  return sum === 0 ? ink : shrink(Math.round(SIDE / 2 - x / sum), Math.round(SIDE / 2 - y / sum));
}
