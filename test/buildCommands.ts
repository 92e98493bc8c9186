// Builds dist once before the tests, so that those which run a command run today's code.
import { createBuilder } from "vite";

export default async function buildCommands(): Promise<void> {
  const builder = await createBuilder({ configFile: "vite.config.ts", logLevel: "warn" });
  await builder.buildApp();
}
