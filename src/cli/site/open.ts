// The built site in headless Chromium, for tests and figures: each page is watched from before it opens.
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { chromiumOptions } from "../chromium.ts";
import { type Served, serveSite } from "./serve.ts";
import { watchPage } from "./watch.ts";

export interface OpenedPage {
  readonly page: Page;
  /** Whatever the page must not do: see `watchPage`. */
  readonly faults: readonly string[];
}

export interface OpenPageOptions extends BrowserContextOptions {
  /** What stands behind the #. */
  readonly hash?: string;
  /** Called before the page is opened, to put something into it. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  /** Opens a page, "" for the gallery, in a context of its own. */
  open(name: string, options?: OpenPageOptions): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** Which WebGPU the browser has: one on a software adapter, one that finds no adapter, none (pages see nothing of it). */
export type WebGpu = "software" | "no-adapter" | "no-webgpu";

/** Serves the site and starts a browser for it, with more flags than usual. */
export async function openSite(webgpu: WebGpu = "software", flags: readonly string[] = []): Promise<Site> {
  const { chromium } = await import("playwright");
  const launch = await chromiumOptions();
  const args = [...(webgpu === "software" ? (launch.args ?? []) : []), ...flags];
  const served: Served = await serveSite();
  const browser = await chromium.launch({ ...launch, args }).catch(async (error) => {
    await served.close();
    throw error;
  });
  return {
    url: served.url,
    browser,
    async open(name, { hash = "", prepare, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      if (webgpu === "no-webgpu") await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
      const page = await context.newPage();
      const faults = watchPage(page, served.url);
      await prepare?.(page);
      await page.goto(`${served.url}${name === "" ? "" : `${name}/`}${hash && `#${hash}`}`);
      return { page, faults };
    },
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

/** The demos of the built site, by their folders. */
export function demosOf(folder = "dist/site"): readonly string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "index.html")));
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
