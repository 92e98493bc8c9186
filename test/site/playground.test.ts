// The playground as it is built: it trains, obeys its controls, repeats a run from a link. How fast it does so is told by `npm run figures -- 4`.
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { heardIn, hears, spyOn } from "../../src/cli/site/spy.ts";
import { countsIn, spyInWorkers } from "../../src/cli/site/workerSpy.ts";
import { openSite, type Site, violations } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

interface Told {
  readonly run: string;
  readonly step: number;
  readonly loss: number;
  readonly frames: number;
}

const told = (page: Page): Promise<Told> =>
  page.evaluate(() => {
    const { run = "", step, loss, frames } = document.body.dataset;
    return { run, step: Number(step), loss: Number(loss), frames: Number(frames) };
  });

const reached = (page: Page, step: number) =>
  page.waitForFunction((least) => Number(document.body.dataset["step"]) >= least, step, { timeout: 45_000 });

/** Opens the page with what stands behind the #. */
async function opened(hash = "", options: Parameters<Site["open"]>[1] = {}) {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(site.url) && !/^(blob|data):/.test(request.url())) faults.push(request.url());
  });
  await page.goto(`${site.url}playground/${hash && `#${hash}`}`);
  return { page, faults };
}

test("the loss falls while the border is drawn, and the picture shows it", async () => {
  const { page, faults } = await opened();
  await reached(page, 1);
  const first = await told(page);
  await reached(page, 800);
  const last = await told(page);
  expect(last.loss).toBeLessThan(first.loss / 2);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

describe("links", () => {
  const link = "problem=xor&layers=4&count=100&batch=8&dropout=0.2&seed=5&rate=0.03";

  test("repeat a run to the bit, however it came to its step", async () => {
    const losses: number[] = [];
    for (const run of [1, 2]) {
      const { page } = await opened(`${link}&steps=200`);
      await reached(page, 200);
      losses.push((await told(page)).loss);
      if (run === 2) {
        for (let i = 1; i <= 5; i++) {
          await page.getByRole("button", { name: "One step" }).click();
          await reached(page, 200 + i);
        }
        const { loss, step } = await told(page);
        await page.getByRole("button", { name: "Copy link" }).click();
        const again = await page.evaluate(() => location.hash.slice(1));
        const other = await opened(again);
        await reached(other.page, step);
        expect(await told(other.page)).toMatchObject({ step: 205, loss });
        await other.page.context().close();
      }
      await page.context().close();
    }
    expect(losses[1]).toBe(losses[0]);
  });

  test("that ask for what cannot be give defaults and say so, markup staying text", async () => {
    const { page, faults } = await opened("rate=1e99&layers=900&problem=<img src=x onerror=alert(1)>&__proto__=1");
    const said = await page.locator(".content > .notice").innerText();
    expect(said).toContain("rate is “1e99” there");
    expect(said).toContain("<img src=x onerror=alert(1)>");
    expect(await page.locator(".notice img").count()).toBe(0);
    await reached(page, 50);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

test("controls change the run and the link", async () => {
  const { page, faults } = await opened();
  await reached(page, 20);
  await page.getByLabel("Problem", { exact: true }).selectOption("hills");
  await page.waitForFunction(() => location.hash.includes("problem=hills&") && location.hash.includes("loss=squared"));
  await page.getByRole("button", { name: "Add a layer" }).click();
  await page.getByRole("button", { name: "One unit fewer in layer 3" }).click();
  await page.getByLabel("Optimiser", { exact: true }).selectOption("momentum");
  await page.getByLabel("Activation", { exact: true }).selectOption("relu");
  expect(await page.evaluate(() => location.hash)).toMatch(
    /layers=8-8-7&activation=relu&loss=squared&optimizer=momentum/,
  );
  await page.waitForFunction(() => document.body.dataset["run"] === "opening");
  await reached(page, 20);
  await page.getByLabel("Example", { exact: true }).selectOption("line");
  expect(await page.getByText("A single straight line cannot part XOR").isVisible()).toBe(true);
  await page.waitForFunction(() => document.body.dataset["run"] === "opening");
  await reached(page, 20);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("points are drawn, erased and pasted; a table with a mistake is refused where it is", async () => {
  const { page, faults } = await opened("problem=own", { permissions: [] });
  await page.getByText("There is nothing to learn yet").waitFor();
  await page.getByText("Add", { exact: true }).click();
  const click = async (x: number, y: number) => {
    const map = await page.locator(".stage").boundingBox(); // a checked box may have scrolled the page
    if (map) await page.mouse.click(map.x + x * map.width, map.y + y * map.height);
  };
  for (let i = 0; i < 4; i++) await click(0.25 + 0.05 * i, 0.3);
  await page.locator(".brushes label").nth(1).click();
  for (let i = 0; i < 4; i++) await click(0.6 + 0.05 * i, 0.7);
  await reached(page, 30);
  expect(await page.evaluate(() => location.hash)).toMatch(/points=c2~~[\w-]{40}$/);
  await page.getByText("Erase", { exact: true }).click();
  await click(0.25, 0.3);
  await page.waitForFunction(() => /points=c2~~[\w-]{35}$/.test(location.hash));

  const table = page.getByLabel("Points as a table");
  for (const [given, sentence] of [
    ["1,2,a\n3,four,b", "Line 2: “four” is not a number."],
    ["1,2,a\n3,4,a", "All 2 points are of class “a”"],
    ["1,2,<b>a</b>\n3,4,<b>a</b>", "“<b>a</b>”"],
    ["1,NaN,a", "Line 1: “NaN” is not a number."],
  ] as const) {
    await table.fill(given);
    await page.getByRole("button", { name: "Use these points" }).click();
    expect(await page.locator(".side [role=alert]:not(:empty)").innerText()).toContain(sentence);
  }
  await table.fill("x,y,kind\n0,0,sea\n1,1,sea\n0,1,land\n1,0,land\n0.5,0.5,sky");
  await page.getByRole("button", { name: "Use these points" }).click();
  await page.getByText("5 points with 3 classes").waitFor();
  await page.waitForFunction(() => /points=c3~/.test(location.hash));
  await reached(page, 30);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a loss that is not finite stops the run with a sentence, and starting over works", async () => {
  const { page, faults } = await opened("problem=hills&loss=squared&rate=10&optimizer=sgd&pace=0");
  await page.locator(".trouble .notice").waitFor({ timeout: 30_000 });
  expect(await page.locator(".trouble").innerText()).toMatch(/step \d+ is not finite/);
  await page.getByLabel("Rate", { exact: true }).fill("0");
  await page.waitForFunction(() => document.querySelector(".trouble")?.childElementCount === 0);
  await reached(page, 20); // it was running when it failed, so it runs again
  expect(faults).toEqual([]);
  await page.context().close();
});

test("without WebGPU it trains on the CPU reference, and draws there", async () => {
  const bare = await openSite("no-webgpu");
  const { page, faults } = await bare.open("playground");
  await reached(page, 60);
  const { loss } = await told(page);
  expect(loss).toBeLessThan(0.69);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await bare.close();
});

test("while it learns nothing is made, the border is drawn from the GPU, and a stopped run stands still", async () => {
  const { page, faults } = await site.open("playground", {
    hash: "pace=0",
    viewport: { width: 1280, height: 900 },
    async prepare(page) {
      await spyOn(page);
      await spyInWorkers(page);
    },
  });
  await reached(page, 60);
  const [before, first] = [await countsIn(page), await told(page)];
  await reached(page, first.step + 4000);
  const [after, last] = [await countsIn(page), await told(page)];
  const since = (name: string) => (after.calls[name] ?? 0) - (before.calls[name] ?? 0);
  const made = Object.keys(after.calls).filter((name) => /^create(?!CommandEncoder)/.test(name) && since(name) > 0);
  // memory for what is read is kept for later readings, as much as was ever under way at once
  expect(made.filter((name) => name !== "createBuffer")).toEqual([]);
  expect(since("createBuffer")).toBeLessThan(16);
  // a step is not worth a reading: those of the losses go by submissions, those of the pictures by frames
  expect(since("mapAsync")).toBeLessThan((last.step - first.step) / 4);
  expect((await heardIn(page)).some(({ framesPerSecond = 0 }) => framesPerSecond > 0)).toBe(true);
  const stopped = Date.now();
  await page.getByRole("button", { name: "Pause" }).click();
  const { step = 0, at } = await hears(page, ({ what }) => what === "paused", { since: stopped });
  await page.getByRole("button", { name: "One step" }).click();
  const next = await hears(page, ({ what }) => what === "paused", { since: at });
  expect(next.step).toBe(step + 1);
  const later = (await heardIn(page)).filter((heard) => heard.at > at && heard.step !== undefined);
  expect(later.every((heard) => heard.step === step || heard.step === step + 1)).toBe(true);
  expect(faults).toEqual([]);
  await page.context().close();
});
