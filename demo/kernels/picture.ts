// Pictures in and out: the sample, files of the user's, planes of numbers, and colours for numbers below and above 0.
import { color } from "../ui/element.ts";
import type { Planes } from "./messages.ts";
import { text } from "./text.ts";

const MOST_BYTES = 40e6;
/** px: the patches that a kernel is learnt from must fit. */
const LEAST_SIDE = 18;

/** A landscape with edges of every direction, even areas, fine stripes and fine print; `width` px wide. */
export function drawSample(width: number): ImageData {
  const height = Math.round(width * 0.75);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.scale(width / 400, width / 400);
  const sky = context.createLinearGradient(0, 0, 0, 200);
  sky.addColorStop(0, "#27548a");
  sky.addColorStop(1, "#f3c98b");
  context.fillStyle = sky;
  context.fillRect(0, 0, 400, 300);
  context.fillStyle = "#fff3d6";
  context.beginPath();
  context.arc(296, 88, 34, 0, 2 * Math.PI);
  context.fill();
  const hills: [string, number[]][] = [
    ["#5d6d8e", [0, 190, 60, 120, 110, 165, 170, 92, 250, 180, 310, 140, 400, 200]],
    ["#3c5a52", [0, 215, 90, 175, 180, 215, 260, 180, 400, 225]],
  ];
  for (const [fill, points] of hills) {
    context.fillStyle = fill;
    context.beginPath();
    context.moveTo(0, 300);
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i] as number, points[i + 1] as number);
    context.lineTo(400, 300);
    context.fill();
  }
  context.fillStyle = "#d8b26a";
  context.fillRect(0, 222, 400, 78);
  for (let row = 0; row < 5; row++) {
    for (let column = row % 2; column < 10; column += 2) {
      context.fillStyle = "#7d4a2d";
      context.fillRect(22 + column * 10, 238 + row * 10, 10, 10);
    }
  }
  context.strokeStyle = "#1d2b28";
  for (let i = 0; i < 16; i++) {
    context.lineWidth = 0.5 + i * 0.16;
    context.beginPath();
    context.moveTo(146 + i * 6, 288);
    context.lineTo(158 + i * 6, 236);
    context.stroke();
  }
  context.fillStyle = "#a33a2a";
  context.fillRect(286, 206, 74, 66);
  context.fillStyle = "#f4ead5";
  for (const x of [296, 330]) context.fillRect(x, 220, 20, 20);
  context.fillStyle = "#5b2018";
  context.beginPath();
  context.moveTo(276, 208);
  context.lineTo(323, 172);
  context.lineTo(370, 208);
  context.fill();
  context.font = "700 22px sans-serif";
  context.fillStyle = "#ffffff";
  context.fillText("gpugrad", 18, 36);
  return context.getImageData(0, 0, width, height);
}

/** Reads a picture, at most `side` px wide and high. @throws Error with a sentence for the page */
export async function readPicture(file: File, side: number): Promise<ImageData> {
  if (file.size > MOST_BYTES) throw new Error(text.wrong.large(file.name, Math.round(file.size / 1e6)));
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(text.wrong.none(file.name));
  });
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  if (width < LEAST_SIDE || height < LEAST_SIDE) {
    bitmap.close();
    throw new Error(text.wrong.small(file.name, width, height, LEAST_SIDE));
  }
  const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Red, green and blue as planes of 0 … 1. */
export function planesOf({ width, height, data }: ImageData): Planes {
  const size = width * height;
  const values = new Float32Array(3 * size);
  for (let i = 0; i < size; i++) {
    for (let channel = 0; channel < 3; channel++) values[channel * size + i] = (data[4 * i + channel] as number) / 255;
  }
  return { width, height, channels: 3, values };
}

/** The planes as colours; what lies outside of 0 … 1 is cut off. */
export function asColors({ width, height, values }: Planes): ImageData {
  const size = width * height;
  const data = new Uint8ClampedArray(4 * size).fill(255);
  for (let i = 0; i < size; i++) {
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = 255 * (values[channel * size + i] as number);
  }
  return new ImageData(data, width, height);
}

/** The mean of the planes: the page's surface at 0, towards one colour below and towards another above. */
export function asSigns({ width, height, values }: Planes): ImageData {
  const size = width * height;
  const mean = new Float32Array(size);
  for (let i = 0; i < values.length; i++) mean[i % size] = (mean[i % size] as number) + (values[i] as number) / 3;
  const reach = mean.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const [zero, below, above] = ["--surface", "--below", "--above"].map(rgb) as [Rgb, Rgb, Rgb];
  const data = new Uint8ClampedArray(4 * size).fill(255);
  mean.forEach((value, i) => {
    const end = value < 0 ? below : above;
    const share = Math.sqrt(Math.abs(value) / reach); // so that faint edges are seen, too
    for (let channel = 0; channel < 3; channel++) {
      data[4 * i + channel] = (zero[channel] as number) * (1 - share) + (end[channel] as number) * share;
    }
  });
  return new ImageData(data, width, height);
}

type Rgb = readonly [number, number, number];

/** What a CSS variable's colour is in numbers. */
function rgb(name: string): Rgb {
  const context = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = color(name); // however it is written, it comes back as "#rrggbb"
  const hex = `${context.fillStyle}`;
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}
