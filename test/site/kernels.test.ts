// The page of the kernels: the picture follows the numbers, gradient descent finds them, and what is no picture is said to be none.

import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The mean of each channel of a canvas, to tell pictures apart. */
const means = (page: Page, label: string) =>
  page.getByLabel(label).evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy?.drawImage(canvas as HTMLCanvasElement, 0, 0); // the page's own is not one to be read from many times
    const data = copy?.getImageData(0, 0, width, height).data ?? [];
    const sums = [0, 0, 0];
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4] = (sums[i % 4] as number) + (data[i] as number);
    return sums.map((sum) => Math.round((4 * sum) / data.length));
  });
const BEFORE = "The picture before the kernel";
const AFTER = "The picture after the kernel";

test("the picture follows the kernel, and identity leaves it as it is", async () => {
  const { page, faults } = await site.open("kernels");
  await page.getByText(/^From −/).waitFor();
  await page.getByText("As colours").click();
  await page.getByRole("button", { name: "Identity" }).click();
  await page
    .getByText("From 0 to 1.")
    .or(page.getByText(/^From 0\.\d+ to 1\.$/))
    .waitFor();
  expect(await means(page, AFTER)).toEqual(await means(page, BEFORE));
  await page.getByLabel("Row 2, column 2").fill("0.5");
  await page.getByText(/^From 0(\.\d+)? to 0\.5\.$/).waitFor();
  const [half = 0] = await means(page, AFTER);
  expect(half / ((await means(page, BEFORE))[0] ?? 0)).toBeCloseTo(0.5, 1);
  await page.getByLabel("Row 1, column 1").fill("<b>x</b>");
  expect(await page.getByRole("alert").filter({ hasText: "Not a number" }).innerText()).toContain("“<b>x</b>”");
  expect(faults).toEqual([]);
  await page.context().close();
});

test("gradient descent finds the kernel that is set", async () => {
  const { page, faults } = await site.open("kernels");
  await page.getByText(/^From −/).waitFor();
  await page.getByRole("button", { name: "Learn", exact: true }).click();
  await page.getByText(/^Found after/).waitFor({ timeout: 40_000 });
  const said = await page.getByText(/^Found after/).innerText();
  expect(Number(said.match(/than ([\d.e-]+)\.$/)?.[1])).toBeLessThan(0.05);
  await page.getByRole("button", { name: "Put it above" }).click();
  expect(Number((await page.getByLabel("Row 2, column 3").inputValue()).replace("−", "-"))).toBeCloseTo(2, 1);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a file that is no picture, and one of another size, are answered by a sentence in the page", async () => {
  const { page, faults } = await site.open("kernels");
  await page.getByText(/^From −/).waitFor();
  const inputs = page.locator('input[type="file"]');
  await inputs.first().setInputFiles({ name: "<img>.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.getByText("“<img>.png” is not a picture that this browser can read.").waitFor();
  await page.getByText("Another picture").click();
  await page.getByRole("button", { name: "Learn", exact: true }).click();
  await page.getByText("Choose the picture after the kernel first.").waitFor();
  const icon = "demo/ui/icon.svg";
  await inputs.nth(1).setInputFiles(icon);
  await page
    .getByText(/is not a picture|must be equally large/)
    .last()
    .waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});
