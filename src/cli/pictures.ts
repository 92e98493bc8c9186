// `npm run pictures`: pictures of the built site's pages in headless Chromium. Without options those that README and gallery show; with
// `--look` every page, phone and desktop, light and dark, to look at.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { chromiumOptions } from "./chromium.ts";
import { keepPictures } from "./pictures/keep.ts";
import { lookAt, SCREENS } from "./pictures/look.ts";
import { serveSite } from "./site/serve.ts";

interface Options {
  readonly look?: boolean;
  readonly out: string;
  readonly page?: readonly string[];
  readonly screen: readonly string[];
  readonly wait?: string;
  readonly webgpu: boolean;
  readonly fold?: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  const list = (text: string) => text.split(",");
  const options = new Command("npm run pictures --")
    .description("Takes the pictures of README and gallery from the built site (npm run build)")
    .option("--page <names>", "only of these pages, separated by commas; the gallery is called index", list)
    .option("--wait <seconds>", "how long each page may train before its picture is taken (25; to look: 6)")
    .option("--look", "whole pages, to look at, and what is wrong with them")
    .option("--out <folder>", "to look: where to put them", "test-results")
    .option("--screen <names>", "to look: phone, desktop, or both", list, Object.keys(SCREENS))
    .option("--no-webgpu", "to look: in a browser without it")
    .option("--fold", "to look: only what is seen without scrolling")
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<Options>();
  const names = options.page ?? [...(options.look ? ["index"] : []), ...pageNames()];
  const { chromium } = await import("playwright");
  const launch = await chromiumOptions();
  const browser = await chromium.launch(options.webgpu ? launch : { ...launch, args: [] });
  const site = await serveSite();
  try {
    const { wait } = options;
    const faultCount = options.look
      ? await lookAt(browser, site.url, names, { ...options, seconds: Number(wait ?? 6) })
      : await keepPictures(browser, site.url, names, Number(wait ?? 25));
    return faultCount === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await site.close();
  }
}

function pageNames(): string[] {
  return readdirSync("dist/site").filter((name) => existsSync(join("dist/site", name, "index.html")));
}
