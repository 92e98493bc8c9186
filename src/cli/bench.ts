// `npm run bench`: how fast this device is, what a step costs, and how peers do. Each case is checked against the reference first, warmed up and repeated.
import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { CONVOLUTIONS } from "../../bench/kernels/conv.ts";
import { ELEMENTWISE } from "../../bench/kernels/elementwise.ts";
import { PRODUCTS } from "../../bench/kernels/matmul.ts";
import { POOLS } from "../../bench/kernels/pool.ts";
import { ROW_CASES } from "../../bench/kernels/rows.ts";
import { STEP_KERNELS } from "../../bench/kernels/step.ts";
import { cnnAdam } from "../../bench/steps/cnnAdam.ts";
import { mlpAdam } from "../../bench/steps/mlpAdam.ts";
import { mlpSgd } from "../../bench/steps/mlpSgd.ts";
import { tinyAdam } from "../../bench/steps/tinyAdam.ts";
import { type CountedGpu, countCalls } from "../check/count.ts";
import { OptionError } from "../core/error.ts";
import type { Device } from "../graph/device.ts";
import { findGpu } from "../node/find.ts";
import { openDevice } from "../open.ts";
import { COLD_CASES, measureCold } from "./bench/cold.ts";
import { compare } from "./bench/compare.ts";
import { installPeers } from "./bench/install.ts";
import { measureKernel } from "./bench/kernels.ts";
import { MEMORY_CASES, measureMemory } from "./bench/memory.ts";
import type { Place } from "./bench/peers.ts";
import type { Row } from "./bench/row.ts";
import { measureStep } from "./bench/steps.ts";
import { tableOf } from "./bench/table.ts";
import { openDisplay } from "./start/display.ts";

interface Site {
  /** The rung of the ladder: "lavapipe". */
  readonly name: string;
  readonly gpu: GPU;
  readonly device: Device;
  readonly counted: CountedGpu;
  /** Given where peers are measured too. */
  readonly place: Place | undefined;
}

/** One thing to measure. */
interface Job {
  readonly name: string;
  readonly measure: (site: Site) => Promise<readonly Row[]>;
}

const SUITES: Readonly<Record<string, readonly Job[]>> = {
  kernels: [...ELEMENTWISE, ...ROW_CASES, ...POOLS, ...STEP_KERNELS].map((kernel) => ({
    name: kernel.name,
    measure: ({ device, place }) => measureKernel(device, "kernels", kernel, place),
  })),
  matmul: PRODUCTS.map((kernel) => ({
    name: kernel.name,
    measure: ({ device, place }) => measureKernel(device, "matmul", kernel, place),
  })),
  conv: CONVOLUTIONS.map((kernel) => ({
    name: kernel.name,
    measure: ({ device, place }) => measureKernel(device, "conv", kernel, place),
  })),
  steps: [mlpAdam, mlpSgd, cnnAdam, tinyAdam].map((step) => ({
    name: step.name,
    measure: ({ device, counted, place }) => measureStep(device, step, counted, place),
  })),
  cold: COLD_CASES.map((start) => ({
    name: start.name,
    measure: async ({ name }) => [await measureCold(name, start)],
  })),
  memory: MEMORY_CASES.map((each) => ({
    name: each.name,
    measure: async ({ gpu }) => [await measureMemory(gpu, each)],
  })),
};

interface BenchOptions {
  readonly device: string;
  readonly filter?: string;
  readonly peers?: boolean;
  /** True to print, a name to write. */
  readonly json?: string | true;
  readonly quiet?: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  if (argv[0] === "compare") return compare(argv.slice(1));
  const { suites, options } = parse(argv);
  const jobs = suites.flatMap((suite) =>
    (SUITES[suite] as readonly Job[])
      .filter(({ name }) => name.includes(options.filter ?? ""))
      .map((job) => ({ suite, ...job })),
  );
  if (jobs.length === 0) throw new OptionError(`bench: --filter: no case has this in its name: "${options.filter}"`);
  const { gpu, line, device: name, variables } = await findGpu(options.device);
  if (!gpu) throw new OptionError("bench: the CPU reference is there to be right, not fast. Choose another --device");
  const display = openDisplay(options.quiet || options.json === true);
  display.say(line);
  if (options.peers) await installPeers((text) => display.say(text));
  const counted = countCalls(gpu);
  const device = await openDevice({ gpu: counted.gpu });
  const place = options.peers ? { device: name, adapter: device.info.adapter, variables } : undefined;
  const rows: Row[] = [];
  let done = 0;
  try {
    for (const { suite, name: caseName, measure } of jobs) {
      display.wait(`${suite}: ${caseName}, ${done++} of ${jobs.length}`);
      rows.push(...(await measure({ name, gpu, device, counted, place })));
    }
  } finally {
    display.close();
    device.close();
  }
  if (typeof options.json === "string") await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(options.json === true ? JSON.stringify(rows) : suites.map((suite) => tableOf(suite, rows)).join("\n\n"));
  return 0;
}

function parse(argv: readonly string[]): { suites: readonly string[]; options: BenchOptions } {
  if (process.env.GPUGRAD_DEVICE === "") delete process.env.GPUGRAD_DEVICE; // empty is unset
  const names = Object.keys(SUITES);
  const command = new Command("npm run bench --")
    .description("Measures kernels, training steps, starts and memory")
    .argument("[suites...]", `${names.join(", ")}; all of them when left out. Or: compare <before> <after>`)
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .option("--filter <text>", "only cases with this in their name")
    .option(
      "--peers",
      "in steps and matmul, measure TF.js, jax-js and ONNX Runtime beside it (600 MB, installed on first use)",
    )
    .option("--json [file]", "print the rows as JSON, or write them there")
    .option("--quiet", "say nothing but the result")
    .exitOverride()
    .parse([...argv], { from: "user" });
  const unknown = command.args.find((suite) => !names.includes(suite));
  if (unknown !== undefined) {
    throw new OptionError(`bench: unknown suite: "${unknown}". Choose ${names.join(", ")}`);
  }
  return {
    suites: command.args.length > 0 ? [...new Set(command.args)] : names,
    options: command.opts<BenchOptions>(),
  };
}
