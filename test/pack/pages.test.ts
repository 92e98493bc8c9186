// The packed library in pages: one that Vite built, and one without any bundler. Headless Chromium opens both.
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { build, type InlineConfig, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumOptions } from "../../src/cli/chromium.ts";
import { serveSite } from "../../src/cli/site/serve.ts";
import { watchPage } from "../../src/cli/site/watch.ts";
import { emptyProject, learning } from "./project.ts";

const UNBUNDLED = "./node_modules/gpugrad/dist/lib/index.js";

const html = (head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>learns</title>${head}
  <script type="module" src="./main.js"></script></head><body></body></html>`;

/** Trains here, and through a worker; the page's global \`learnt\` is what came of it. */
const main = (from: string) => `
  import { connectTrainer, openDevice } from "${from}";
  import { learn } from "./learning.js";

  async function inWorker() {
    const trainer = connectTrainer(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    await trainer.open();
    const { loss: before } = await trainer.evaluate();
    await trainer.step(300);
    const { loss: after } = await trainer.evaluate();
    trainer.dispose();
    return [before, after];
  }
  const device = await openDevice();
  const adapter = device.info.adapter;
  globalThis.learnt = { adapter, here: await learn(device), inWorker: await inWorker() };`;

const worker = (from: string) => `
  import { openDevice, serveTrainer } from "${from}";
  import { open } from "./learning.js";

  serveTrainer(self, async () => {
    const { trainer, set } = await open(await openDevice());
    return { trainer, set, validation: set };
  });`;

type Learnt = { readonly adapter: string; readonly here: number[]; readonly inWorker: number[] };

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(await chromiumOptions());
});
afterAll(() => browser.close());

/** Opens the page in a folder, waits until it has trained, and gives the number of its requests. */
async function expectLearning(folder: string): Promise<number> {
  const served = await serveSite(folder);
  const page: Page = await browser.newPage();
  let requests = 0;
  page.on("request", () => requests++);
  const faults = watchPage(page, served.url);
  try {
    await page.goto(served.url);
    const learnt = await page.waitForFunction(() => (globalThis as { learnt?: Learnt }).learnt, null, {
      timeout: 30_000,
    });
    const { adapter, here, inWorker } = (await learnt.jsonValue()) as Learnt;
    expect(adapter).toMatch(/swiftshader/i);
    for (const losses of [here, inWorker]) {
      expect(losses[0]).toBeGreaterThan(0.5);
      expect(losses.at(-1)).toBeLessThan(0.01);
    }
    expect(faults).toEqual([]);
    return requests;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${faults.join("\n")}`);
  } finally {
    await page.close();
    await served.close();
  }
}

test("an empty Vite project builds a page that learns, also in a worker", async () => {
  const root = await emptyProject("vite", {
    "index.html": html(),
    "main.js": main("gpugrad"),
    "worker.js": worker("gpugrad"),
    "learning.js": learning("gpugrad"),
    "all.js": `import "gpugrad"; import "gpugrad/check";`,
    "one.js": `export { relu } from "gpugrad";`,
  });
  const options = { root, configFile: false, base: "./", logLevel: "warn" } as const;
  await build({ ...options }); // Vite writes into what it gets
  await expectLearning(join(root, "dist"));

  // what is not used is left out
  expect(await bundled(options, "all.js")).toBe("");
  const one = await bundled(options, "one.js");
  console.log(`a program that takes only relu: ${one.length} bytes`);
  expect(one).toMatch(/export ?\{\w+ as relu\}/);
  expect(one.length).toBeLessThan(20_000);
  expect(one).not.toContain("softmax");
});

/** What Vite makes of a program. */
async function bundled(options: InlineConfig, program: string): Promise<string> {
  const input = join(options.root as string, program);
  const rolldownOptions = { input, preserveEntrySignatures: "strict" } as const;
  const made = await build({ ...options, build: { write: false, modulePreload: false, rolldownOptions } });
  const { output } = (Array.isArray(made) ? made[0] : made) as Rolldown.RolldownOutput;
  return output.map((file) => (file.type === "chunk" ? file.code.trim() : "")).join("");
}

test("a page without a bundler learns, also in a worker", async () => {
  const root = await emptyProject("page", {
    "index.html": html(`<script type="importmap">{ "imports": { "gpugrad": "${UNBUNDLED}" } }</script>`),
    "main.js": main("gpugrad"),
    "worker.js": worker(UNBUNDLED), // import maps do not reach workers
    "learning.js": learning(UNBUNDLED),
  });
  console.log(`a page without a bundler: ${await expectLearning(root)} requests`);
});
