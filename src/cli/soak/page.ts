// The soak of a page: the Playground for as long as is wanted, with a control changed every second. After every round it stands at the same
// place again, and what is there then is compared: buffers and textures of its worker, memory of page and worker.
import type { Page } from "playwright";
import { type Draw, drawOf } from "../../check/draw.ts";
import { openSite, type Site } from "../site/open.ts";
import { COLLECTABLE, countsIn, spyInWorkers } from "../site/workerSpy.ts";
import { time } from "../start/display.ts";
import { changeSome } from "./controls.ts";
import { type Heap, heapOf } from "./heap.ts";
import { type PageLevel, pageVerdictOf } from "./pageVerdict.ts";
import type { Soak, Soaked } from "./part.ts";

/** Compiled code would make the heap grow for hours. */
const CALM = `${COLLECTABLE},--no-opt,--no-maglev,--no-sparkplug`;
const CHANGES = 25;
const CHANGE_EVERY = 1000; // ms
/** What every round ends with: so many steps of the first example. */
const SETTLED = 200;

/** Plays for so long, and judges what was left of it and whatever the page must not do. */
export async function soakPage({ minutes, seed, signal, say }: Soak): Promise<Soaked> {
  const site = await openSite("software", [CALM]);
  try {
    const { page, faults } = await opened(site);
    const memory = await heapOf(page);
    const levels: PageLevel[] = [];
    const mistakes: string[] = [];
    const start = performance.now();
    while (!signal.aborted && (levels.length < 2 || performance.now() - start < minutes * 60_000)) {
      const changes: string[] = [];
      try {
        await playRound(page, { draw: drawOf(seed, levels.length), changes, faults, mistakes });
        levels.push({
          ...{ round: levels.length + 1, changes: CHANGES, seconds: (performance.now() - start) / 1000 },
          ...(await levelOf(page, memory)),
        });
      } catch (error) {
        mistakes.push(
          `round ${levels.length + 1}: ${(error as Error).message.split("\n")[0]} (after ${changes.join("; ")})`,
        );
        break;
      }
      say(show(levels.at(-1) as PageLevel));
    }
    const verdict = pageVerdictOf(levels, mistakes);
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

/** A round, and what it fills: what was changed, and which faults came after what. */
interface Round {
  readonly draw: Draw;
  readonly changes: string[];
  readonly faults: readonly string[];
  readonly mistakes: string[];
}

/** Changes controls, then goes back to the first example and lets it train. */
async function playRound(page: Page, { draw, changes, faults, mistakes }: Round): Promise<void> {
  let known = faults.length;
  for (let i = 0; i < CHANGES; i++) {
    const began = performance.now();
    changes.push(await changeSome(page, draw));
    await page.waitForTimeout(Math.max(0, CHANGE_EVERY - (performance.now() - began)));
    for (const fault of faults.slice(known)) mistakes.push(`${fault} (after ${changes.slice(-5).join("; ")})`);
    known = faults.length;
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
  mistakes.push(...faults.slice(known));
}

async function levelOf(page: Page, memory: Heap) {
  await page.waitForTimeout(1000); // what was let go of is destroyed a moment later
  const { buffers, bytes, textures } = await countsIn(page);
  return { buffers, bytes, textures, heap: await memory.used() };
}

function show({ round, seconds, buffers, bytes, textures, heap }: PageLevel): string {
  const mega = (value: number) => `${(value / 2 ** 20).toFixed(2)} MB`;
  return `${time(seconds)}  round ${round}  ${buffers} buffers ${mega(bytes)}  ${textures} textures  heap ${mega(heap)}`;
}
