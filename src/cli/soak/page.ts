// The soak of a page: the Playground for as long as is wanted, with a control changed every second. After every round it stands at the same
// place again, and what is there then is compared: buffers and textures of its worker, memory of page and worker.
import type { Page } from "playwright";
import { drawOf } from "../../check/draw.ts";
import { openSite, type Site } from "../site/open.ts";
import { COLLECTABLE, countsIn, spyInWorkers } from "../site/workerSpy.ts";
import { time } from "../start/display.ts";
import { changeSome } from "./controls.ts";
import { type PageLevel, pageVerdictOf } from "./pageVerdict.ts";
import type { Soak, Soaked } from "./part.ts";

/** With these a page may ask what memory it takes, and is answered at once. */
const MEASURABLE = [COLLECTABLE, "--enable-blink-features=ForceEagerMeasureMemory", "--site-per-process"];
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const CHANGES = 25;
const CHANGE_EVERY = 1000; // ms
/** What every round ends with: so many steps of the first example. */
const SETTLED = 200;

/** Plays for so long, and judges what was left of it and whatever the page must not do. */
export async function soakPage({ minutes, seed, signal, say }: Soak): Promise<Soaked> {
  const site = await openSite("software", MEASURABLE, ISOLATED);
  try {
    const { page, faults } = await opened(site);
    const levels: PageLevel[] = [];
    const mistakes: string[] = [];
    const start = performance.now();
    let last: string[] = [];
    while (!signal.aborted && (levels.length < 2 || performance.now() - start < minutes * 60_000)) {
      try {
        last = await playRound(page, seed, levels.length);
        levels.push({
          ...{ round: levels.length + 1, changes: CHANGES, seconds: (performance.now() - start) / 1000 },
          ...(await levelOf(page)),
        });
      } catch (error) {
        mistakes.push(
          `round ${levels.length + 1}: ${(error as Error).message.split("\n")[0]} (after ${last.join("; ")})`,
        );
        break;
      }
      say(show(levels.at(-1) as PageLevel));
    }
    const verdict = pageVerdictOf(levels, [...mistakes, ...faults]);
    const seconds = (performance.now() - start) / 1000;
    return {
      head: `${levels.length} rounds, ${CHANGES * levels.length} changes in ${time(seconds)} of the Playground`,
      ...verdict,
      data: { in: "page", seed, seconds, levels, ...verdict },
    };
  } finally {
    await site.close();
  }
}

async function opened(site: Site) {
  return site.open("playground", { viewport: { width: 1280, height: 900 }, prepare: spyInWorkers });
}

/** Changes controls, then goes back to the first example and lets it train. Gives what was changed. */
async function playRound(page: Page, seed: number, round: number): Promise<string[]> {
  const draw = drawOf(seed, round);
  const changes: string[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const began = performance.now();
    changes.push(await changeSome(page, draw));
    await page.waitForTimeout(Math.max(0, CHANGE_EVERY - (performance.now() - began)));
  }
  await page.getByLabel("Example", { exact: true }).selectOption("start");
  await page.waitForFunction(() => document.body.dataset["run"] === "opening", undefined, { polling: 20 });
  await page.waitForFunction(
    (least) => {
      const { run, step } = document.body.dataset;
      const button = document.querySelector<HTMLButtonElement>("button.primary");
      if (run === "paused" && button?.textContent === "Run") button.click();
      return run === "running" && Number(step) >= least;
    },
    SETTLED,
    { polling: 100, timeout: 60_000 },
  );
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForFunction(() => document.body.dataset["run"] === "paused");
  return changes;
}

async function levelOf(page: Page) {
  await page.waitForTimeout(1000); // what was let go of is destroyed a moment later
  const { buffers, bytes, textures } = await countsIn(page);
  const heap = await page.evaluate(async () => {
    (globalThis as { gc?: () => void }).gc?.();
    const { measureUserAgentSpecificMemory: measure } = performance as unknown as {
      measureUserAgentSpecificMemory(): Promise<{ breakdown: { bytes: number; types: string[] }[] }>;
    };
    const { breakdown } = await measure.call(performance);
    return breakdown.filter(({ types }) => types.includes("JavaScript")).reduce((sum, { bytes }) => sum + bytes, 0);
  });
  return { buffers, bytes, textures, heap };
}

function show({ round, seconds, buffers, bytes, textures, heap }: PageLevel): string {
  const mega = (value: number) => `${(value / 2 ** 20).toFixed(2)} MB`;
  return `${time(seconds)}  round ${round}  ${buffers} buffers ${mega(bytes)}  ${textures} textures  heap ${mega(heap)}`;
}
