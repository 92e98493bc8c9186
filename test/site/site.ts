// The built site in headless Chromium, for tests: each page is watched from before it opens.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright";
import { chromiumOptions } from "../../src/cli/chromium.ts";
import { type Served, serveSite } from "../../src/cli/site/serve.ts";
import { watchPage } from "../../src/cli/site/watch.ts";

/** The demos, by the folders of the built site. */
export const demos = readdirSync("demo", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(`demo/${entry.name}`).includes("index.html"))
  .map(({ name }) => name);

export interface Opened {
  readonly page: Page;
  /** Whatever the page must not do: see `watchPage`. */
  readonly faults: readonly string[];
}

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  /** Opens a page, "" for the gallery, in a context of its own. */
  open(name: string, options?: Parameters<Browser["newContext"]>[0]): Promise<Opened>;
  close(): Promise<void>;
}

/** Which WebGPU the browser has: one on a software adapter, one that finds no adapter, none (pages see nothing of it). */
type WebGpu = "software" | "no-adapter" | "no-webgpu";

/** Serves the site and starts a browser for it. */
export async function openSite(webgpu: WebGpu = "software"): Promise<Site> {
  const served: Served = await serveSite();
  const launch = await chromiumOptions();
  const browser = await chromium.launch(webgpu === "software" ? launch : { ...launch, args: [] });
  return {
    url: served.url,
    browser,
    async open(name, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      if (webgpu === "no-webgpu") await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
      const page = await context.newPage();
      const faults = watchPage(page, served.url);
      await page.goto(name === "" ? served.url : `${served.url}${name}/`);
      return { page, faults };
    },
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

let axe: Promise<string> | undefined;

/** What axe-core finds wrong with a page, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(await axe);
  return page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
    const { axe: found } = globalThis as unknown as { axe: { run(): Promise<Result> } };
    return (await found.run()).violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    );
  });
}
