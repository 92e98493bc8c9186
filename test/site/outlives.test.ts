// What every page outlives, beside the Playground (survive.test.ts): a killed GPU process, a worker that ends, a reload, a hidden tab, another size.
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killGpuProcess, UNLIMITED_KILLS } from "../../src/cli/site/kill.ts";
import { spyOn } from "../../src/cli/site/spy.ts";
import { openSite, type Site } from "./site.ts";

/** What Chromium itself says where a page asks for an adapter while there is no GPU process. */
const OF_CHROMIUM = /A valid external Instance reference no longer exists|Failed to create WebGPU Context Provider/;

let site: Site;
beforeAll(async () => {
  site = await openSite("software", UNLIMITED_KILLS);
});
afterAll(() => site.close());

interface Demo {
  readonly name: string;
  /** Waits until the page has done something on its device, after whatever happened before. */
  readonly works: (page: Page) => Promise<unknown>;
  /** What its visitor does after the device was lost, where it does not go on by itself. */
  readonly retry?: (page: Page) => Promise<unknown>;
  /** … and after its worker has ended. */
  readonly revive?: (page: Page) => Promise<unknown>;
}

/** A run goes on: its step grows. */
async function trains(page: Page): Promise<void> {
  const stepOf = () => page.evaluate(() => Number(document.body.dataset["step"] ?? -1));
  const running = () => page.waitForFunction(() => document.body.dataset["run"] === "running");
  await running();
  const before = await stepOf();
  await page.waitForFunction((before) => {
    const step = Number(document.body.dataset["step"] ?? -1);
    return step !== before && step >= 0;
  }, before);
}

/** Another kernel gives another range of values. */
let count = 1;
async function filters(page: Page): Promise<void> {
  const range = page.getByText(/^From −?[\d.]+ to /);
  const before = (await range.count()) > 0 ? await range.innerText() : "";
  await page.getByLabel("Row 2, column 2").fill(`${++count}`);
  await page.waitForFunction((before) => {
    const found = [...document.querySelectorAll("[role=status], .status")].map((one) => one.textContent ?? "");
    return found.some((one) => /^From −?[\d.]+ to /.test(one) && one !== before);
  }, before);
}

/** Functions are ticked off. */
const examines = (page: Page) => page.locator(".ops tbody tr").nth(3).waitFor();

const press = (name: string) => (page: Page) => page.getByRole("button", { name }).first().click();

const DEMOS: readonly Demo[] = [
  { name: "digits", works: trains, revive: press("Start over") },
  { name: "curves", works: trains, revive: press("Start over") },
  { name: "kernels", works: filters },
  { name: "doctor", works: examines, retry: press("Check again"), revive: press("Check again") },
];

describe.each(DEMOS)("$name", ({ name, works, retry, revive }) => {
  test("a reload, another size, a killed GPU process, a worker that ends", async () => {
    const { page, faults } = await site.open(name, { prepare: spyOn });
    await works(page);
    await page.reload();
    await works(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await works(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await killGpuProcess(site.browser);
    await retry?.(page);
    await works(page);
    await page.evaluate(() => {
      const { workers } = (globalThis as unknown as { spy: { workers: Worker[] } }).spy;
      for (const worker of workers) worker.terminate();
    });
    await page
      .getByText(/worker ended/)
      .first()
      .waitFor();
    await revive?.(page);
    await works(page);
    expect(faults.filter((fault) => !OF_CHROMIUM.test(fault))).toEqual([]);
    await page.context().close();
  });

  test("a hidden tab, and seen again", async () => {
    const { page, faults } = await site.open(name);
    await works(page);
    for (const hidden of [true, false]) {
      await page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
      await page.waitForTimeout(500);
    }
    await works(page);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
