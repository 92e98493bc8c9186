// The page of the digits: a network learns from the first of them while the rest arrives, reads what is drawn, and shows what it mistakes.
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site, violations } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The number under a name among the figures of the run. */
const figure = async (page: Page, name: string) =>
  Number.parseFloat(
    (await page.locator(".stats dt", { hasText: name }).first().locator("+ dd").innerText()).replace(/,/g, ""),
  );

const learnt = (page: Page, steps: number) =>
  expect.poll(() => figure(page, "Steps"), { timeout: 50_000 }).toBeGreaterThanOrEqual(steps);

test("the loss falls, what is drawn is read, a cell shows its mistakes, and Pause stops the run", async () => {
  const { page, faults } = await site.open("digits");
  await learnt(page, 1);
  const first = await figure(page, "Loss");
  await learnt(page, 40);
  expect(await figure(page, "Loss")).toBeLessThan(0.9 * first);

  const before = await page.locator(".answer").innerText();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText("Draw something.").waitFor();
  const pad = await page
    .locator("canvas")
    .first()
    .evaluate((canvas) => canvas.getBoundingClientRect().toJSON());
  expect(before).toMatch(/It reads a \d/);
  const box = (await page.getByLabel(/^A field to draw a digit on/).boundingBox()) ?? pad;
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.2 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.8 * box.height, { steps: 8 });
  await page.mouse.up();
  await page.getByText(/It reads a \d, with \d+/).waitFor();

  const cell = page.locator(".matrix button:visible").first();
  await cell.click({ timeout: 30_000 });
  await page
    .getByText(/read as \d\.$/)
    .first()
    .waitFor();
  expect(await page.locator(".mistake").count()).toBeGreaterThan(0);

  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/^Paused after [\d,]+ steps\.$/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("without WebGPU a small network learns on the CPU, and the page says so", async () => {
  const bare = await openSite("no-webgpu");
  const { page, faults } = await bare.open("digits");
  await page.getByText(/on the CPU, with a small network/).waitFor({ timeout: 30_000 });
  await learnt(page, 2);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await bare.close();
});
