// Runs a command of ours to its end, for tests of commands.
import { spawn } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node dist/cli/main.js …`. `interrupt` is asked at every piece of output and sends SIGINT once when it says so. */
export function runCli(
  argv: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly interrupt?: (output: string) => boolean } = {},
): Promise<Ended> {
  const { env = {}, interrupt } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["dist/cli/main.js", ...argv], { env: { ...process.env, ...env } });
    const output = { stdout: "", stderr: "" };
    let isInterrupted = false;
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
        if (!isInterrupted && interrupt?.(output.stdout + output.stderr)) {
          isInterrupted = true;
          child.kill("SIGINT");
        }
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
  });
}
