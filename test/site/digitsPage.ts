// What tests do with the page of the digits.
import type { Page } from "playwright";

interface Told {
  readonly run: string;
  readonly step: number;
  readonly loss: number;
}

export const told = (page: Page): Promise<Told> =>
  page.evaluate(() => {
    const { run = "", step, loss } = document.body.dataset;
    return { run, step: Number(step ?? 0), loss: Number(loss) };
  });

export const reached = (page: Page, step: number) =>
  page.waitForFunction((least) => Number(document.body.dataset["step"] ?? 0) >= least, step, { timeout: 50_000 });

export const becomes = (page: Page, run: string) =>
  page.waitForFunction((kind) => document.body.dataset["run"] === kind, run, { timeout: 30_000 });

export const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

/** The ten chances, in words. */
export const chances = (page: Page) => page.locator(".chances .percent").allInnerTexts();

/** Draws a vertical bar by mouse, with a stroke above it. */
export async function drawOne(page: Page): Promise<void> {
  const pad = page.locator(".pad");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const to = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...to(0.5, 0.15));
  await page.mouse.down();
  await page.mouse.move(...to(0.5, 0.85), { steps: 8 });
  await page.mouse.up();
}
