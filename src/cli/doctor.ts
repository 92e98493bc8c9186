// `npm run doctor`: what this machine's device is, whether every op computes right on it, and how fast it is. Exit status 1 when one does not.
import Table from "cli-table3";
import { checkOps, type OpReport, sampledOps } from "../check/ops.ts";
import { type SelfTest, selfTest } from "../check/selfTest.ts";
import { measureSpeed, type Speed } from "../check/speed.ts";
import type { DeviceInfo } from "../core/deviceInfo.ts";
import { OptionError } from "../core/error.ts";
import { findGpu } from "../node/find.ts";
import { openDevice } from "../open.ts";
import colors from "./colors.ts";
import { type CommonOptions, command, type KernelOptions, kernelsOption } from "./command.ts";
import { BARE } from "./start/confusion.ts";
import { openDisplay } from "./start/display.ts";

interface DoctorOptions extends CommonOptions, KernelOptions {
  readonly op?: readonly string[];
}

/** The limits that decide how large a model may be. */
const LIMITS: readonly (readonly [name: string, what: string, isBytes: boolean])[] = [
  ["maxBufferSize", "largest buffer", true],
  ["maxStorageBufferBindingSize", "largest binding", true],
  ["maxStorageBuffersPerShaderStage", "buffers a kernel", false],
  ["maxComputeWorkgroupsPerDimension", "workgroups a dimension", false],
  ["maxComputeInvocationsPerWorkgroup", "threads a workgroup", false],
  ["maxComputeWorkgroupStorageSize", "workgroup memory", true],
];

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("doctor", "Says what this machine's device is, and checks and times it")
    .option("--op <names>", "check only these, separated by commas", (text: string) => text.split(","))
    .addOption(kernelsOption())
    .allowExcessArguments(false)
    .parse([...argv], { from: "user" })
    .opts<DoctorOptions>();
  const unknown = options.op?.find((name) => !sampledOps.includes(name));
  if (unknown !== undefined) throw new OptionError(`doctor: --op: no such function: "${unknown}"`);
  const talk = !options.json;
  const display = openDisplay(options.json || options.quiet || false);
  const { gpu, line } = await findGpu(options.device);
  const device = await openDevice(gpu ? { gpu, kernels: options.kernels } : { device: "cpu" });
  try {
    if (talk) console.log(`${line}\n${describe(device.info)}`);
    display.wait("self-test");
    const self = gpu && (await selfTest({ gpu, kernels: options.kernels }));
    display.close();
    if (talk && self) console.log(`${tellSelfTest(self)}\n`);

    const reports: OpReport[] = [];
    for await (const report of checkOps(device, options.op ? { ops: options.op } : {})) {
      reports.push(report);
      display.wait(`checked ${report.op}, ${reports.length} of ${options.op?.length ?? sampledOps.length}`);
    }
    display.close();
    if (talk) console.log(tellOps(reports, options.quiet ?? false));
    display.wait("measuring speed");
    const speed = await measureSpeed(device);
    display.close();
    const isWell = (self?.isRight ?? true) && reports.every(({ failures }) => failures.length === 0);
    if (talk) console.log(tellSpeed(speed));
    else console.log(JSON.stringify({ device: device.info, selfTest: self ?? null, ops: reports, speed, isWell }));
    return isWell ? 0 : 1;
  } finally {
    display.close();
    device.close();
  }
}

function describe({ adapter, driver, class: kind, features, limits, subgroupMinSize, subgroupMaxSize }: DeviceInfo) {
  const lines = [
    ["adapter", adapter],
    ["driver", driver],
    ["class", kind],
    ["features", features.join(", ") || "none"],
    ["subgroups", subgroupMaxSize === 0 ? "none" : [...new Set([subgroupMinSize, subgroupMaxSize])].join(" … ")],
    ...LIMITS.filter(([name]) => limits[name] !== undefined).map(([name, what, isBytes]) => {
      const limit = limits[name] as number;
      return [what, isBytes ? bytes(limit) : limit.toLocaleString("en")];
    }),
  ];
  return lines.map(([what = "", value]) => `${colors.dim(what.padEnd(24))}${value}`).join("\n");
}

function tellSelfTest({ isRight, milliseconds, answers }: SelfTest): string {
  const list = isRight
    ? answers.map(({ name }) => name).join(", ")
    : answers.flatMap(({ name, message }) => (message ? [`${name}: ${message}`] : [])).join("; ");
  return `self-test ${verdict(isRight)} in ${milliseconds.toFixed(0)} ms: ${list}`;
}

function tellOps(reports: readonly OpReport[], isQuiet: boolean): string {
  const failures = reports.flatMap(({ op, failures: list }) => list.map((failure) => `${op} ${failure}`));
  const cases = reports.reduce((sum, report) => sum + report.cases, 0).toLocaleString("en");
  const sum = `${reports.length} functions, ${cases} cases, gradients among them: ${
    failures.length === 0
      ? colors.green("all agree with the float64 reference")
      : colors.red(`${failures.length} are wrong`)
  }`;
  if (isQuiet) return [...failures, sum].join("\n");
  const table = new Table({
    head: ["op", "cases", "tolerance", "max error", "verdict"].map((title) => colors.bold(title)),
    colAligns: ["left", "right", "right", "right", "left"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
  for (const { op, cases: count, tolerance, maxError, failures: wrong } of reports) {
    const allowed = tolerance === 0 ? "exact" : tolerance.toExponential(1);
    table.push([op, `${count}`, allowed, `${(100 * maxError).toFixed(0)} %`, verdict(wrong.length === 0)]);
  }
  const note = colors.dim("tolerance: of the largest element; max error: share of what all ops involved may lose");
  return [table.toString(), note, "", ...failures, sum].join("\n");
}

function tellSpeed({ matmulGflops, matmulSize, copyGigabytes, copyBytes }: Speed): string {
  const product = `${matmulSize}×${matmulSize} matrix product ${matmulGflops.toPrecision(3)} GFLOP/s`;
  return `${product}, copy of ${bytes(copyBytes)} ${copyGigabytes.toPrecision(3)} GB/s`;
}

const verdict = (isRight: boolean) => (isRight ? colors.green("ok") : colors.red("WRONG"));

function bytes(value: number): string {
  const UNITS = ["bytes", "KiB", "MiB", "GiB"];
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${Number((value / 1024 ** step).toPrecision(3))} ${UNITS[step]}`;
}
