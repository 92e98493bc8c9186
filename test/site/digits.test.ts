// The digits as they are built: training begins, learns, obeys its controls, shows what it mistakes and reads what is drawn.
// How fast it does so is told by `npm run figures -- 4`.
import { afterAll, beforeAll, expect, test } from "vitest";
import { tintOf } from "../../demo/digits/tint.ts";
import { unpackWeights } from "../../src/train/weightsFile.ts";
import { becomes, chances, drawOne, press, reached, told } from "./digitsPage.ts";
import { openSite, type Site, violations } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

test("the loss falls by half, mistakes open by a cell of the matrix, and a mistake is shown on the field", async () => {
  const { page, faults } = await site.open("digits");
  await reached(page, 1);
  const first = await told(page);
  await page.waitForFunction((least) => Number(document.body.dataset["loss"]) < least, first.loss / 2);
  await press(page, "Pause");
  await becomes(page, "paused");
  await page.waitForFunction(() => document.body.dataset["tested"] === document.body.dataset["step"]);
  const cell = page.locator(".matrix button:not(:disabled)").first();
  const [, label, answer, times] = (await cell.getAttribute("aria-label"))?.match(/^(\d) read as (\d): (\d+)/) ?? [];
  await cell.click();
  expect(await cell.getAttribute("aria-pressed")).toBe("true");
  await page.waitForFunction((short) => {
    const shown = [...document.querySelectorAll(".mistake span:last-child")];
    return shown.length > 0 && shown.every(({ textContent }) => textContent === short);
  }, `${label} as ${answer}`);
  expect(await page.locator(".mistake").count()).toBe(Math.min(24, Number(times)));
  const picture = page.locator(".mistake .picture").first();
  expect(await picture.evaluate((element) => getComputedStyle(element).backgroundImage)).toMatch(/^url\("blob:/);
  await page.locator(".mistake").first().click();
  await page.getByText(`It is a ${label}.`).first().waitFor();
  await cell.focus();
  await page.keyboard.press("ArrowDown");
  expect(await page.evaluate(() => document.activeElement?.closest(".matrix") !== null)).toBe(true);
  expect(await page.locator("canvas.gallery").count()).toBe(2);
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("what is drawn changes the chances: by mouse, by touch, by keys; clearing leaves none", async () => {
  const { page, faults } = await site.open("digits", { hasTouch: true });
  await reached(page, 30);
  await press(page, "Pause");
  await becomes(page, "paused");
  const changed = async (before: readonly string[]) => {
    await page.waitForFunction(
      (old) => [...document.querySelectorAll(".chances .percent")].map((one) => one.textContent).join() !== old,
      before.join(),
    );
    return chances(page);
  };
  const none = Array<string>(10).fill("–");
  const sample = await chances(page);
  expect(sample.join()).toMatch(/\d/);
  await drawOne(page);
  const drawn = await changed(sample);
  await press(page, "Clear");
  expect(await changed(drawn)).toEqual(none);
  expect(await page.getByText("Draw something.").isVisible()).toBe(true);

  const box = (await page.locator(".pad").boundingBox()) ?? { x: 0, y: 0 };
  await page.touchscreen.tap(box.x + 100, box.y + 100);
  const tapped = await changed(none);
  expect(tapped.join()).toMatch(/\d/);

  await page.locator(".pad").focus();
  await page.keyboard.press("Delete");
  await changed(tapped);
  for (const key of ["Space", ...Array<string>(8).fill("ArrowDown"), "ArrowRight", "Space"])
    await page.keyboard.press(key);
  expect((await changed(none)).join()).toMatch(/\d/);
  await page.keyboard.press("Backspace");
  await page.getByText("Draw something.").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
});

test.each(["light", "dark"] as const)("numbers of the matrix can be read on every tint: %s", async (colorScheme) => {
  const { page } = await site.open("digits", { colorScheme });
  await page.locator(".matrix").waitFor();
  const shares = Array.from({ length: 101 }, (_, i) => i / 100);
  const tints = [true, false].flatMap((isRight) => shares.map((share) => ({ isRight, tint: tintOf(isRight, share) })));
  const contrasts = await page.evaluate((all) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const luminance = (color: string) => {
      if (!context) return Number.NaN;
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map((byte) =>
        byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const [right, wrong] = [".matrix .right-answer", ".matrix td:not(.right-answer)"].map(
      (cell) => document.querySelector(cell) as HTMLElement,
    );
    return all.map(({ isRight, tint }) => {
      const cell = (isRight ? right : wrong) as HTMLElement;
      cell.style.setProperty("--share", `${tint}%`);
      const { color } = getComputedStyle(cell.querySelector("button") ?? cell);
      const [less = 0, more = 0] = [color, getComputedStyle(cell).backgroundColor].map(luminance).sort((a, b) => a - b);
      return (more + 0.05) / (less + 0.05);
    });
  }, tints);
  expect(contrasts).toHaveLength(202);
  expect(Math.max(...contrasts)).toBeGreaterThan(12); // an empty cell: it was measured
  expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
  await page.context().close();
});

test("pause, one step, resume, another rate, stop, start over, save", async () => {
  const { page, faults } = await site.open("digits");
  await reached(page, 5);
  await press(page, "Pause");
  await becomes(page, "paused");
  const { step } = await told(page);
  await page.waitForTimeout(500);
  expect((await told(page)).step).toBe(step);
  await press(page, "One step");
  await reached(page, step + 1);
  await becomes(page, "paused");
  expect((await told(page)).step).toBe(step + 1);
  await press(page, "Resume");
  await reached(page, step + 4);
  await page.getByLabel("Learning rate", { exact: true }).fill("4");
  await becomes(page, "opening");
  await becomes(page, "running");
  await reached(page, step + 8); // it went on from what was learnt
  await press(page, "Stop");
  await becomes(page, "finished");
  expect(await page.locator(".primary").isDisabled()).toBe(true);
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save the weights")]);
  expect(download.suggestedFilename()).toMatch(/^digits-cnn-\d+\.safetensors$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const weights = unpackWeights(new Uint8Array(Buffer.concat(chunks)), "digits.safetensors");
  expect(Object.values(weights).map(({ shape }) => shape.join("×"))).toContain("5×5×1×8");
  await page.getByText("Dense", { exact: true }).click();
  await becomes(page, "running");
  await reached(page, 3);
  expect((await told(page)).step).toBeLessThan(step + 1000);
  expect(await page.locator(".training .status").innerText()).toContain("784, 128, 10");
  expect(faults).toEqual([]);
  await page.context().close();
});

test("it trains again after a reload, from the cache, and goes on when the window changes its size", async () => {
  const { page, faults } = await site.open("digits");
  const last = page.waitForEvent("requestfinished", (request) => /test-01-\w+\.bin$/.test(request.url()));
  await reached(page, 3);
  await page.getByText("60,000 of 60,000").waitFor();
  await last; // digits to test come after those to train on
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.reload();
  await reached(page, 3);
  expect(asked.filter((url) => url.endsWith(".bin"))).toEqual([]);
  const before = await told(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await reached(page, before.step + 5);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  const [chart, card] = await Promise.all(
    [".uplot", ".training"].map((part) => page.locator(part).first().boundingBox()),
  );
  expect(chart?.width).toBeLessThan(card?.width ?? 0);
  expect(faults).toEqual([]);
  await page.context().close();
});
