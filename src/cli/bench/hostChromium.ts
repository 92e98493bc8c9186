// The same replay in a page of a headless Chromium, on the page's own thread; the device is another process there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../core/error.ts";
import { chromiumOptions } from "../chromium.ts";
import type { HostSamples } from "./replay.ts";

/** Any origin that counts as safe; the requests for it are answered here. */
const ORIGIN = "http://localhost/";
/** With these a page gets a clock of 5 µs instead of 100. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

type Replayed = HostSamples & { readonly adapter: string };

export async function replayInChromium(): Promise<Replayed> {
  const script = await pageScript();
  const { chromium } = await import("playwright");
  const browser = await chromium.launch(await chromiumOptions());
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}**`, (route) =>
      route.request().url() === ORIGIN
        ? route.fulfill({
            contentType: "text/html",
            body: '<!doctype html><script type="module" src="page.js"></script>',
            headers: ISOLATED,
          })
        : route.fulfill({ contentType: "text/javascript", body: script, headers: ISOLATED }),
    );
    await page.goto(ORIGIN);
    const { adapter, ...replayed } = await page.evaluate(
      () => (globalThis as unknown as { replayed: Promise<Replayed> }).replayed,
    );
    return { ...replayed, adapter: `Chromium ${browser.version().split(".")[0]}: ${adapter}` };
  } finally {
    await browser.close();
  }
}

/** The page's program, bundled from the sources. */
async function pageScript(): Promise<string> {
  const input = join(process.cwd(), "src/cli/bench/hostPage.ts");
  if (!existsSync(input)) throw new DataError(`bench: ${input} is not there. Run it in gpugrad's own folder`);
  const { build } = await import("vite");
  const output = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input, output: { codeSplitting: false } },
    },
  });
  const chunks = (Array.isArray(output) ? output : [output]).flatMap((made) => ("output" in made ? made.output : []));
  return chunks.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
}
