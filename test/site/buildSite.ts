// Builds dist/site once before the tests that open its pages.
import { createBuilder } from "vite";

export default async function buildSite(): Promise<void> {
  const builder = await createBuilder({ configFile: "vite.config.ts", mode: "site", logLevel: "warn" });
  const { site } = builder.environments;
  if (site) await builder.build(site);
}
