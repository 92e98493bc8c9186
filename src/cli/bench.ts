// `npm run bench`: how fast this device is, what a step costs, and how peers do. Each case is checked against the reference first, warmed up and repeated.
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
import { tiny131 } from "../../bench/steps/tiny131.ts";
import { tiny233 } from "../../bench/steps/tiny233.ts";
import { tinyAdam } from "../../bench/steps/tinyAdam.ts";
import { countCalls } from "../check/count.ts";
import { OptionError } from "../core/error.ts";
import type { DispatchTime } from "../graph/device.ts";
import { findGpu } from "../node/find.ts";
import { openDevice } from "../open.ts";
import { measureCeiling, showCeiling } from "./bench/ceiling.ts";
import { COLD_CASES, measureCold } from "./bench/cold.ts";
import { compare } from "./bench/compare.ts";
import { FORWARD_CASES, measureForward } from "./bench/forward.ts";
import { HOST_CASES, measureHost } from "./bench/host.ts";
import { installPeers } from "./bench/install.ts";
import { measureKernel } from "./bench/kernels.ts";
import { LARGE_CASES } from "./bench/large.ts";
import { MEMORY_CASES, measureMemory } from "./bench/memory.ts";
import { writeReport } from "./bench/report.ts";
import { writeRows } from "./bench/results.ts";
import type { Row } from "./bench/row.ts";
import type { Site } from "./bench/site.ts";
import { measureStep } from "./bench/steps.ts";
import { tableOf } from "./bench/table.ts";
import { tune } from "./bench/tune.ts";
import { type KernelOptions, kernelsOption } from "./command.ts";
import { openDisplay } from "./start/display.ts";
import { checkWritable, type TracedProgram, writeTrace } from "./trace.ts";

/** One thing to measure. */
interface Job {
  readonly name: string;
  readonly measure: (site: Site) => Promise<readonly Row[]>;
}

/** Left out unless named: it is for hardware, and takes gigabytes. */
const LARGE = "large";

const SUITES: Readonly<Record<string, readonly Job[]>> = {
  kernels: [...ELEMENTWISE, ...ROW_CASES, ...POOLS, ...STEP_KERNELS].map((kernel) => ({
    name: kernel.name,
    measure: (site) => measureKernel(site.device, "kernels", kernel, site),
  })),
  matmul: PRODUCTS.map((kernel) => ({
    name: kernel.name,
    measure: (site) => measureKernel(site.device, "matmul", kernel, site),
  })),
  conv: CONVOLUTIONS.map((kernel) => ({
    name: kernel.name,
    measure: (site) => measureKernel(site.device, "conv", kernel, site),
  })),
  steps: [
    ...[mlpAdam, mlpSgd, cnnAdam, tinyAdam, tiny131, tiny233].map(
      (step): Job => ({
        name: step.name,
        measure: (site) => measureStep(site.device, step, site.counted, site),
      }),
    ),
    ...FORWARD_CASES.map(
      ({ name, step }): Job => ({ name, measure: (site) => measureForward(site.device, name, step, site) }),
    ),
  ],
  cold: COLD_CASES.map((start) => ({
    name: start.name,
    measure: async ({ name }) => [await measureCold(name, start)],
  })),
  memory: MEMORY_CASES.map((each) => ({
    name: each.name,
    measure: async ({ gpu }) => [await measureMemory(gpu, each)],
  })),
  host: HOST_CASES.map((each) => ({
    name: each.name,
    measure: async ({ gpu }) => [await measureHost(gpu, each)],
  })),
  [LARGE]: LARGE_CASES.map((each) => ({ name: each.name, measure: (site) => each.measure(site, LARGE) })),
};

/** The suites whose figures are shares of a ceiling. */
const KERNEL_SUITES: readonly string[] = ["kernels", "matmul", "conv"];

interface BenchOptions extends KernelOptions {
  readonly device: string;
  readonly filter?: string;
  readonly peers?: boolean;
  /** True to print, a name to write. */
  readonly json?: string | true;
  readonly add?: boolean;
  readonly report?: string;
  readonly trace?: string;
  readonly quiet?: boolean;
}

