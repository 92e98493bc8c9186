// Files of results: rows as JSON, as `--json FILE` writes them and `bench compare` reads them.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { DataError } from "../../core/error.ts";
import type { Row } from "./row.ts";

/** @throws DataError when the file cannot be read or holds no rows; `call` names who asked */
export async function readRows(call: string, file: string): Promise<Row[]> {
  try {
    const rows: unknown = JSON.parse(await readFile(file, "utf8"));
    if (Array.isArray(rows) && rows.every((row) => typeof row?.case === "string" && typeof row.system === "string")) {
      return rows;
    }
  } catch (cause) {
    throw new DataError(`${call}: "${file}" cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new DataError(`${call}: "${file}" holds no results. Make one with --json ${file}`);
}

/** What two rows must share for the newer one to take the older one's place. */
export function keyOf(row: Row): string {
  return JSON.stringify([row.suite, row.case, row.system, row.adapter]);
}

/** Writes `rows`; with `isAdded` beside what the file has of other cases, systems and adapters. */
export async function writeRows(file: string, rows: readonly Row[], isAdded: boolean): Promise<void> {
  const old = isAdded && existsSync(file) ? await readRows("bench: --add", file) : [];
  const fresh = new Set(rows.map(keyOf));
  const all = [...old.filter((row) => !fresh.has(keyOf(row))), ...rows];
  await writeFile(file, `[\n${all.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
}
