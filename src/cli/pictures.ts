// `npm run pictures`: opens every page of the built site in headless Chromium, phone and desktop, light and dark, and keeps what it looks like.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { chromiumOptions } from "./chromium.ts";
import { serveSite } from "./site/serve.ts";
import { watchPage } from "./site/watch.ts";

const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;
const SCHEMES = ["light", "dark"] as const;

interface Options {
  readonly out: string;
  readonly page?: readonly string[];
  readonly screen: readonly string[];
  readonly wait: string;
  readonly webgpu: boolean;
  readonly fold?: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  const list = (text: string) => text.split(",");
  const options = new Command("npm run pictures --")
    .description("Takes pictures of every page of the built site (npm run build)")
    .option("--out <folder>", "where to put them", "test-results")
    .option("--page <names>", "only these, separated by commas; the gallery is called index", list)
    .option("--screen <names>", "phone, desktop, or both", list, Object.keys(SCREENS))
    .option("--wait <seconds>", "how long each page may train before its picture is taken", "6")
    .option("--no-webgpu", "in a browser without it")
    .option("--fold", "only what is seen without scrolling")
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<Options>();
  const names = options.page ?? ["index", ...pageNames()];
  mkdirSync(options.out, { recursive: true });
  const { chromium } = await import("playwright");
  const launch = await chromiumOptions();
  const browser = await chromium.launch(options.webgpu ? launch : { ...launch, args: [] });
  const site = await serveSite();
  let faultCount = 0;
  try {
    for (const screen of options.screen) {
      for (const colorScheme of SCHEMES) {
        const viewport = SCREENS[screen as keyof typeof SCREENS];
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
        for (const name of names) {
          const page = await context.newPage();
          const faults = watchPage(page, site.url);
          await page.goto(name === "index" ? site.url : `${site.url}${name}/`);
          await page.waitForTimeout(1000 * Number(options.wait));
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
  } finally {
    await browser.close();
    await site.close();
  }
  return faultCount === 0 ? 0 : 1;
}

function pageNames(): string[] {
  return readdirSync("dist/site").filter((name) => existsSync(join("dist/site", name, "index.html")));
}
