// The page of the curves as it is built: the error falls, controls and points are obeyed, a link brings all back, optimisers come down.
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site, violations } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const told = (page: Page) =>
  page.evaluate(() => {
    const { run = "", step, loss, paths = "", heights = "" } = document.body.dataset;
    return { run, paths, step: Number(step), loss: Number(loss), heights: heights.split(" ").map(Number) };
  });

const reached = (page: Page, step: number, timeout = 45_000) =>
  page.waitForFunction((least) => Number(document.body.dataset["step"]) >= least, step, { timeout });
const walked = (page: Page) =>
  page.waitForFunction(() => document.body.dataset["paths"] === "ready", undefined, { timeout: 45_000 });
/** Waits until a run has begun anew, then for so many steps of it. */
async function begun(page: Page, step: number): Promise<void> {
  await page.waitForFunction(() => document.body.dataset["run"] === "opening");
  await page.waitForFunction(() => document.body.dataset["run"] === "running", undefined, { timeout: 45_000 });
  await reached(page, step);
}

/** Has the page keep the step and error that it tells first: whoever asks from outside may come later. */
const keepFirst = (page: Page) =>
  page.addInitScript(() => {
    const watch = new MutationObserver(() => {
      const { step, loss } = document.body.dataset;
      if (step === undefined) return;
      Object.assign(window, { first: { step: Number(step), loss: Number(loss) } });
      watch.disconnect();
    });
    addEventListener("DOMContentLoaded", () => watch.observe(document.body, { attributes: true }));
  });
const firstTold = async (page: Page) => {
  const first = await page.waitForFunction(() => Reflect.get(window, "first"), undefined, { timeout: 0 });
  return (await first.jsonValue()) as { readonly step: number; readonly loss: number };
};

/** Opens the page with what stands behind the #. */
async function opened(hash = "", options: Parameters<Site["open"]>[1] = {}) {
  const { page, faults } = await site.open("curves", options);
  if (hash) {
    await page.goto(`${site.url}curves/?${hash.length}#${hash}`);
  }
  return { page, faults };
}

