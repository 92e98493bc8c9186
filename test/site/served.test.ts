// `npm run dev` serves the pages from their sources, `npm run preview` those that are built; both to this machine only.
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright";
import { createServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumOptions } from "../../src/cli/chromium.ts";
import { watchPage } from "../../src/cli/site/watch.ts";
import { demos } from "./site.ts";

interface Server {
  readonly address: AddressInfo;
  readonly close: () => Promise<void>;
}

const COMMON = { configFile: "vite.config.ts", logLevel: "error" } as const;
const PORT = { port: 0, strictPort: false };

const SERVERS: Readonly<Record<string, () => Promise<Server>>> = {
  async dev() {
    const server = await createServer({ ...COMMON, server: PORT });
    await server.listen();
    return { address: server.httpServer?.address() as AddressInfo, close: () => server.close() };
  },
  async preview() {
    const server = await preview({ ...COMMON, preview: PORT });
    return { address: server.httpServer.address() as AddressInfo, close: () => server.close() };
  },
};

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(await chromiumOptions());
});
afterAll(() => browser.close());

describe.each(Object.keys(SERVERS))("the server of npm run %s", (name) => {
  let server: Server;
  beforeAll(async () => {
    server = await (SERVERS[name] as () => Promise<Server>)();
  });
  afterAll(() => server.close());

  test("answers at 127.0.0.1, and the gallery leads to a demo that trains in its worker, without a fault", async () => {
    expect(server.address.address).toBe("127.0.0.1");
    const url = `http://127.0.0.1:${server.address.port}/`;
    const page = await browser.newPage();
    const faults = watchPage(page, url);
    await page.goto(url);
    await page.locator("[data-adapter]").waitFor();
    expect(await page.locator("a.demo").count()).toBe(demos.length);
    await page.locator('a.demo[href*="playground"]').click();
    await page.waitForFunction(() => Number(document.body.dataset["step"]) > 100);
    expect(new URL(page.url()).pathname).toMatch(/^\/playground\//);
    expect(faults).toEqual([]);
    await page.close();
  });
});
