// The built site in headless Chromium, for tests.
import { readdirSync } from "node:fs";

export { openSite, type Site, violations } from "../../src/cli/site/open.ts";

/** The demos, by the folders of their sources. */
export const demos = readdirSync("demo", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(`demo/${entry.name}`).includes("index.html"))
  .map(({ name }) => name);
