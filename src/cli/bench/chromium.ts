// Training steps in pages of one headless Chromium: gpugrad's, whose trainer works in a worker, and each peer in a page of its own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { chromiumOptions } from "../chromium.ts";
import { type Served, serveSite } from "../site/serve.ts";
import type { StepTask } from "./peers.ts";
import type { Contestant } from "./timing.ts";

/** The pages by the systems that rows name: the program, and what stands behind the ?. */
const PAGES = {
  gpugrad: ["src/cli/bench/stepPage.ts", ""],
  "jax-js webgpu": ["bench/peers/page.js", "jax-js"],
  "tfjs webgpu": ["bench/peers/page.js", "tfjs"],
} as const;

export type PageSystem = keyof typeof PAGES;

/** A system that is ready in its page. */
export interface PageContestant extends Contestant {
  readonly first: Float32Array;
}

export interface BenchBrowser {
  /** "Chromium 147" */
  readonly name: string;
  /** Opens a system's page on a task: gpugrad knows steps by their names. */
  open(system: PageSystem, task: string | StepTask): Promise<PageContestant>;
  close(): Promise<void>;
}

type Paged = typeof globalThis & {
  contestant: { open(task: unknown): Promise<Float32Array>; run(times: number): Promise<number> };
};

/** Bundles the pages of these systems and starts a browser for them. */
export async function openBenchBrowser(systems: readonly PageSystem[]): Promise<BenchBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "gpugrad-pages-"));
  let [browser, served]: [Browser?, Served?] = [];
  const close = async () => {
    await browser?.close();
    await served?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const system of systems) await bundle(PAGES[system][0], join(folder, folderOf(system)));
    writeFileSync(join(folder, "index.html"), "");
    served = await serveSite(folder, "/");
    const { chromium } = await import("playwright");
    browser = await chromium.launch(await chromiumOptions());
  } catch (error) {
    await close();
    throw error;
  }
  const [started, { url }] = [browser, served];
  return {
    name: `Chromium ${browser.version().split(".")[0]}`,
    close,
    async open(system, task) {
      const page = await started.newPage();
      const failed: string[] = [];
      page.on("pageerror", ({ message }) => failed.push(message));
      await page.goto(`${url}${folderOf(system)}/?${PAGES[system][1]}`);
      const first = await page.evaluate((task) => (globalThis as Paged).contestant.open(task), task);
      return { first, fewest: 1, run: (times) => run(page, times) };
    },
  };
}

const folderOf = (system: PageSystem) => system.replaceAll(" ", "-");

/** The page's own clock; what of the CPU is its share nobody can tell. */
async function run(page: Page, times: number) {
  const seconds = await page.evaluate((times) => (globalThis as Paged).contestant.run(times), times);
  return { times, seconds, cpuSeconds: Number.NaN };
}

/** A program with its page, in a folder of its own. */
async function bundle(input: string, outDir: string): Promise<void> {
  const { build } = await import("vite");
  await build({
    configFile: false,
    logLevel: "error",
    base: "./",
    publicDir: false,
    worker: { format: "es" },
    build: {
      ...{ outDir, target: "es2023", modulePreload: false, chunkSizeWarningLimit: 10_000 },
      rolldownOptions: { input: { page: join(process.cwd(), input) }, output: { entryFileNames: "page.js" } },
    },
  });
  writeFileSync(join(outDir, "index.html"), '<!doctype html><script type="module" src="page.js"></script>');
}
