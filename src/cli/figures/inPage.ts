// Training steps in a page: against the same steps in Node on the same adapter, and against peers in the same browser.
import { cnnAdam } from "../../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import type { StepCase } from "../../../bench/steps/step.ts";
import { openDevice } from "../../open.ts";
import { type BenchBrowser, openBenchBrowser, type PageContestant, type PageSystem } from "../bench/chromium.ts";
import { installPeers } from "../bench/install.ts";
import type { PeerName } from "../bench/peers.ts";
import type { Row } from "../bench/row.ts";
import {
  checkAgainst,
  endless,
  FEWEST,
  firstLosses,
  LONG_ENOUGH,
  taskOf,
  trainerFor,
  WARM_UP,
} from "../bench/stepCase.ts";
import { contestant, timedInTurns } from "../bench/timing.ts";
import { boundOf, judged, type Leads, withSpread } from "./beside.ts";
import type { Bench, Figure, Measured } from "./figure.ts";

const ADAPTER = "swiftshader";
const NO_ADAPTER = { value: `no ${ADAPTER} here`, isMet: undefined, data: null } as const;
const STEPS: readonly StepCase[] = [mlpAdam, cnnAdam];
const SHARE = 0.8;

export const besideNode: Figure = {
  name: "page-node",
  what: `steps/s in a page (worker, channel) over steps/s in Node, both on ${ADAPTER}: ${STEPS.map(({ name }) => name).join("; ")}`,
  bound: `≥ ${SHARE}×`,
  measure: (bench) => inBrowser(["gpugrad"], (browser) => measureBesideNode(bench, browser)),
};

async function measureBesideNode(bench: Bench, browser: BenchBrowser): Promise<Measured> {
  const found = await bench.find(ADAPTER);
  if (!found?.gpu) return NO_ADAPTER;
  const device = await openDevice({ gpu: found.gpu });
  const data: Record<string, object> = {};
  const shares: number[] = [];
  const texts: string[] = [];
  try {
    for (const step of STEPS) {
      bench.note(`${step.name} in a page and in Node`);
      const set = step.data();
      const page = await opened(browser, "gpugrad", step.name, await firstLosses(device, step, set));
      const trainer = await trainerFor(device, step);
      const train = async (maxSteps: number) => {
        for await (const _ of trainer.fit(set, { ...endless(step), maxSteps }));
      };
      await train(WARM_UP);
      const [inNode, inPage] = await timedInTurns(
        [
          { ...contestant(train), fewest: FEWEST },
          { ...page, fewest: FEWEST },
        ],
        LONG_ENOUGH,
      );
      if (!inNode || !inPage) throw new Error("internal: figures: a timing is missing");
      const share = inNode.seconds / inPage.seconds;
      shares.push(share);
      data[step.name] = { share, inNode, inPage };
      texts.push(
        `${share.toFixed(2)}× (${withSpread(1 / inPage.seconds, inPage.spread)} to ${withSpread(1 / inNode.seconds, inNode.spread)})`,
      );
    }
  } finally {
    device.close();
  }
  return { value: texts.join("; "), isMet: shares.every((share) => share >= SHARE), data };
}

const LEADS: Leads = { "tfjs webgpu": { wall: 10 }, "jax-js webgpu": { wall: 2.5 } };
const PEERS = Object.keys(LEADS) as (PageSystem & PeerName)[];

export const besidePeers: Figure = {
  name: "page-peers",
  what: "mlp-adam, steps/s in Chromium, beside peers in the same browser",
  bound: boundOf(LEADS),
  async measure(bench) {
    await installPeers(bench.note);
    return inBrowser(["gpugrad", ...PEERS], (browser) => measureBesidePeers(bench, browser));
  },
};

async function measureBesidePeers(bench: Bench, browser: BenchBrowser): Promise<Measured> {
  const found = await bench.find(ADAPTER);
  if (!found?.gpu) return NO_ADAPTER;
  const device = await openDevice({ gpu: found.gpu });
  const labels = { suite: "steps", case: mlpAdam.name, adapter: `${browser.name}, ${ADAPTER}` } as const;
  const rows: Row[] = [];
  const ready: { readonly system: Row["system"]; readonly page: PageContestant }[] = [];
  try {
    const set = mlpAdam.data();
    const losses = await firstLosses(device, mlpAdam, set);
    const task = await taskOf(await trainerFor(device, mlpAdam), mlpAdam, set);
    for (const system of ["gpugrad", ...PEERS] as const) {
      bench.note(`${mlpAdam.name} in Chromium: ${system}`);
      const page = opened(browser, system, system === "gpugrad" ? mlpAdam.name : task, losses);
      await page.then(
        (page) => ready.push({ system, page: system === "gpugrad" ? { ...page, fewest: FEWEST } : page }),
        ({ message }: Error) => rows.push({ ...labels, system, note: message.split("\n")[0] as string }),
      );
    }
  } finally {
    device.close();
  }
  bench.note(`${mlpAdam.name} in Chromium, in turns`);
  const timings = await timedInTurns(
    ready.map(({ page }) => page),
    LONG_ENOUGH,
  );
  timings.forEach(({ seconds, spread }, i) => {
    const system = ready[i]?.system as Row["system"];
    rows.push({ ...labels, system, milliseconds: 1000 * seconds, spread, stepsPerSecond: 1 / seconds });
  });
  const own = rows.find(({ system }) => system === "gpugrad");
  if (!own?.stepsPerSecond) return { value: `gpugrad: ${own?.note ?? "not measured"}`, isMet: false, data: rows };
  const { text, isMet } = judged(rows, LEADS);
  return { value: `${withSpread(own.stepsPerSecond, own.spread)}: ${text}`, isMet, data: rows };
}

/** A page that has computed the first steps right, and is warm. @throws Error that says what is wrong with them */
async function opened(
  browser: BenchBrowser,
  system: PageSystem,
  task: Parameters<BenchBrowser["open"]>[1],
  losses: readonly number[],
): Promise<PageContestant> {
  const page = await browser.open(system, task);
  const wrong = checkAgainst(losses)(page.first);
  if (wrong !== undefined) throw new Error(wrong);
  await page.run(system === "gpugrad" ? WARM_UP : 1);
  return page;
}

async function inBrowser(
  systems: readonly PageSystem[],
  measure: (browser: BenchBrowser) => Promise<Measured>,
): Promise<Measured> {
  const browser = await openBenchBrowser(systems);
  try {
    return await measure(browser);
  } finally {
    await browser.close();
  }
}
