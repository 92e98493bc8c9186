// The built site in headless Chromium, for figures of its pages.
import type { Page } from "playwright";
import { type OpenPageOptions, openSite, type Site } from "../site/open.ts";
import { hears, spyOn } from "../site/spy.ts";
import type { Measured } from "./figure.ts";

/** Opens the site, measures there and closes it. Where the machine has no Chromium of ours it says so. */
export async function onSite(
  measure: (site: Site) => Promise<Measured>,
  flags: readonly string[] = [],
): Promise<Measured> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return { value: "npm has no Chromium for this machine", isMet: undefined, data: null };
  }
  const site = await openSite("software", flags);
  try {
    return await measure(site);
  } finally {
    await site.close();
  }
}

/** A page with a network that learns: what its worker tells is heard, and so many of its messages have come. */
export async function learningPage(
  site: Site,
  name: string,
  { messages = 5, prepare, ...options }: OpenPageOptions & { readonly messages?: number } = {},
): Promise<Page> {
  const { page } = await site.open(name, {
    viewport: { width: 1280, height: 900 },
    ...options,
    async prepare(page) {
      await spyOn(page);
      await prepare?.(page);
    },
  });
  let since = (await hears(page, ({ what }) => what === "running", { within: 60_000 })).at;
  for (let i = 0; i < messages; i++) {
    since = (await hears(page, ({ step = 0 }) => step > 0, { since, within: 60_000, every: 100 })).at;
  }
  return page;
}
