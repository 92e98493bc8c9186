// The tests, three times: in Node on SwiftShader (all of them), and those that need a GPU (`*.gpu.test.ts`) also in Node on lavapipe
// and in headless Chromium, which opens the built site, too. And the packed library in empty projects. `npm test` runs all that this machine can, and says in a line what it cannot.
import { join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { chromium } from "playwright";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { chromiumOptions } from "./src/cli/chromium.ts";
import { DeviceError } from "./src/core/error.ts";
import { findGpu } from "./src/node/find.ts";

const GPU_TESTS = "test/**/*.gpu.test.ts";
const SITE_TESTS = "test/site/**/*.test.ts";
const PACK_TESTS = "test/pack/**/*.test.ts";

/** Pages import the library by its name; tests and pages mean the same sources. */
const alias = [
  { find: /^gpugrad$/, replacement: join(import.meta.dirname, "src/index.ts") },
  { find: /^gpugrad\/check$/, replacement: join(import.meta.dirname, "src/check/index.ts") },
];

const SHARED = { pool: "forks", testTimeout: 60_000 } as const;

type Project = TestProjectConfiguration & object;

/** All tests, on SwiftShader; on machines for which npm has none, on the adapter that is there. */
async function nodeProject(): Promise<Project> {
  const found = await findGpu("swiftshader").catch(() => findGpu("auto"));
  if (!found.gpu) console.warn(`tests: no GPU tests in Node: ${found.line}`);
  const exclude = ["**/node_modules/**", SITE_TESTS, PACK_TESTS, ...(found.gpu ? [] : [GPU_TESTS])];
  return {
    resolve: { alias },
    test: { ...SHARED, name: "node", include: ["test/**/*.test.ts"], exclude, env: { GPUGRAD_DEVICE: found.device } },
  };
}

/** The GPU tests on the system's software Vulkan. */
async function lavapipeProject(): Promise<Project | undefined> {
  try {
    await findGpu("lavapipe");
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    console.warn(`tests: nothing runs on lavapipe: ${error.message}`);
    return undefined;
  }
  return { test: { ...SHARED, name: "lavapipe", include: [GPU_TESTS], env: { GPUGRAD_DEVICE: "lavapipe" } } };
}

/** The GPU tests in Chromium, and those of the site. */
async function browserProjects(): Promise<Project[]> {
  const launchOptions = await chromiumOptions();
  if ("channel" in launchOptions) {
    try {
      await (await chromium.launch(launchOptions)).close();
    } catch (error) {
      console.warn(`tests: nothing runs in a browser: ${(error as Error).message.split("\n")[0]}`);
      return [];
    }
  }
  const site = { ...SHARED, name: "site", include: [SITE_TESTS], globalSetup: ["test/site/buildSite.ts"] };
  return [
    { test: { ...site, fileParallelism: false } },
    {
      test: {
        ...SHARED,
        name: "browser",
        include: [GPU_TESTS],
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions }),
          instances: [{ browser: "chromium" }],
        },
      },
    },
  ];
}

/** The packed library in empty projects; pages only where there is a browser. */
function packProject(hasBrowser: boolean): Project {
  const exclude = ["**/node_modules/**", ...(hasBrowser ? [] : ["test/pack/pages.test.ts"])];
  return { test: { ...SHARED, name: "pack", include: [PACK_TESTS], exclude, globalSetup: ["test/pack/pack.ts"] } };
}

export default defineConfig(async () => {
  const inBrowser = await browserProjects();
  const projects = [await nodeProject(), await lavapipeProject(), packProject(inBrowser.length > 0), ...inBrowser];
  return {
    test: { projects: projects.filter((project) => project !== undefined), globalSetup: ["test/buildCommands.ts"] },
  };
});
