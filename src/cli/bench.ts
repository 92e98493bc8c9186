// `npm run bench`: how fast this device is, and what a step costs. Each case is checked against the reference first, warmed up and repeated.
import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
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
import { measureKernel } from "./bench/kernels.ts";
import { MEMORY_CASES, measureMemory } from "./bench/memory.ts";
import type { Row } from "./bench/row.ts";
import { measureStep } from "./bench/steps.ts";
import colors from "./colors.ts";
import { BARE } from "./start/confusion.ts";
import { openDisplay } from "./start/display.ts";

interface Site {
  /** The rung of the ladder: "lavapipe". */
  readonly name: string;
  readonly gpu: GPU;
  readonly device: Device;
  readonly counted: CountedGpu;
}

/** One thing to measure. */
interface Job {
  readonly name: string;
  readonly measure: (site: Site) => Promise<Row>;
}

const SUITES: Readonly<Record<string, readonly Job[]>> = {
  kernels: [...ELEMENTWISE, ...ROW_CASES, ...POOLS, ...STEP_KERNELS].map((kernel) => ({
    name: kernel.name,
    measure: ({ device }) => measureKernel(device, "kernels", kernel),
  })),
  matmul: PRODUCTS.map((kernel) => ({
    name: kernel.name,
    measure: ({ device }) => measureKernel(device, "matmul", kernel),
  })),
  conv: CONVOLUTIONS.map((kernel) => ({
    name: kernel.name,
    measure: ({ device }) => measureKernel(device, "conv", kernel),
  })),
  steps: [mlpAdam, mlpSgd, cnnAdam, tinyAdam].map((step) => ({
    name: step.name,
    measure: ({ device, counted }) => measureStep(device, step, counted),
  })),
  cold: COLD_CASES.map((start) => ({ name: start.name, measure: ({ name }) => measureCold(name, start) })),
  memory: MEMORY_CASES.map((each) => ({ name: each.name, measure: ({ gpu }) => measureMemory(gpu, each) })),
};

interface BenchOptions {
  readonly device: string;
  readonly filter?: string;
  /** True to print, a name to write. */
  readonly json?: string | true;
  readonly quiet?: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  const { suites, options } = parse(argv);
  const jobs = suites.flatMap((suite) =>
    (SUITES[suite] as readonly Job[])
      .filter(({ name }) => name.includes(options.filter ?? ""))
      .map((job) => ({ suite, ...job })),
  );
  if (jobs.length === 0) throw new OptionError(`bench: --filter: no case has this in its name: "${options.filter}"`);
  const { gpu, line, device: name } = await findGpu(options.device);
  if (!gpu) throw new OptionError("bench: the CPU reference is there to be right, not fast. Choose another --device");
  const display = openDisplay(options.quiet || options.json === true);
  display.say(line);
  const counted = countCalls(gpu);
  const device = await openDevice({ gpu: counted.gpu });
  const rows: Row[] = [];
  try {
    for (const { suite, name: caseName, measure } of jobs) {
      display.wait(`${suite}: ${caseName}, ${rows.length} of ${jobs.length}`);
      rows.push(await measure({ name, gpu, device, counted }));
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
    .argument("[suites...]", `${names.join(", ")}; all of them when left out`)
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .option("--filter <text>", "only cases with this in their name")
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

type Figure = Exclude<keyof Row, "suite" | "case" | "system" | "adapter">;

const COLUMNS: Readonly<Record<Figure, readonly [title: string, show: (value: number) => string]>> = {
  milliseconds: ["ms", short],
  spread: ["spread", (value) => `±${(50 * value).toFixed(0)} %`],
  stepsPerSecond: ["steps/s", short],
  stepsPerCpuSecond: ["steps/CPU-s", short],
  gflops: ["GFLOP/s", short],
  gflopsPerCpuSecond: ["GFLOP/CPU-s", short],
  gigabytesPerSecond: ["GB/s", short],
  dispatches: ["dispatches", short],
  submits: ["submits", short],
  bindGroups: ["bind groups", short],
  buffers: ["buffers", short],
  writes: ["writes", short],
  plannedBytes: ["planned", bytes],
  peakLiveBytes: ["peak live", bytes],
  boundBytes: ["program", bytes],
  liveBytes: ["all buffers", bytes],
};

function tableOf(suite: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.suite === suite);
  const columns = (Object.keys(COLUMNS) as Figure[]).filter((name) => own.some((row) => row[name] !== undefined));
  const table = new Table({
    head: [suite, ...columns.map((name) => COLUMNS[name][0])].map((title) => colors.bold(title)),
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
  for (const row of own) {
    const cells = columns.map((name) => (row[name] === undefined ? "" : COLUMNS[name][1](row[name])));
    table.push([row.case, ...cells]);
  }
  return table.toString();
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : `${Number(value.toPrecision(3))}`;
}

function bytes(value: number): string {
  return value < 2 ** 20 ? `${short(value / 2 ** 10)} KiB` : `${short(value / 2 ** 20)} MiB`;
}
