// Starts commands and programs in processes of their own. The only file that starts processes.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { GpugradError } from "../core/error.ts";

export interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** ms from the start of the process to its first line of output. */
  readonly firstLine: number;
}

export interface ProgramOptions {
  /** Added to ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program and waits for its end. */
export function runProgram(program: string, argv: readonly string[], options: ProgramOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let firstLine = Number.NaN;
    let output = "";
    let errors = "";
    const child = spawn(program, argv, {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      shell: process.platform === "win32" && program === "npm", // npm is a script there
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

/** Runs Node on a script and waits for its end. `env` is added to ours. */
export function runScript(
  script: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return runProgram(process.execPath, [script, ...argv], { env });
}

/** Runs one of our own commands. */
export function runCommand(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return runScript(fileURLToPath(new URL("./main.js", import.meta.url)), argv, env);
}

/** A script in a process of its own that answers calls, one at a time. */
export interface Server {
  /** @throws GpugradError with what the script says went wrong, or when it ended */
  readonly ask: (call: string, argument: unknown) => Promise<unknown>;
  readonly end: () => void;
}

type Answer = { readonly result?: unknown; readonly error?: string };

/** Starts Node on a script that answers messages. It ends with us. */
export function startServer(script: string, argv: readonly string[], env: Readonly<Record<string, string>>): Server {
  const child = fork(script, argv, {
    env: { ...process.env, ...env },
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  return {
    ask: (call, argument) => answer(child, { call, argument }, () => errors.trim().split("\n").at(-1) ?? ""),
    end: () => void child.kill(),
  };
}

function answer(child: ChildProcess, message: object, said: () => string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = ({ result, error }: Answer): void => {
      child.off("exit", onExit);
      if (error === undefined) resolve(result);
      else reject(new GpugradError(error));
    };
    const onExit = (): void => {
      child.off("message", onMessage);
      reject(new GpugradError(`its process ended: ${said()}`));
    };
    child.once("message", onMessage).once("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit();
    else child.send(message, (error) => error && onExit());
  });
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
