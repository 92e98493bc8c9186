// What the experiments of the course share: their command line, and where their picture goes.
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import { DataError } from "../../core/error.ts";
import type { Device } from "../../graph/device.ts";
import { openDevice } from "../../open.ts";
import { type CommonOptions, command, findDevice } from "../command.ts";

export interface ExperimentOptions extends CommonOptions {
  /** File of the picture. */
  readonly out: string;
}

/** The command line of an experiment that writes a picture. */
export function experiment(name: string, description: string): Command {
  return command("course", description)
    .name(`npm run course -- ${name}`)
    .option("--out <file>", "where to write the picture", `${name}.png`);
}

/** A picture must not be lost for a name that could have been checked before. */
export function checkOut(name: string, { out }: ExperimentOptions): void {
  if (!existsSync(dirname(out))) throw new DataError(`${name}: --out: no such folder: ${dirname(out)}`);
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new DataError(`${name}: --out: this is a folder: ${out}. Name a file in it`);
}

/** The device that the options name, opened for `work` and closed after it. */
export async function onDevice<Result>(
  options: CommonOptions,
  work: (device: Device) => Promise<Result>,
): Promise<Result> {
  const { gpu } = await findDevice(options);
  const device = await openDevice(gpu ? { gpu } : { device: "cpu" });
  try {
    return await work(device);
  } finally {
    device.close();
  }
}
