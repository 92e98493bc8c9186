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

/** Chunks of which each adapter loads one. */
const FAMILIES = ["matmulTiled", "matmulOuter"];

/** A file that a page downloads. */
export interface Chunk {
  readonly name: string;
  readonly bytes: number;
  readonly gzip: number;
}

/** What a bundler makes of a page. */
export interface Bundle {
  /** What must be there to train: the page's own code, all that it imports statically, and the larger of the families of kernels with what that imports. */
  readonly page: Chunk;
  /** What is loaded only where it is needed, each chunk by itself. */
  readonly onDemand: readonly Chunk[];
  /** What the page's own code is made of. */
  readonly modules: readonly (readonly [file: string, bytes: number])[];
}

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
    const { page, onDemand } = bundle;
    console.log(JSON.stringify({ lines, bundleBytes: page.bytes, bundleGzipBytes: page.gzip, onDemand }));
    return 0;
  }
  const table = new Table({
    head: ["folder", "files", "lines", "longest"],
    colAligns: ["left", "right", "right", "right"],
  });
  for (const { folder, files, lines: count, longest } of lines) table.push([folder, files, count, longest]);
  console.log(table.toString());
  if (options.modules) for (const [file, bytes] of bundle.modules) console.log(`${String(bytes).padStart(8)}  ${file}`);
  const { page, onDemand } = bundle;
  console.log(`what a page that trains an MLP downloads: ${kilobytes([page])}`);
  if (onDemand.length > 0)
    console.log(`on demand, of which it counts the larger of ${FAMILIES.join(" and ")}: ${kilobytes(onDemand)} in all`);
  for (const chunk of onDemand) console.log(`  ${chunk.name}: ${kilobytes([chunk])}`);
  return 0;
}

/** "38.2 KB gzip (110.0 KB)" */
function kilobytes(chunks: readonly Chunk[]): string {
  const sum = (of: (chunk: Chunk) => number) =>
    (chunks.reduce((total, chunk) => total + of(chunk), 0) / 1024).toFixed(1);
  return `${sum(({ gzip }) => gzip)} KB gzip (${sum(({ bytes }) => bytes)} KB)`;
}

/**
 * The MLP page as a user's bundler makes it of dist/lib: minified, with what it does not use left out. What the page imports statically is
 * one file; what is imported on demand lies in files of its own.
 */
export async function bundleMlp(): Promise<Bundle> {
  const apart = await chunksOf(() => false); // as the bundler likes
  const inPage = statically(apart);
  const isInPage = new Set(inPage.flatMap(({ modules }) => Object.keys(modules)));
  const chunks = await chunksOf((id) => isInPage.has(id));
  const page = statically(chunks);
  const modules = page
    .flatMap((chunk) => Object.entries(chunk.modules))
    .map(([file, { renderedLength }]) => [file.replace(`${process.cwd()}/`, ""), renderedLength] as const)
    .sort(([, a], [, b]) => b - a);
  const onDemand = chunks
    .filter((chunk) => !page.includes(chunk))
    .map((chunk) => measure(chunk.name, [chunk]))
    .sort((a, b) => b.gzip - a.gzip);
  const [family] = chunks
    .filter(({ name }) => FAMILIES.includes(name))
    .map((chunk) =>
      measure(
        chunk.name,
        statically(chunks, [chunk]).filter((file) => !page.includes(file)),
      ),
    )
    .sort((a, b) => b.gzip - a.gzip);
  const needed = measure("page", page);
  return {
    page: {
      ...needed,
      bytes: needed.bytes + (family?.bytes ?? 0),
      gzip: needed.gzip + (family?.gzip ?? 0),
    },
    onDemand,
    modules,
  };
}

const measure = (name: string, files: readonly { readonly code: string }[]): Chunk => ({
  name,
  bytes: files.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
  gzip: files.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0),
});

/** Bundles the page; modules for which `isTogether` holds lie in one chunk. */
async function chunksOf(isTogether: (id: string) => boolean) {
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
      {
        name: "no-preload", // what Vite adds once to every page that imports something on demand is not gpugrad's
        enforce: "pre",
        load: (id) =>
          id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined,
      },
    ],
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: {
        input: "mlp-page",
        preserveEntrySignatures: "allow-extension",
        output: { codeSplitting: { groups: [{ name: "page", test: isTogether }] } },
      },
    },
  });
  return (Array.isArray(output) ? output : [output])
    .flatMap((result) => ("output" in result ? result.output : []))
    .filter((chunk) => chunk.type === "chunk");
}

/** The entry, or what `from` names, and all that it imports statically. */
function statically<
  C extends { readonly fileName: string; readonly isEntry: boolean; readonly imports: readonly string[] },
>(chunks: readonly C[], from = chunks.filter(({ isEntry }) => isEntry)): C[] {
  const found = new Set(from);
  for (const { imports } of found) for (const chunk of chunks) if (imports.includes(chunk.fileName)) found.add(chunk);
  return [...found];
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
