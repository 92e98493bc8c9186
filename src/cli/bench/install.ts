// Installs the peers into bench/peers on first use: they are large, and only a comparison needs them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GpugradError } from "../../core/error.ts";
import { runProgram } from "../child.ts";

const FOLDER = fileURLToPath(new URL("../../bench/peers/", import.meta.url));

/** Runs npm in bench/peers unless exactly the wanted versions are there. `say` is told of it. */
export async function installPeers(say: (line: string) => void): Promise<void> {
  const { dependencies } = read(`${FOLDER}package.json`) as { dependencies: Readonly<Record<string, string>> };
  const isThere = ([name, version]: [string, string]) =>
    read(`${FOLDER}node_modules/${name}/package.json`)?.version === version;
  if (Object.entries(dependencies).every(isThere)) return;
  say("bench: installing the peers into bench/peers (600 MB)");
  const argv = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, errors } = await runProgram("npm", argv, { cwd: FOLDER });
  if (status !== 0) throw new GpugradError(`bench: --peers: npm install failed in bench/peers: ${errors.trim()}`);
}

function read(file: string): { readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
