// Pictures with captions, as PNG files: a page is written as SVG and drawn by resvg with a font from npm, so that every machine draws the same.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { encode } from "fast-png";
import type { Picture } from "./circle.ts";

/** Pixels of the file for one unit of the page. */
const ZOOM = 2;
const FONT = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
const RENDERER = "@resvg/resvg-wasm/index_bg.wasm";
/** Colours of −1 and of 1; 0 is black. */
const NEGATIVE = [79, 148, 255] as const;
const POSITIVE = [255, 255, 255] as const;

export const INK = "#1c2024";
export const FAINT = "#68707a";

/** Text whose left, middle or right end is at x, its baseline at y. */
export function text(
  x: number,
  y: number,
  content: string,
  options: { readonly size?: number; readonly fill?: string; readonly anchor?: "start" | "middle" | "end" } = {},
): string {
  const { size = 13, fill = INK, anchor = "start" } = options;
  const escaped = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" text-anchor="${anchor}">${escaped}</text>`;
}

/** The colour of a value in −1 … 1: black at 0, towards blue below, towards white above. */
export function colorOf(value: number): readonly [number, number, number] {
  const share = Math.min(Math.abs(value), 1);
  const [red, green, blue] = value < 0 ? NEGATIVE : POSITIVE;
  return [Math.round(share * red), Math.round(share * green), Math.round(share * blue)];
}

/** The largest distance from 0, by which a picture is scaled; 1 for an empty one. */
export function reachOf(values: ArrayLike<number>): number {
  let reach = 0;
  for (let i = 0; i < values.length; i++) reach = Math.max(reach, Math.abs(values[i] as number));
  return reach || 1;
}

/** A picture in a square of `side` on black, its pixels sharp. Values are divided by `reach`, by default by their own largest. */
export function tile(
  x: number,
  y: number,
  side: number,
  { width, height, values }: Picture,
  reach = reachOf(values),
): string {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(colorOf((values[i] as number) / reach), i * 3);
  const png = Buffer.from(encode({ width, height, data, channels: 3 })).toString("base64");
  const inner = `width="${side}" height="${side}" image-rendering="optimizeSpeed"`;
  return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="black"/><image x="${x}" y="${y}" ${inner} href="data:image/png;base64,${png}"/>`;
}

/** The numbers of a square kernel as a small table with cells of `cell` units. */
export function kernelTable(x: number, y: number, cell: number, weights: readonly number[]): string {
  const size = Math.sqrt(weights.length);
  return weights
    .map((weight, i) => {
      const left = x + (i % size) * cell;
      const top = y + Math.floor(i / size) * cell;
      const fill = weight === 0 ? "#f4f5f7" : weight < 0 ? "#dbe8ff" : "#fff3d6";
      const box = `<rect x="${left}" y="${top}" width="${cell}" height="${cell}" fill="${fill}" stroke="#c9ced6" stroke-width="0.75"/>`;
      return box + text(left + cell / 2, top + cell / 2 + 4, number(weight), { size: 11.5, anchor: "middle" });
    })
    .join("");
}

/** 0.11 → "0.11", −1 → "−1", with a real minus sign. */
export function number(value: number, digits = 3): string {
  const rounded = Number(value.toPrecision(digits));
  return `${rounded === 0 ? 0 : rounded}`.replace("-", "−");
}

/** The scale of `tile` from −1 to 1, with its meaning below. */
export function legend(x: number, y: number, width: number): string {
  const stops = [-1, 0, 1].map((at) => `<stop offset="${(at + 1) / 2}" stop-color="rgb(${colorOf(at).join()})"/>`);
  const bar = `<rect x="${x}" y="${y}" width="${width}" height="10" fill="url(#scale)" stroke="#c9ced6" stroke-width="0.75"/>`;
  const options = { size: 11, fill: FAINT } as const;
  return [
    `<defs><linearGradient id="scale">${stops.join("")}</linearGradient></defs>`,
    bar,
    text(x, y + 24, "negative", options),
    text(x + width / 2, y + 24, "0", { ...options, anchor: "middle" }),
    text(x + width, y + 24, "positive", { ...options, anchor: "end" }),
  ].join("");
}

let loaded: Promise<Uint8Array> | undefined;

/** Starts the renderer once; gives the font. */
async function load(): Promise<Uint8Array> {
  const resolve = createRequire(import.meta.url).resolve;
  await initWasm(await readFile(resolve(RENDERER)));
  return readFile(resolve(FONT));
}

/** Draws a page of `width` × `height` units and writes it. */
export async function writePage(
  file: string,
  { width, height, parts }: { readonly width: number; readonly height: number; readonly parts: readonly string[] },
): Promise<void> {
  loaded ??= load();
  const font = await loaded;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="Inter"><rect width="100%" height="100%" fill="white"/>${parts.join("")}</svg>`;
  const page = new Resvg(svg, {
    fitTo: { mode: "zoom", value: ZOOM },
    font: { fontBuffers: [font], defaultFontFamily: "Inter" },
  });
  await writeFile(file, page.render().asPng());
}
