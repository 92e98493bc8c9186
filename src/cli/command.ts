// What every command shares: its options --device, --quiet, --json, --help, and the line that says which device it got.
import { Command, Option } from "commander";
import { type FoundGpu, findGpu } from "../node/find.ts";
import type { KernelFamily } from "../open.ts";

/** What `dist/cli/main.js` runs: gives the exit status. */
export type CommandModule = { run(argv: readonly string[]): Promise<number> };

/** The options that every command takes. */
export type CommonOptions = { readonly device: string; readonly quiet?: boolean; readonly json?: boolean };

/** --kernels, for commands that take it. */
export type KernelOptions = { readonly kernels: KernelFamily };

const FAMILIES: readonly KernelFamily[] = ["auto", "gpu", "software", "no-subgroups"];

/** Whose kernels to run, whichever adapter it is. */
export const kernelsOption = (): Option =>
  new Option("--kernels <family>", "whose kernels to run").choices(FAMILIES).default("auto");

/** A command line with the common options. @example const options = command("start", "…").option("--seed <n>").parse(argv, { from: "user" }).opts(); */
export function command(name: string, description: string): Command {
  if (process.env.GPUGRAD_DEVICE === "") delete process.env.GPUGRAD_DEVICE; // empty is unset
  return new Command(`npm run ${name} --`)
    .description(description)
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader", "cpu"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .option("--quiet", "say nothing but the result")
    .option("--json", "print the result as JSON")
    .allowExcessArguments(false)
    .exitOverride();
}

/** Finds the device that the options name and says which it is in one line on stderr. */
export async function findDevice(options: CommonOptions): Promise<FoundGpu> {
  const found = await findGpu(options.device);
  if (!options.quiet && !options.json) process.stderr.write(`${found.line}\n`);
  return found;
}
