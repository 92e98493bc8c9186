// Runs the self-test of an adapter once for each version of gpugrad, and remembers in the user's cache that it passed.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { version } from "../../package.json";
import { selfTest } from "../check/selfTest.ts";
import type { DeviceInfo } from "../core/deviceInfo.ts";
import { DeviceError } from "../core/error.ts";
import { cachePath } from "../node/cache.ts";

/** Tests `gpu` unless that was done before. @throws DeviceError when it computes wrong */
export async function ensureSelfTested(gpu: GPU, info: DeviceInfo): Promise<void> {
  const file = cachePath("self-tested.json");
  const adapter = `${info.adapter} | ${info.driver}`;
  const known = passedIn(file);
  if (known.includes(adapter)) return;
  const { isRight, answers } = await selfTest({ gpu });
  if (!isRight) {
    const wrong = answers.filter((answer) => !answer.isRight).map(({ name, message }) => `${name}: ${message}`);
    throw new DeviceError(
      `device: ${info.adapter} computes wrong: ${wrong.join("; ")}. Choose another with --device; npm run doctor tells more`,
    );
  }
  remember(file, [...known, adapter]);
}

/** The adapters that have passed with this version. */
function passedIn(file: string): readonly string[] {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown; passed?: unknown };
    return kept.version === version && Array.isArray(kept.passed) ? (kept.passed as string[]) : [];
  } catch {
    return []; // not there yet, or not ours
  }
}

function remember(file: string, passed: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify({ version, passed }));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A cache that cannot be written only costs the test's time again.
  }
}
