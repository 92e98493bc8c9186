// The doctor's page: its table fills in, and its report says what it found.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

test("the self-test is passed and functions are ticked off one after the other", async () => {
  const { page, faults } = await site.open("doctor");
  await page.locator(".answers .tag.good").nth(4).waitFor();
  await page.locator(".ops tbody tr").nth(9).waitFor({ timeout: 40_000 });
  expect(await page.locator(".ops .tag.bad").count()).toBe(0);
  expect(await page.locator(".properties").innerText()).toContain("software adapter");
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a worker that fails says so in the page", async () => {
  const context = await site.browser.newContext();
  const page = await context.newPage();
  await page.route("**/worker-*.js", (route) => route.abort());
  await page.goto(`${site.url}doctor/`);
  await page.getByText("The examination stopped").waitFor();
  expect(await page.getByRole("button", { name: "Check again" }).isEnabled()).toBe(true);
  await context.close();
});
