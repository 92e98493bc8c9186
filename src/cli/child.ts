// Starts a command of ours in a process of its own. The only file that starts processes.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { GpugradError } from "../core/error.ts";

export interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** ms from the start of the process to its first line of output. */
  readonly firstLine: number;
}

/** Runs Node on a script and waits for its end. `env` is added to ours. */
export function runScript(
  script: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let firstLine = Number.NaN;
    let output = "";
    let errors = "";
    const child = spawn(process.execPath, [script, ...argv], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (Number.isNaN(firstLine) && output.includes("\n")) firstLine = performance.now() - start;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output, errors, firstLine }));
  });
}

/** Runs one of our own commands. */
export function runCommand(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return runScript(fileURLToPath(new URL("./main.js", import.meta.url)), argv, env);
}

/** The JSON of a command's last line. @throws GpugradError with what the command said when there is none */
export function jsonOf<Result>({ status, output, errors }: Finished): Result {
  try {
    return JSON.parse(output.trim().split("\n").at(-1) as string) as Result;
  } catch (cause) {
    const said = errors.trim().split("\n").at(-1) ?? "";
    throw new GpugradError(`a command ended with status ${status} and no result: ${said}`, { cause });
  }
}
