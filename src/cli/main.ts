// `node dist/cli/main.js <command> …`: loads that command alone and runs it. Exit status: the command's own, 1 after an error, 2 after a wrong option.
import { GpugradError, OptionError } from "../core/error.ts";
import type { CommandModule } from "./command.ts";

const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  bench: () => import("./bench.ts"),
  cold: () => import("./cold.ts"),
  conformance: () => import("./conformance.ts"),
  course: () => import("./course.ts"),
  device: () => import("./device.ts"),
  doctor: () => import("./doctor.ts"),
  figures: () => import("./figures.ts"),
  fuzz: () => import("./fuzz.ts"),
  pictures: () => import("./pictures.ts"),
  size: () => import("./size.ts"),
  soak: () => import("./soak.ts"),
  start: () => import("./start.ts"),
};

async function main([name = "", ...argv]: readonly string[]): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) {
    console.error(`gpugrad: unknown command: "${name}". Commands: ${Object.keys(COMMANDS).join(", ")}`);
    return 2;
  }
  try {
    return await (await load()).run(argv);
  } catch (error) {
    return report(error);
  }
}

/** Says what went wrong: one line for what the user can mend, the stack for our own faults. */
function report(error: unknown): number {
  const { code, exitCode } = error as { code?: unknown; exitCode?: number };
  if (typeof code === "string" && code.startsWith("commander.")) return exitCode === 0 ? 0 : 2; // it has already spoken
  const isOurs = error instanceof GpugradError && !error.message.startsWith("internal:");
  console.error(isOurs ? `error: ${error.message}` : error);
  return error instanceof OptionError ? 2 : 1;
}

process.exitCode = await main(process.argv.slice(2));
