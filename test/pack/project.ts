// Empty projects in which the packed library is installed, as a user would.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { runCommand } from "./command.ts";

/** Makes a project of these files, with the packed library and nothing else installed; gives its folder. */
export async function emptyProject(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const { folder, tarball } = inject("packed");
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
  await install(project, [tarball]);
  return project;
}

/** Installs packages into a project. */
export async function install(project: string, packages: readonly string[]): Promise<void> {
  const quick = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await runCommand("npm", ["install", ...quick, ...packages], { cwd: project });
}

/** A module that trains a network on `device` and gives the loss of each report; it imports gpugrad from `from`. */
export const learning = (from: string): string => `
  import { createTrainer, dataset, loss, nn, optim } from "${from}";

  export const open = async (device) => ({
    trainer: await createTrainer(device, nn.serial(nn.linear(8), nn.tanh(), nn.linear(2)), {
      input: [2],
      loss: loss.softmaxCrossEntropy(),
      optimizer: optim.adam(0.05),
      seed: 7,
    }),
    set: dataset([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { classes: 2 }),
  });

  export async function learn(device) {
    const { trainer, set } = await open(device);
    const losses = [];
    for await (const { loss } of trainer.fit(set, { epochs: 300, batchSize: 4 })) losses.push(loss);
    device.close();
    return losses;
  }`;
