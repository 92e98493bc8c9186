// Packs the library as it would be published, once before the tests that install it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildLibrary } from "../../library.config.ts";
import { runCommand } from "./command.ts";

/** What `npm pack` made. */
export interface Packed {
  readonly tarball: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly string[];
  /** A folder for projects of the tests, which is removed after them. */
  readonly folder: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly packed: Packed;
  }
}

export default async function pack(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "gpugrad-pack-"));
  await buildLibrary();
  await runCommand("node", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json", "--noCheck"]);
  const printed = await runCommand("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]);
  const [{ filename, size, files }] = JSON.parse(printed);
  const names = files.map(({ path }: { path: string }) => path);
  project.provide("packed", { tarball: join(folder, filename), size, files: names, folder });
  return () => rmSync(folder, { recursive: true, force: true });
}
