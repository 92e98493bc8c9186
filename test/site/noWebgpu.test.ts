// Every page where there is no WebGPU, or no adapter: it says so, and what to try, and goes on with what is left.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demos, openSite, type Site, violations } from "./site.ts";

describe.each(["no-webgpu", "no-adapter"] as const)("%s", (kind) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(kind);
  });
  afterAll(() => site.close());

  test.each(["", ...demos])("page %j says so and what to try", async (name) => {
    const { page, faults } = await site.open(name);
    const line = page.locator("[data-adapter]");
    await line.waitFor();
    expect(await line.getAttribute("data-adapter")).toBe(kind);
    expect(await line.innerText()).toMatch(/CPU[\s\S]*What you can try/);
    if (kind === "no-webgpu") expect(await violations(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

test("an adapter that gives no device is said to be blocked, in the words of the browser", async () => {
  const site = await openSite();
  const context = await site.browser.newContext();
  await context.addInitScript(() => {
    GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error("<b>blocklisted</b>"));
  });
  const page = await context.newPage();
  await page.goto(site.url);
  const line = page.locator("[data-adapter=blocked]");
  await line.waitFor();
  expect(await line.innerText()).toContain("The GPU could not be opened (<b>blocklisted</b>)");
  await site.close();
});