export async function run(argv: readonly string[]): Promise<number> {
  if (argv[0] === "compare") return compare(argv.slice(1));
  if (argv[0] === "tune") return tune(argv.slice(1));
  const { suites, options } = parse(argv);
  const jobs = suites.flatMap((suite) =>
    (SUITES[suite] as readonly Job[])
      .filter(({ name }) => name.includes(options.filter ?? ""))
      .map((job) => ({ suite, ...job })),
  );
  for (const name of ["json", "report", "trace"] as const)
    if (typeof options[name] === "string") checkWritable(`bench: --${name}`, options[name]);
  if (jobs.length === 0) throw new OptionError(`bench: --filter: no case has this in its name: "${options.filter}"`);
  const { gpu, line, device: name, variables } = await findGpu(options.device);
  if (!gpu) throw new OptionError("bench: the CPU reference is there to be right, not fast. Choose another --device");
  const display = openDisplay(options.quiet || options.json === true);
  display.say(line);
  if (options.peers) await installPeers((text) => display.say(text));
  const counted = countCalls(gpu);
  const device = await openDevice({ gpu: counted.gpu, kernels: options.kernels });
  const place = options.peers ? { device: name, adapter: device.info.adapter, variables } : undefined;
  const traced: TracedProgram[] = [];
  const notes: string[] = [];
  const rows: Row[] = [];
  let done = 0;
  try {
    const needsCeiling = jobs.some(({ suite }) => KERNEL_SUITES.includes(suite));
    const ceiling = needsCeiling ? await measureCeiling(device) : undefined;
    if (ceiling) notes.push(showCeiling(device, ceiling));
    for (const note of notes) display.say(note);
    const trace = (program: string, times: readonly DispatchTime[]) => void traced.push({ name: program, times });
    const isTraced = options.trace !== undefined || options.report !== undefined;
    const site: Site = { name, gpu, device, counted, place, ceiling, trace: isTraced ? trace : undefined };
    for (const { suite, name: caseName, measure } of jobs) {
      display.wait(`${suite}: ${caseName}, ${done++} of ${jobs.length}`);
      rows.push(...(await measure(site)));
    }
  } finally {
    display.close();
    device.close();
  }
  const { adapter } = device.info;
  if (options.trace !== undefined) await writeTrace(options.trace, adapter, traced);
  if (options.report !== undefined) await writeReport(options.report, { adapter, notes, suites, rows, traced });
  if (typeof options.json === "string") await writeRows(options.json, rows, options.add ?? false);
  console.log(options.json === true ? JSON.stringify(rows) : suites.map((suite) => tableOf(suite, rows)).join("\n\n"));
  return 0;
}

function parse(argv: readonly string[]): { suites: readonly string[]; options: BenchOptions } {
  if (process.env.GPUGRAD_DEVICE === "") delete process.env.GPUGRAD_DEVICE; // empty is unset
  const names = Object.keys(SUITES);
  const command = new Command("npm run bench --")
    .description("Measures kernels, training steps, starts, memory and what the host pays")
    .argument("[suites...]", `${names.join(", ")}; all but ${LARGE} when left out. Or: compare <before> <after>; tune`)
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .addOption(kernelsOption())
    .option("--filter <text>", "only cases with this in their name")
    .option(
      "--peers",
      "measure TF.js, jax-js and ONNX Runtime beside it where they know a case (600 MB, installed on first use)",
    )
    .option("--json [file]", "print the rows as JSON, or write them there")
    .option("--add", "keep what the file of --json has of other cases and adapters")
    .option("--report <file>", "write a page with tables and plots there")
    .option(
      "--trace <file>",
      "write each dispatch of kernels and steps there, for chrome://tracing and ui.perfetto.dev",
    )
    .option("--quiet", "say nothing but the result")
    .exitOverride()
    .parse([...argv], { from: "user" });
  const unknown = command.args.find((suite) => !names.includes(suite));
  if (unknown !== undefined) {
    throw new OptionError(`bench: unknown suite: "${unknown}". Choose ${names.join(", ")}`);
  }
  return {
    suites: command.args.length > 0 ? [...new Set(command.args)] : names.filter((name) => name !== LARGE),
    options: command.opts<BenchOptions>(),
  };
}
