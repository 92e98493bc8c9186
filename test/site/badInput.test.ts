// What no page can use, on every page that takes something: a sentence where the mistake is, text stays text, and the page goes on.
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demos, openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const MARKUP = "<img src=x onerror=alert(1)>";
const HOSTILE = [
  "rate=1e999",
  "count=-1",
  "batch=99999999999999999999",
  "seed=0x10",
  "seed=7",
  `${encodeURIComponent(MARKUP)}=<script>alert(1)</script>`,
  "__proto__=1",
  "points=%00%ff%E0%A4%A",
].join("&");

interface Given {
  readonly name: string;
  /** What is in it, or how many bytes of nothing. */
  readonly content: string | number;
}

/** Drops files on an element, and tells whether the browser was kept from opening them. */
const drop = (page: Page, selector: string, files: readonly Given[]) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, given) => {
      const dataTransfer = new DataTransfer();
      for (const { name, content } of given) {
        dataTransfer.items.add(new File([typeof content === "number" ? new Uint8Array(content) : content], name));
      }
      const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    }, files);

const step = (page: Page) => page.evaluate(() => Number(document.body.dataset["step"] ?? 0));

/** Nothing that was given became markup, and the run goes on. */
async function goesOn(page: Page): Promise<void> {
  expect(await page.locator('img[src="x"], main b, main script').count()).toBe(0);
  const before = await step(page);
  await page.waitForFunction(
    (least) => Number(document.body.dataset["step"] ?? 0) > least || document.body.dataset["run"] === "opening",
    before,
  );
  await page.waitForFunction(() => Number(document.body.dataset["step"] ?? 0) > 0);
}

test.each(["playground", "curves"])("a hostile link, and one of 100 KB: %s", async (name) => {
  for (const [hash, sentences] of [
    [HOSTILE, ["seed is there more than once: the last one is used.", "rate is “1e999” there", "count is “-1” there"]],
    [`rate=${"9".repeat(100_000)}`, ["The link is 100,005 characters long"]],
  ] as const) {
    const { page, faults } = await site.open(name, { hash });
    const said = await page.locator(".content > .notice").innerText();
    for (const sentence of sentences) expect(said).toContain(sentence);
    expect(said.length).toBeLessThan(1200);
    if (hash === HOSTILE) await goesOn(page);
    else await page.waitForFunction(() => document.body.dataset["run"] !== "failed");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(faults).toEqual([]);
    await page.context().close();
  }
});

