// What the tarball holds, and its types as a strict consumer sees them.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { runCommand } from "./command.ts";
import { emptyProject } from "./project.ts";

const USE = `
  import { createTrainer, dataset, loss, metrics, nn, openDevice, optim, type Report, relu, type Tensor } from "gpugrad";
  import { selfTest } from "gpugrad/check";
  import { gpu, loadMnist } from "gpugrad/node";
  import manifest from "gpugrad/package.json" with { type: "json" };

  const device = await openDevice({ gpu });
  const trainer = await createTrainer(device, nn.serial(nn.linear(8), nn.tanh(), nn.linear(2)), {
    input: [2],
    loss: loss.softmaxCrossEntropy(),
    optimizer: optim.adam(0.05),
    metrics: [metrics.accuracy()],
  });
  const reports: Report[] = [];
  const set = dataset([[0, 1]], [0], { classes: 2 });
  for await (const report of trainer.fit(set, { epochs: 3, batchSize: 4 })) reports.push(report);
  const last: number | undefined = reports.at(-1)?.loss;
  const data: number | undefined = (await trainer.predict([0, 1])).data[0];
  const raw: GPUDevice | undefined = undefined;
  // @ts-expect-error: a count, no text
  nn.linear("8");
  // @ts-expect-error: there is no such option
  openDevice({ adapter: gpu });
  export { data, last, loadMnist, manifest, raw, relu, selfTest, type Tensor };`;

/** What every consumer's `tsconfig.json` here has; `skipLibCheck` is off, so declarations are checked, too. */
const STRICT = {
  ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  ...{ target: "es2023", lib: ["es2023"], types: [], skipLibCheck: false, resolveJsonModule: true },
};

let project: string;
beforeAll(async () => {
  project = await emptyProject("types", { "use.ts": USE });
});

test("the tarball holds the built library and what tells about it, nothing else", () => {
  const { files, size } = inject("packed");
  const others = files.filter((file) => !/^dist\/lib\/.+(\.js|\.d\.ts)$/.test(file));
  expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  expect(files.filter((file) => /\.test\.|\.map$|^dist\/lib\/cli/.test(file))).toEqual([]);
  const sources = files.filter((file) => file.endsWith(".js") && !file.startsWith("dist/lib/shaders/"));
  expect(sources.filter((file) => !files.includes(file.replace(/\.js$/, ".d.ts")))).toEqual([]);
  console.log(`tarball: ${(size / 1024).toFixed(0)} KB, ${files.length} files`);
  expect(size).toBeLessThan(500 * 1024);
});

test("every path of exports is there, with types", () => {
  const folder = join(project, "node_modules/gpugrad");
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  expect(Object.keys(exports)).toEqual([".", "./node", "./check", "./package.json"]);
  for (const [name, target] of Object.entries<string | Record<string, string>>(exports)) {
    const paths = typeof target === "string" ? [target] : [target["types"], target["default"]];
    for (const path of paths) expect(existsSync(join(folder, path as string)), `${name}: ${path}`).toBe(true);
  }
});

describe.each(["bundler", "nodenext"])("a strict consumer with moduleResolution %s", (moduleResolution) => {
  test("type-checks, though it names no lib but that of the language", async () => {
    const module = moduleResolution === "bundler" ? "esnext" : moduleResolution;
    const config = { compilerOptions: { ...STRICT, module, moduleResolution }, files: ["use.ts"] };
    writeFileSync(join(project, `tsconfig.${moduleResolution}.json`), JSON.stringify(config));
    const tsc = resolve("node_modules/typescript/bin/tsc");
    expect(await runCommand("node", [tsc, "-p", `tsconfig.${moduleResolution}.json`], { cwd: project })).toBe("");
  });
});
