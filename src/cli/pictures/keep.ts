// The pictures that the repository keeps, light and dark: of each demo the part that it marks with `data-picture`, for its card in the gallery,
// and of some the whole window, for the README. WebP, which the browser itself encodes.
import { writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright";
import { DataError } from "../../core/error.ts";
import { watchPage } from "../site/watch.ts";
import { SCHEMES, SCREENS } from "./look.ts";

/** Pages that the README shows. */
const IN_README = ["playground", "digits"];

/** Of a card's picture: its width in pixels, its width by its height, and what is seen around the marked part. */
const CARD = { width: 960, ratio: 1.6, margin: 12 };

/** Rows and columns of the screen that a picture shows. */
type Clip = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Lets each demo train, then takes its pictures; gives the number of faults. */
export async function keepPictures(browser: Browser, url: string, names: readonly string[], seconds: number) {
  let faultCount = 0;
  const context = await browser.newContext({
    viewport: SCREENS.desktop,
    deviceScaleFactor: 2,
    reducedMotion: "reduce",
  });
  const encoder = await context.newPage();
  for (const name of names) {
    const page = await context.newPage();
    const faults = watchPage(page, url);
    await page.goto(`${url}${name}/`);
    await page.waitForTimeout(1000 * seconds);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(2000); // charts are drawn anew
      await keep(page, encoder, await markedPart(page, name), CARD.width, `demo/${name}/picture-${colorScheme}.webp`);
      if (!IN_README.includes(name)) continue;
      await keep(page, encoder, { x: 0, y: 0, ...SCREENS.desktop }, 1280, `docs/${name}-${colorScheme}.webp`);
    }
    if (faults.length > 0) console.log(`${name}:`, ...faults);
    faultCount += faults.length;
    await page.close();
  }
  await context.close();
  return faultCount;
}

/** The upper part of what the page marks, as broad as it is, with the shape of a card's picture. */
async function markedPart(page: Page, name: string): Promise<Clip> {
  const box = await page.locator("[data-picture]").first().boundingBox();
  if (!box) throw new DataError(`pictures: no element is marked with data-picture: ${name}`);
  const width = box.width + 2 * CARD.margin;
  return { x: box.x - CARD.margin, y: box.y - CARD.margin, width, height: width / CARD.ratio };
}

/** Takes a picture of the page, makes it `width` pixels wide, and writes it. */
async function keep(page: Page, encoder: Page, clip: Clip, width: number, path: string): Promise<void> {
  const shot = (await page.screenshot({ clip, fullPage: true })).toString("base64");
  const height = Math.round((width * clip.height) / clip.width);
  const encoded = await encoder.evaluate(
    async ({ shot, width, height }) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.imageSmoothingQuality = "high";
      context.drawImage(picture, 0, 0, width, height);
      return canvas.toDataURL("image/webp", 0.8).replace(/^[^,]*,/, "");
    },
    { shot, width, height },
  );
  const bytes = Buffer.from(encoded, "base64");
  writeFileSync(path, bytes);
  console.log(`${path}: ${width} × ${height}, ${(bytes.length / 1024).toFixed(1)} KB`);
}