test("a link that asks for a million steps says that they are being taken, and another run may begin: playground", async () => {
  const { page, faults } = await site.open("playground", { hash: "steps=1000000&pace=0" });
  await page.getByText("Taking the 1,000,000 steps of the link").waitFor();
  await page.getByRole("button", { name: "Start over" }).click();
  await page.waitForFunction(() => document.body.dataset["run"] === "opening");
  await goesOn(page);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("pages that keep nothing in their link open with any; a file dropped beside its place opens nothing", async () => {
  for (const name of ["", ...demos.filter((demo) => !["playground", "curves"].includes(demo))]) {
    const { page, faults } = await site.open(name, { hash: `${HOSTILE}&${"9".repeat(100_000)}` });
    await page.locator("[data-adapter]").waitFor();
    expect(await drop(page, "h1", [{ name: "a.csv", content: "1,2,a" }]), name).toBe(true);
    expect(faults).toEqual([]);
    await page.context().close();
  }
});

test("tables that are none, as text and as files, and the link that skips to the content: playground", async () => {
  const { page, faults } = await site.open("playground");
  const wrong = page.locator(".side .field [role=alert]:not(:empty)");
  for (const [table, sentence] of [
    ["these, are, words\nno, number, here", "Line 2: “no” is not a number."],
    ["1,2,a\n3,Infinity,b", "Line 2: “Infinity” is not a number."],
    [`1,2,a\n${"3,".repeat(5000)}b`, "Line 2 has 5,001 columns"],
    [`1,2,${MARKUP}\n3,4,${MARKUP}`, `All 2 points are of class “${MARKUP.slice(0, 24)}`],
    ['1,2,"a\n3,4,b', "Line 1"],
    ["x,y,value\n\n1,2,0.5\n3,4,NaN", "Line 4: “NaN” is not a number."],
  ] as const) {
    await page.getByLabel("Points as a table").fill(table);
    await page.getByRole("button", { name: "Use these points" }).click();
    expect(await wrong.innerText()).toContain(sentence);
  }
  const place = ".drop";
  const refusal = page.locator(".drop [role=alert]");
  const refused: readonly [readonly Given[], string][] = [
    [[{ name: "a.csv", content: 50_000_000 }], "The table is too large"],
    [[{ name: "a.png", content: "\u0089PNG\r\n\u001a\n" }], "Line 1"],
    [[{ name: "a.csv", content: "" }], "There are no points"],
    [["a", "b"].map((name) => ({ name: `${name}.csv`, content: "1,2,a\n3,4,b" })), "These are 2 files"],
    [[], "What was dropped is no file."],
  ];
  for (const [files, sentence] of refused) {
    await drop(page, place, files);
    await refusal.filter({ hasText: sentence }).waitFor();
  }
  await drop(page, place, [{ name: "a.csv", content: `x,y,kind\n0,0,${MARKUP}\n1,1,<b>\n0,1,<b>\n1,0,${MARKUP}` }]);
  await page.getByText("4 points with 2 classes").waitFor();
  expect(await refusal.isVisible()).toBe(false);
  await goesOn(page);
  await page.evaluate(() => Object.assign(window, { isSame: true }));
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter"); // what skips to the content leaves the settings behind the # alone, too
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await goesOn(page);
  expect(await page.evaluate(() => "isSame" in window && location.hash.includes("points=c2"))).toBe(true);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("lines that are no points: curves", async () => {
  const { page, faults } = await site.open("curves");
  await page.waitForFunction(() => Number(document.body.dataset["step"] ?? 0) > 0);
  for (const [lines, sentence] of [
    ["", "There are no points in it."],
    ["no, numbers\nNaN, 1", "Line 2: “NaN” is not a number."],
    ["0.1, 1e400", "Line 1: “1e400” is not a number."],
    ["1,".repeat(3000), "Line 1 has 3,000 numbers"],
    [`0.1, <b>${MARKUP.replaceAll(" ", "")}`, "Line 1: “<b><img"],
    ["1,2\n".repeat(30_000), "That is too much"],
    ["1,2\n".repeat(401), "There are more than 400 points"],
  ] as const) {
    await page.getByLabel("Points as lines").evaluate((field, value) => {
      (field as HTMLTextAreaElement).value = value; // typing so much takes the browser a minute
    }, lines);
    await page.getByRole("button", { name: "Use these points" }).click();
    await page.locator(".field [role=alert]").filter({ hasText: sentence }).waitFor();
  }
  await goesOn(page);
  await page.getByLabel("Points as lines").fill("x; y\n0.1; −0.5\n0.9; 7");
  await page.getByRole("button", { name: "Use these points" }).click();
  await page.getByText("2 points are used, stretched to fit the plot.").waitFor();
  await goesOn(page);
  expect(faults).toEqual([]);
  await page.context().close();
});

test("pictures that are none, numbers that are none: kernels", async () => {
  const { page, faults } = await site.open("kernels");
  await page.getByText(/^From −/).waitFor();
  const refused: readonly [readonly Given[], string][] = [
    [[{ name: `${MARKUP}.png`, content: "no picture" }], `“${MARKUP}.png” is not a picture`],
    [[{ name: "empty.png", content: 0 }], "“empty.png” is not a picture"],
    [[{ name: "a.png", content: 50_000_000 }], "“a.png” has 50 MB"],
    [["a", "b"].map((name) => ({ name, content: "x" })), "These are 2 files"],
  ];
  for (const [files, sentence] of refused) {
    await drop(page, ".drop", files);
    await page.locator(".drop [role=alert]").filter({ hasText: sentence }).waitFor();
  }
  for (const given of ["", "NaN", "Infinity", "1e999", "--1", "<b>2</b>"]) {
    await page.getByLabel("Row 1, column 1").fill(given);
    await page
      .locator(".field [role=alert]")
      .filter({ hasText: `“${given}”` })
      .waitFor();
  }
  await page.getByLabel("Row 1, column 1").fill("1000");
  await page.getByText(/ to [\d,]{3,5}\.$/).waitFor();
  expect(await page.locator('img[src="x"], main b').count()).toBe(0);
  expect(faults).toEqual([]);
  await page.context().close();
});
