// Round numbers for axes, and how a canvas is made as sharp as the screen.

import { color } from "../ui/element.ts";
import { number } from "../ui/format.ts";
import type { Range } from "./shapes.ts";

/** Round numbers inside a range, about `count` of them. */
export function ticks([low, high]: Range, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    found.push(Number((i * step).toPrecision(6)));
  return found;
}

/** A number for a logarithmic axis: what is nearly 0 lies on its floor, what is beyond all reason is left out. */
export const loggable = (value: number | undefined): number | null =>
  value !== undefined && value < 1e6 ? Math.max(1e-8, value) : null;

/** Fits a canvas to its place and to the screen; gives a context that draws in CSS pixels, all clear. */
export function sharp(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = devicePixelRatio;
  const [across, down] = [Math.max(1, Math.round(width * density)), Math.max(1, Math.round(height * density))];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Grid lines and numbers along both axes of a plot. */
export function drawAxes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { x, y, across, up }: { x: Range; y: Range; across: (x: number) => number; up: (y: number) => number },
): void {
  const [line, quiet] = [color("--line"), color("--quiet")];
  context.font = `12px ${color("--sans")}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of ticks(x, (frame.right - frame.left) / 90)) {
    context.fillStyle = line;
    context.fillRect(Math.round(across(tick)), frame.top, 1, frame.bottom - frame.top);
    context.fillStyle = quiet;
    context.fillText(number(tick), across(tick), frame.bottom + 7);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks(y, (frame.bottom - frame.top) / 60)) {
    context.fillStyle = line;
    context.fillRect(frame.left, Math.round(up(tick)), frame.right - frame.left, 1);
    context.fillStyle = quiet;
    context.fillText(number(tick), frame.left - 7, up(tick));
  }
}
