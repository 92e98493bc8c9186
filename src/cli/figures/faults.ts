// What pages must never do, over all of them: break accessibility, their content policy or their origin, or complain in the console.
import type { Page } from "playwright";
import { demosOf, type Site, violations } from "../site/open.ts";
import type { Figure } from "./figure.ts";
import { onSite } from "./onSite.ts";

const LOOKS = [
  { colorScheme: "light", viewport: { width: 360, height: 800 } },
  { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
] as const;
/** How long each page works before it is judged. */
const WORKING = 5000; // ms

interface Found {
  readonly axe: readonly string[];
  readonly policy: readonly string[];
  readonly offOrigin: readonly string[];
  readonly console: readonly string[];
}

const NAMES = {
  axe: "axe violations",
  policy: "CSP violations",
  offOrigin: "off-origin requests",
  console: "console and request errors",
} as const;

type Watched = typeof globalThis & { broken: string[] };

export const faults: Figure = {
  name: "faults",
  what: `all pages, light at 360 px and dark at 1280 px: ${Object.values(NAMES).join(", ")}`,
  bound: "0",
  measure: ({ note }) =>
    onSite(async (site) => {
      const data: Record<string, Found> = {};
      for (const name of ["", ...demosOf()]) {
        for (const look of LOOKS) {
          const label = `${name || "gallery"}, ${look.colorScheme}`;
          note(`faults, ${label}`);
          data[label] = await faultsOf(site, name, look);
        }
      }
      const kinds = Object.keys(NAMES) as (keyof Found)[];
      const count = (kind: keyof Found) => Object.values(data).reduce((sum, found) => sum + found[kind].length, 0);
      return {
        value: `${kinds.map((kind) => `${count(kind)} ${NAMES[kind]}`).join(", ")} in ${Object.keys(data).length} visits`,
        isMet: kinds.every((kind) => count(kind) === 0),
        data,
      };
    }),
};

async function faultsOf(site: Site, name: string, look: (typeof LOOKS)[number]): Promise<Found> {
  const { page, faults } = await site.open(name, { ...look, prepare: watchPolicy });
  await page.locator("[data-adapter]").waitFor();
  await page.waitForTimeout(WORKING);
  const axe = await violations(page);
  const policy = await page.evaluate(() => (globalThis as Watched).broken);
  await page.context().close();
  const isAway = (fault: string) => fault.startsWith("off-origin");
  return { axe, policy, offOrigin: faults.filter(isAway), console: faults.filter((fault) => !isAway(fault)) };
}

const watchPolicy = (page: Page) =>
  page.addInitScript(() => {
    const broken: string[] = [];
    Object.assign(globalThis, { broken });
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      broken.push(`${violatedDirective}: ${blockedURI}`);
    });
  });
