// Whole pages as people would see them, in a folder to look at, with what is wrong: faults, and pages wider than their screen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright";
import { watchPage } from "../site/watch.ts";

export const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;
export const SCHEMES = ["light", "dark"] as const;

export interface LookOptions {
  readonly out: string;
  readonly screen: readonly string[];
  readonly seconds: number;
  readonly webgpu: boolean;
  readonly fold?: boolean;
}

/** Opens each page in all screens and schemes; gives the number of faults. */
export async function lookAt(browser: Browser, url: string, names: readonly string[], options: LookOptions) {
  mkdirSync(options.out, { recursive: true });
  let faultCount = 0;
  for (const screen of options.screen) {
    for (const colorScheme of SCHEMES) {
      const viewport = SCREENS[screen as keyof typeof SCREENS];
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      for (const name of names) {
        const page = await context.newPage();
        const faults = watchPage(page, url);
        await page.goto(name === "index" ? url : `${url}${name}/`);
        await page.waitForTimeout(1000 * options.seconds);
        const path = join(options.out, `${name}-${screen}-${colorScheme}${options.webgpu ? "" : "-no-webgpu"}.png`);
        await page.screenshot({ path, fullPage: !options.fold });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        console.log(path, wide > 0 ? `is ${wide} px too wide` : "", ...faults);
        faultCount += faults.length + (wide > 0 ? 1 : 0);
        await page.close();
      }
      await context.close();
    }
  }
  return faultCount;
}
