// `npm run size`: how much there is to read (lines per folder) and to download (a bundle that trains an MLP).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Table from "cli-table3";
import { Command } from "commander";
import { DataError } from "../core/error.ts";

/** What a page that trains an MLP imports. */
const MLP_PAGE = `
  import { createTrainer, data, loss, metrics, nn, openDevice, optim } from "gpugrad";
  export async function main(images, labels, show) {
    const device = await openDevice();
    const model = nn.serial(nn.linear(128), nn.relu(), nn.linear(10));
    const trainer = await createTrainer(device, model, {
      input: [784], loss: loss.softmaxCrossEntropy(), optimizer: optim.adam(1e-3), metrics: [metrics.accuracy()], seed: 1,
    });
    for await (const report of trainer.fit(data.dataset(images, labels), { epochs: 3, batchSize: 64 })) show(report);
  }`;

/** The folders whose lines are counted: what ships, then what surrounds it. */
const FOLDERS = ["shaders", "test", "bench", "demo"];

export type Bundle = {
  readonly bytes: number;
  readonly gzip: number;
  readonly modules: readonly [file: string, bytes: number][];
};

export async function run(argv: readonly string[]): Promise<number> {
  const options = new Command("npm run size --")
    .description("Counts lines per folder and the bytes of a bundle that trains an MLP")
    .option("--json", "print the result as JSON")
    .option("--modules", "list what the bundle is made of")
    .allowExcessArguments(false)
    .exitOverride()
    .parse(argv, { from: "user" })
    .opts();
  const lines = countLines();
  const bundle = await bundleMlp();
  if (options.json) {
    console.log(JSON.stringify({ lines, bundleBytes: bundle.bytes, bundleGzipBytes: bundle.gzip }));
    return 0;
  }
  const table = new Table({
    head: ["folder", "files", "lines", "longest"],
    colAligns: ["left", "right", "right", "right"],
  });
  for (const { folder, files, lines: count, longest } of lines) table.push([folder, files, count, longest]);
  console.log(table.toString());
  if (options.modules) for (const [file, bytes] of bundle.modules) console.log(`${String(bytes).padStart(8)}  ${file}`);
  console.log(
    `a bundle that trains an MLP: ${(bundle.gzip / 1024).toFixed(1)} KB gzip (${(bundle.bytes / 1024).toFixed(1)} KB)`,
  );
  return 0;
}

/** The MLP page as a user's bundler makes it of dist/lib: minified, with what it does not use left out. */
export async function bundleMlp(): Promise<Bundle> {
  const index = join(process.cwd(), "dist/lib/index.js");
  if (!existsSync(index))
    throw new DataError(`size: ${index} is not there. Run it in gpugrad's own folder, after npm run build`);
  const { build } = await import("vite");
  const output = await build({
    configFile: false,
    logLevel: "warn",
    resolve: { alias: { gpugrad: index } },
    plugins: [
      {
        name: "mlp-page",
        resolveId: (id) => (id === "mlp-page" ? "\0mlp-page" : undefined),
        load: (id) => (id === "\0mlp-page" ? MLP_PAGE : undefined),
      },
    ],
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: "mlp-page", preserveEntrySignatures: "strict", output: { codeSplitting: false } },
    },
  });
  const chunks = (Array.isArray(output) ? output : [output]).flatMap((result) =>
    "output" in result ? result.output : [],
  );
  const code = chunks.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
  const modules = chunks
    .flatMap((chunk) => (chunk.type === "chunk" ? Object.entries(chunk.modules) : []))
    .map(([file, { renderedLength }]): [string, number] => [file.replace(`${process.cwd()}/`, ""), renderedLength])
    .sort(([, a], [, b]) => b - a);
  return { bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length, modules };
}

type Lines = { readonly folder: string; readonly files: number; readonly lines: number; readonly longest: number };

/** Lines per folder of `src`, of all of it, and of the folders beside it. */
function countLines(): Lines[] {
  const parts = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...parts.map(({ name }) => join("src", name)), "src", ...FOLDERS].filter(existsSync).map((folder) => {
    const counts = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|wgsl|html|css)$/.test(file) && !file.includes("node_modules"))
      .map((file) => readFileSync(join(folder, file), "utf8").split("\n").length - 1);
    return { folder, files: counts.length, lines: counts.reduce((a, b) => a + b, 0), longest: Math.max(0, ...counts) };
  });
}