test("the error falls to a tenth while the curve is drawn, and six optimisers come down", async () => {
  const { page, faults } = await opened();
  await reached(page, 0);
  const first = await told(page);
  await reached(page, 600);
  const last = await told(page);
  expect(last.loss).toBeLessThan(first.loss / 10);
  await walked(page);
  const { heights } = await told(page);
  expect(heights).toHaveLength(6);
  for (const height of heights) expect(height).toBeLessThan(0.5); // from 22
  await page.getByText(/^After the last step (Nesterov|Momentum|Adam) is lowest/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("controls change the run and the link, and a reload keeps it", async () => {
  const { page, faults } = await opened("pace=0&units=3");
  await reached(page, 50);
  await page.getByLabel("Curve", { exact: true }).selectOption("complex");
  await begun(page, 20);
  await page.getByLabel("Activation", { exact: true }).selectOption("sigmoid");
  await page.getByLabel("Optimiser", { exact: true }).selectOption("momentum");
  await page.getByLabel("Degree", { exact: true }).fill("8");
  await page.getByText("Polynomial of degree 8").waitFor();
  await page.waitForFunction(() => /curve=complex&.*units=3&activation=sigmoid&optimizer=momentum/.test(location.hash));
  await page.getByLabel("Surface", { exact: true }).selectOption("net");
  await walked(page);
  await page.getByLabel("Rate, SGD").fill("13");
  await page.getByLabel("Start, w").fill("80");
  await page.waitForFunction(() => /surface=net&start=800~933&rates=2~0.05/.test(location.hash));
  const hash = await page.evaluate(() => location.hash);
  await page.reload();
  await reached(page, 20);
  expect(await page.evaluate(() => location.hash)).toBe(hash);
  expect(await page.getByLabel("Curve", { exact: true }).inputValue()).toBe("complex");
  expect(await page.getByLabel("Start, w").inputValue()).toBe("80");
  await walked(page);
  await page.getByRole("button", { name: "Pause" }).first().click();
  await page.getByText(/^Paused at step/).waitFor();
  const { step } = await told(page);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await reached(page, step + 10);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("points are pressed into the plot and erased", async () => {
  const { page, faults } = await opened("curve=own");
  await page.getByText("There is nothing to fit yet").waitFor();
  await page.getByText("Add points", { exact: true }).click();
  const press = async (x: number, y: number) => {
    const box = await page.locator(".fit-plot").boundingBox();
    if (box) await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  };
  for (let i = 0; i < 5; i++) await press(0.2 + 0.15 * i, 0.3 + 0.1 * (i % 3));
  await page.waitForFunction(() => /points=[\w-]{20}$/.test(location.hash));
  await reached(page, 30);
  await page.getByText("Erase", { exact: true }).click();
  await press(0.2, 0.3);
  await page.waitForFunction(() => /points=[\w-]{16}$/.test(location.hash));
  expect(faults).toEqual([]);
  await page.context().close();
});

test("points are written as lines, and a mistake is refused where it is", async () => {
  const { page, faults } = await opened("degree=3");
  await reached(page, 1);
  const lines = page.getByLabel("Points as lines");
  for (const [given, sentence] of [
    ["1,2\n3,four", "Line 2: “four” is not a number."],
    ["1,NaN", "Line 1: “NaN” is not a number."],
    ["<b>1</b>,2", "“<b>1</b>”"],
    ["", "There are no points in it."],
  ] as const) {
    await lines.fill(given);
    await page.getByRole("button", { name: "Use these points" }).click();
    expect(await page.locator("[role=alert]:not(:empty)").innerText()).toContain(sentence);
  }
  await lines.fill("x,y\n0,10\n1,40\n2,10\n3,-20");
  await page.getByRole("button", { name: "Use these points" }).click();
  await page.getByText("4 points are used, stretched to fit the plot.").waitFor();
  await begun(page, 30);
  await page.getByLabel("Seed", { exact: true }).fill("<b>");
  await page.getByLabel("Seed", { exact: true }).press("Tab");
  await page.getByText("The seed must be a whole number").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a link that asks for what cannot be gives defaults and says so, markup staying text", async () => {
  const { page, faults } = await opened("rate=1e99&units=900&curve=<img src=x onerror=alert(1)>&__proto__=1");
  const said = await page.locator(".content > .notice").innerText();
  expect(said).toContain("rate is “1e99” there");
  expect(said).toContain("<img src=x onerror=alert(1)>");
  expect(await page.locator(".notice img").count()).toBe(0);
  await reached(page, 20);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a rate too large stops the fit with a sentence, and a smaller one starts it again; a path that flies off says so", async () => {
  const rates = "rates=5~0.002~0.002~0.2~0.02~0.1";
  const { page, faults } = await opened(`curve=chirp&optimizer=sgd&rate=3&activation=relu&units=64&pace=0&${rates}`);
  await page.locator(".trouble .notice").waitFor({ timeout: 30_000 });
  expect(await page.locator(".trouble").innerText()).toMatch(/not finite/);
  await page.getByLabel("Rate", { exact: true }).fill("1");
  await begun(page, 20);
  expect(await page.locator(".trouble").innerText()).toBe("");
  await walked(page);
  await page.locator(".path-run input").fill("300");
  await page.locator(".path-panel").first().getByText("flew off").waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});

test("where motion is to be reduced, whole paths are there at once", async () => {
  const { page, faults } = await opened("", { reducedMotion: "reduce" });
  await walked(page);
  expect(await page.locator(".path-run output").innerText()).toBe("300");
  expect(await page.locator(".path-run button").innerText()).toBe("Play");
  expect(faults).toEqual([]);
  await page.context().close();
});

test("without WebGPU it fits and walks on the CPU reference, with fewer points", async () => {
  const bare = await openSite("no-webgpu");
  const { page, faults } = await bare.open("curves", { hash: "count=256", prepare: keepFirst });
  await page.getByText("The CPU trains on 32 of the points.").waitFor();
  const { step, loss } = await firstTold(page);
  await reached(page, step + 100, 0);
  expect((await told(page)).loss).toBeLessThan(loss / 2);
  await walked(page);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await bare.close();
}, 180_000);
