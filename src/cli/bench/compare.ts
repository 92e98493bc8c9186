// `npm run bench -- compare A B`: what the second file of results reaches in terms of the first.
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { DataError } from "../../core/error.ts";
import type { Row } from "./row.ts";
import { comparisonOf } from "./table.ts";

export async function compare(argv: readonly string[]): Promise<number> {
  const command = new Command("npm run bench -- compare")
    .description("Prints how many times as fast the second file's results are as the first's")
    .argument("<before>", "a file that --json wrote")
    .argument("<after>", "another")
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: "user" });
  const [before, after] = await Promise.all(command.args.map(rowsOf));
  console.log(comparisonOf(before as Row[], after as Row[]));
  return 0;
}

async function rowsOf(file: string): Promise<Row[]> {
  try {
    const rows: unknown = JSON.parse(await readFile(file, "utf8"));
    if (Array.isArray(rows) && rows.every((row) => typeof row?.case === "string" && typeof row.system === "string")) {
      return rows;
    }
  } catch (cause) {
    throw new DataError(`bench compare: "${file}" cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new DataError(`bench compare: "${file}" holds no results. Make one with --json ${file}`);
}
