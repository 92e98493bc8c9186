// `npm run bench -- compare A B`: what the second file of results reaches in terms of the first.
import { Command } from "commander";
import { readRows } from "./results.ts";
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
  const [before, after] = await Promise.all(command.args.map((file) => readRows("bench compare", file)));
  console.log(comparisonOf(before as Row[], after as Row[]));
  return 0;
}
