// How pages feel while a network learns in them: how soon it does, the longest task of their thread, how soon they stop, how often the border is drawn.
import type { Page } from "playwright";
import { drawOf } from "../../check/draw.ts";
import { quantile } from "../bench/timing.ts";
import { clickUntil, heardIn, hears, spyOn } from "../site/spy.ts";
import type { Figure } from "./figure.ts";
import { learningPage, onSite } from "./onSite.ts";

/** At full speed, and at the pace that the Playground begins with; its own network is 8-8. */
const RUNS = [
  { label: "Playground", name: "playground", hash: "pace=0" },
  { label: "Playground at 300 steps/s", name: "playground", hash: "pace=300" },
  { label: "Digits", name: "digits", hash: "" },
] as const;
const PLAYGROUNDS = RUNS.filter(({ name }) => name === "playground");
const WATCHED = 20_000; // ms
const STOPS = 12;

/** Browsers tell of tasks from 50 ms on. */
const LONGEST = 50; // ms
const STOPPED = 200; // ms
const FRAMES = 20;
const TRAINS = 3; // s
const OPENINGS = 5;

type Watched = typeof globalThis & { tasks: { readonly at: number; readonly ms: number }[] };

const watchTasks = (page: Page) =>
  page.addInitScript(() => {
    const tasks: { at: number; ms: number }[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ at: startTime, ms: duration });
    }).observe({ type: "longtask", buffered: true });
  });

export const opening: Figure = {
  name: "opening",
  what: `Digits: page opened, nothing cached, to training; slowest of ${OPENINGS}`,
  bound: `≤ ${TRAINS} s`,
  measure: ({ note }) =>
    onSite(async (site) => {
      const data: number[] = [];
      for (let i = 1; i <= OPENINGS; i++) {
        note(`Digits opens, ${i} of ${OPENINGS}`);
        const { page } = await site.open("digits", { viewport: { width: 1280, height: 900 }, prepare: spyOn });
        const { at } = await hears(page, ({ what }) => what === "running", { within: 60_000, every: 100 });
        data.push((at - (await page.evaluate(() => performance.timeOrigin))) / 1000);
        await page.context().close();
      }
      const [slowest, middle] = [Math.max(...data), quantile(data, 0.5)];
      return {
        value: `${slowest.toFixed(2)} s (median ${middle.toFixed(2)})`,
        isMet: slowest <= TRAINS,
        data,
      };
    }),
};

export const longestTask: Figure = {
  name: "tasks",
  what: `longest task of the page's thread in ${WATCHED / 1000} s of training`,
  bound: `≤ ${LONGEST} ms`,
  measure: ({ note }) =>
    onSite(async (site) => {
      const data: Record<string, readonly number[]> = {};
      for (const { label, name, hash } of RUNS) {
        note(`long tasks, ${label}`);
        const page = await learningPage(site, name, { hash, prepare: watchTasks });
        const from = await page.evaluate(() => performance.now());
        await page.waitForTimeout(WATCHED);
        const tasks = await page.evaluate(() => (globalThis as Watched).tasks);
        data[label] = tasks.filter(({ at }) => at >= from).map(({ ms }) => ms);
        await page.context().close();
      }
      const say = ([label, tasks]: [string, readonly number[]]) =>
        `${label}: ${tasks.length === 0 ? `none over ${LONGEST} ms` : `${Math.max(...tasks)} ms, ${tasks.length} over ${LONGEST} ms`}`;
      return {
        value: Object.entries(data).map(say).join("; "),
        isMet: Object.values(data)
          .flat()
          .every((ms) => ms <= LONGEST),
        data,
      };
    }),
};

export const stopping: Figure = {
  name: "stop",
  what: `stop button to stopped, slowest of ${STOPS} stops`,
  bound: `≤ ${STOPPED} ms`,
  measure: ({ note }) =>
    onSite(async (site) => {
      const data: Record<string, number[]> = {};
      const draw = drawOf(1, 0);
      for (const { label, name, hash } of RUNS) {
        note(`stop button, ${label}`);
        const page = await learningPage(site, name, { hash });
        data[label] = [];
        for (let i = 0; i < STOPS; i++) {
          await page.waitForTimeout(draw.int(200, 900));
          data[label].push(await clickUntil(page, "Pause", "paused"));
          const since = Date.now();
          await page.locator("button.primary").first().click();
          await hears(page, ({ what }) => what === "running", { since });
        }
        await page.context().close();
      }
      const slowest = Object.entries(data).map(([label, each]) => [label, Math.max(...each)] as const);
      return {
        value: slowest.map(([label, ms]) => `${label}: ${ms.toFixed(0)} ms`).join("; "),
        isMet: slowest.every(([, ms]) => ms <= STOPPED),
        data,
      };
    }),
};

export const frames: Figure = {
  name: "frames",
  what: `Playground: frames of the border a second, in ${WATCHED / 1000} s of an 8-8 net's training`,
  bound: `≥ ${FRAMES}`,
  measure: ({ note }) =>
    onSite(async (site) => {
      const data: Record<string, { framesPerSecond: number; stepsPerSecond: number; each: readonly number[] }> = {};
      for (const { label, name, hash } of PLAYGROUNDS) {
        note(`frames, ${label}`);
        const page = await learningPage(site, name, { hash });
        const since = Date.now();
        await page.waitForTimeout(WATCHED);
        const probes = (await heardIn(page)).filter(({ at, what }) => what === "probe" && at > since);
        await page.context().close();
        const rate = (of: "framesPerSecond" | "stepsPerSecond") =>
          probes.slice(1).reduce((sum, probe, i) => sum + (probe[of] ?? 0) * (probe.at - (probes[i]?.at ?? 0)), 0) /
          ((probes.at(-1)?.at ?? 0) - (probes[0]?.at ?? 0));
        const each = probes.map(({ framesPerSecond = 0 }) => framesPerSecond);
        data[label] = { framesPerSecond: rate("framesPerSecond"), stepsPerSecond: rate("stepsPerSecond"), each };
      }
      const say = ([label, { framesPerSecond, stepsPerSecond }]: [string, (typeof data)[string]]) =>
        `${label}: ${framesPerSecond.toFixed(1)} (${stepsPerSecond.toFixed(0)} steps/s)`;
      return {
        value: Object.entries(data).map(say).join("; "),
        isMet: Object.values(data).every(({ framesPerSecond }) => framesPerSecond >= FRAMES),
        data,
      };
    }),
};
