// GPU processes killed in the middle of runs: how soon the page knows, how soon it trains again, and whether the run comes to the same weights.
import type { Page } from "playwright";
import { drawOf } from "../../check/draw.ts";
import { quantile } from "../bench/timing.ts";
import { killGpuProcess, UNLIMITED_KILLS } from "../site/kill.ts";
import type { Site } from "../site/open.ts";
import { heardIn, hears, spyOn, weightsDigest } from "../site/spy.ts";
import { spyInWorkers } from "../site/workerSpy.ts";
import type { Figure } from "./figure.ts";
import { onSite } from "./onSite.ts";

const RUNS = 20;
/** The run of a link: so many steps of the Playground's own example, then it stands still. */
const STEPS = 40_000;
const LINK = `pace=0&steps=${STEPS}`;
const NOTICED = 1000; // ms
const AGAIN = 3000; // ms
const SEED = 1;

interface Run {
  /** ms from the start of the run to the kill. */
  readonly killedAfter: number;
  /** ms from the kill. */
  readonly noticed: number;
  /** … to the end of the first steps after that, found by the answer to a reading behind them. */
  readonly again: number;
  /** Of the final weights; or why there are none. */
  readonly digest: string;
}

export const killed: Figure = {
  name: "killed",
  what: `${RUNS} runs in the Playground, each with its GPU process killed at a random moment: noticed; training again (slowest of all)`,
  bound: `≤ ${NOTICED / 1000} s; ≤ ${AGAIN / 1000} s; same final weights`,
  measure: ({ note }) =>
    onSite(async (site) => {
      note("a run in the Playground that nobody disturbs");
      const whole = await undisturbed(site);
      const runs: Run[] = [];
      const draw = drawOf(SEED, 0);
      while (runs.length < RUNS) {
        note(`GPU process ${runs.length + 1} of ${RUNS}`);
        const run = await disturbed(site, (draw.int(20, 900) / 1000) * whole.milliseconds);
        if (run) runs.push(run);
      }
      const worst = (of: (run: Run) => number) => Math.max(...runs.map(of));
      const [noticed, again] = [worst((run) => run.noticed), worst((run) => run.again)];
      const same = runs.filter(({ digest }) => digest === whole.digest).length;
      const middle = quantile(
        runs.map((run) => run.again),
        0.5,
      );
      const seconds = (ms: number) => (ms / 1000).toFixed(2);
      return {
        value: `${seconds(noticed)} s; ${seconds(again)} s (median ${seconds(middle)}); ${same} of ${RUNS} runs with the same weights`,
        isMet: noticed <= NOTICED && again <= AGAIN && same === RUNS,
        data: { ...whole, runs },
      };
    }, UNLIMITED_KILLS),
};

async function opened(site: Site): Promise<{ page: Page; started: number }> {
  const { page } = await site.open("playground", {
    hash: LINK,
    async prepare(page) {
      await spyOn(page);
      await spyInWorkers(page);
    },
  });
  const { at } = await hears(page, ({ what }) => what === "running", { within: 60_000, every: 5 });
  return { page, started: at };
}

/** The end of a run: it stands at its last step. */
const isEnd = ({ what, step }: { readonly what: string; readonly step?: number }) =>
  what === "paused" && step === STEPS;

async function undisturbed(site: Site): Promise<{ milliseconds: number; digest: string }> {
  const { page, started } = await opened(site);
  const { at } = await hears(page, isEnd, { since: started, within: 300_000, every: 50 });
  const digest = await weightsDigest(page);
  await page.context().close();
  return { milliseconds: at - started, digest };
}

/** Undefined where the run was quicker than the one before, and had ended when it was to be killed. */
async function disturbed(site: Site, wait: number): Promise<Run | undefined> {
  const { page, started } = await opened(site);
  await page.waitForTimeout(wait - (Date.now() - started));
  const killedAt = await killGpuProcess(site.browser);
  const digest = await hears(page, isEnd, { since: killedAt, within: 120_000, every: 50 }).then(
    () => weightsDigest(page),
    ({ message }: Error) => message,
  );
  const heard = await heardIn(page);
  await page.context().close();
  if (heard.some((one) => isEnd(one) && one.at <= killedAt)) return undefined;
  const after = heard.filter(({ at }) => at > killedAt);
  const noticed = after.find(({ what }) => what === "recovering");
  const again = after.find(({ what }) => what === "trained");
  return {
    killedAfter: killedAt - started,
    noticed: (noticed?.at ?? Number.POSITIVE_INFINITY) - killedAt,
    again: (again?.at ?? Number.POSITIVE_INFINITY) - killedAt,
    digest,
  };
}
