// A folder for unpacked files that belongs to this user alone, filled in one step: others see all of it or nothing.
import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The path of `name` in gpugrad's part of the user's cache: `$XDG_CACHE_HOME` or `~/.cache`. */
export function cachePath(name: string): string {
  const { XDG_CACHE_HOME } = process.env;
  const base = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "gpugrad", name);
}

/** True where `folder` is there, is this user's, and nobody else can open it. */
export function isPrivate(folder: string): boolean {
  try {
    const found = statSync(folder);
    if (!found.isDirectory()) return false;
    return process.platform === "win32" || (found.uid === process.getuid!() && (found.mode & 0o077) === 0);
  } catch {
    return false;
  }
}

/**
 * Has `fill` write into a new folder beside `folder`, then moves that there. Whatever was there before goes, unless it `isWhole`
 * by then: another process was faster.
 */
export async function fillFolder(
  folder: string,
  isWhole: () => boolean,
  fill: (fresh: string) => void | Promise<void>,
): Promise<void> {
  const fresh = `${folder}.${randomUUID()}`;
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o700 });
    await fill(fresh);
    if (isWhole()) return;
    try {
      renameSync(folder, `${fresh}.old`);
    } catch {
      // Nothing was there.
    }
    renameSync(fresh, folder);
  } catch (error) {
    if (!isWhole()) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(`${fresh}.old`, { recursive: true, force: true });
  }
}
