// The digits where files do not come, where there is no WebGPU, and where the GPU goes away.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { becomes, drawOne, press, reached, told } from "./digitsPage.ts";
import { openSite, type Site, violations } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

describe("files that do not come", () => {
  test("none at all: a sentence, and trying again trains", async () => {
    const context = await site.browser.newContext();
    const page = await context.newPage();
    await page.route("**/data/*", (route) => route.fulfill({ status: 503 }));
    await page.goto(`${site.url}digits/`);
    await page.getByText("The digits could not be loaded").waitFor();
    expect(await page.locator(".problem").innerText()).toContain("index.json answers 503");
    expect(await violations(page)).toEqual([]);
    await page.unroute("**/data/*");
    await press(page, "Try again");
    await reached(page, 1);
    expect(await page.locator(".problem").innerText()).toBe("");
    await context.close();
  });

  test("the later ones: training goes on with those that are there, and the rest is asked for again", async () => {
    const context = await site.browser.newContext();
    const page = await context.newPage();
    await page.route("**/data/train-03*", (route) => route.abort());
    await page.goto(`${site.url}digits/`);
    await page.getByText("Not all digits could be loaded").waitFor();
    await reached(page, 2);
    await page.unroute("**/data/train-03*");
    await press(page, "Try again");
    await page.getByText("60,000 of 60,000").waitFor();
    await page.getByText("Learning from 60,000 digits").waitFor();
    await context.close();
  });
});

test("without WebGPU a small network learns on the CPU, and reads what is drawn", async () => {
  const bare = await openSite("no-webgpu");
  const { page, faults } = await bare.open("digits");
  await reached(page, 40);
  expect((await told(page)).loss).toBeLessThan(1.6);
  expect(await page.locator(".training .status").innerText()).toContain("1,000 digits on the CPU");
  await drawOne(page);
  await page.getByText(/^It reads a \d, with/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await bare.close();
});

test("a GPU process that dies is noticed, and training goes on from where it was", async () => {
  const own = await openSite();
  const { page } = await own.open("digits");
  await reached(page, 8);
  const control = await own.browser.newBrowserCDPSession();
  const { step } = await told(page);
  control.send("Browser.crashGpuProcess").catch(() => {}); // it never answers
  await becomes(page, "recovering");
  await becomes(page, "running");
  await reached(page, step + 5);
  await own.close();
});
