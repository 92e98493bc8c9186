// What holds for every page of the built site, under its content policy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POLICY } from "../../site.config.ts";
import { demos, openSite, type Site, violations } from "./site.ts";

const PAGES = ["", ...demos];
const named = (name: string) => name || "gallery";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

describe.each(PAGES)("page %j", (name) => {
  test("opens without a fault and says what it computes on, fits 360 px, and is accessible in both schemes", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width: colorScheme === "light" ? 360 : 1280, height: 800 };
      const { page, faults } = await site.open(name, { colorScheme, viewport });
      await page.locator("[data-adapter]").waitFor();
      expect(await page.locator("[data-adapter]").getAttribute("data-adapter")).toBe("software");
      expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content")).toBe(POLICY);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await violations(page), `${named(name)}, ${colorScheme}`).toEqual([]);
      expect(faults).toEqual([]);
      await page.context().close();
    }
  });
});

test("the gallery leads to every demo, and each back", async () => {
  const { page, faults } = await site.open("");
  const links = await page.locator("a.demo").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).pathname));
  expect(links.map((path) => path.split("/").at(-2)).sort()).toEqual([...demos].sort());
  for (const picture of await page.locator("a.demo img").all()) {
    expect(await picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  }
  await page.locator("a.demo").first().click();
  await page.locator(".bar nav a").click();
  await page.locator("a.demo").first().waitFor();
  expect(page.url()).toBe(site.url);
  expect(faults).toEqual([]);
  await page.context().close();
});
