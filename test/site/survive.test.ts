// What the Playground outlives: a killed GPU process, a second one after which no adapter comes back, a worker that ends, a hidden tab.
import { readFile } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killGpuProcess, UNLIMITED_KILLS } from "../../src/cli/site/kill.ts";
import { endWorker, heardIn, hears, spyOn, weightsDigest } from "../../src/cli/site/spy.ts";
import { openSite, type Site } from "./site.ts";

/** What Chromium itself says where a page asks for an adapter while there is no GPU process. */
const OF_CHROMIUM = /A valid external Instance reference no longer exists|Failed to create WebGPU Context Provider/;

let site: Site;
beforeAll(async () => {
  site = await openSite("software", UNLIMITED_KILLS);
});
afterAll(() => site.close());

const runs = ({ what }: { readonly what: string }) => what === "running";

async function opened(on: Site, hash: string) {
  const { page, faults } = await on.open("playground", { hash, prepare: spyOn });
  const { at } = await hears(page, runs, { within: 60_000 });
  return { page, at, ownFaults: () => faults.filter((fault) => !OF_CHROMIUM.test(fault)) };
}

const steps = (page: Page, least: number) =>
  page.waitForFunction((least) => Number(document.body.dataset["step"]) >= least, least, { timeout: 60_000 });

test("a killed GPU process: the page says so, and the run comes to the same weights", async () => {
  const STEPS = 6000;
  const digests: string[] = [];
  for (const isKilled of [false, true]) {
    const { page, at, ownFaults } = await opened(site, `pace=0&steps=${STEPS}`);
    const isEnd = ({ what, step }: { readonly what: string; readonly step?: number }) =>
      what === "paused" && step === STEPS;
    let since = at;
    if (isKilled) {
      since = await killGpuProcess(site.browser);
      await hears(page, ({ what }) => what === "recovering", { since });
      await hears(page, runs, { since });
    }
    await hears(page, isEnd, { since, within: 60_000 });
    digests.push(await weightsDigest(page));
    const states = new Set((await heardIn(page)).map(({ what }) => what));
    expect(states.has("recovering")).toBe(isKilled);
    expect(ownFaults()).toEqual([]);
    await page.context().close();
  }
  expect(digests[1]).toBe(digests[0]);
});

test("killed while it stands still: it is there again, paused, and goes on", async () => {
  const { page, ownFaults } = await opened(site, "pace=300");
  await steps(page, 30);
  let since = Date.now();
  await page.getByRole("button", { name: "Pause" }).click();
  const { step = 0 } = await hears(page, ({ what }) => what === "paused", { since });
  since = await killGpuProcess(site.browser);
  const back = await hears(page, ({ what }) => what === "paused", { since });
  expect(back.step).toBe(step);
  await page.getByRole("button", { name: "Run" }).click();
  await steps(page, step + 30);
  expect(ownFaults()).toEqual([]);
  await page.context().close();
});

test("where no adapter comes back, a sentence says so, and the weights can be saved", async () => {
  const limited = await openSite();
  const { page, ownFaults } = await opened(limited, "pace=300");
  await steps(page, 30);
  const first = await killGpuProcess(limited.browser);
  await hears(page, runs, { since: first });
  await steps(page, 60);
  await killGpuProcess(limited.browser);
  const trouble = page.locator(".trouble .notice");
  await trouble.waitFor({ timeout: 40_000 });
  expect(await trouble.innerText()).toContain("the device was lost, and none came back");
  const saved = page.waitForEvent("download");
  await trouble.getByRole("button", { name: "weights" }).click();
  const bytes = await readFile(await (await saved).path());
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString("utf8"));
  expect(Object.keys(header).length).toBeGreaterThan(4);
  expect(ownFaults()).toEqual([]);
  await limited.close();
});

test("a worker that ends without a word: a sentence says so, and starting over works", async () => {
  const { page, ownFaults } = await opened(site, "pace=300");
  await steps(page, 30);
  await endWorker(page);
  const trouble = page.locator(".trouble .notice");
  await trouble.waitFor();
  expect(await trouble.innerText()).toContain("the worker ended");
  expect(await trouble.getByRole("button", { name: "weights" }).count()).toBe(0);
  const since = Date.now();
  await trouble.getByRole("button", { name: "Start over" }).click();
  await hears(page, runs, { since });
  await page.waitForFunction(() => document.body.dataset["run"] === "running");
  await steps(page, 30);
  expect(ownFaults()).toEqual([]);
  await page.context().close();
});

test("a hidden tab trains no step, even over a killed GPU process, and goes on once it is seen", async () => {
  const { page, ownFaults } = await opened(site, "pace=300");
  await steps(page, 30);
  const turn = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  let since = Date.now();
  await turn(true);
  const { step = 0 } = await hears(page, ({ what }) => what === "paused", { since });
  since = await killGpuProcess(site.browser);
  expect((await hears(page, ({ what }) => what === "paused", { since })).step).toBe(step);
  await turn(false);
  await hears(page, runs, { since });
  await steps(page, step + 30);
  expect(ownFaults()).toEqual([]);
  await page.context().close();
});
