// Runs a command to its end.
import { execFile } from "node:child_process";

/** What it prints. @throws Error with all that it printed where it fails */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd = ".", env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, shell: process.platform === "win32" };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}
