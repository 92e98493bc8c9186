// `npm run fuzz`: every function on random shapes, and at the limits of a dispatch, against the reference. Exit status 1 when a result differs.
import Table from "cli-table3";
import { sampledOps } from "../check/ops.ts";
import type { Row } from "../check/sample.ts";
import { samples } from "../check/samples.ts";
import { OptionError } from "../core/error.ts";
import { findGpu } from "../node/find.ts";
import { type OpenOptions, openDevice } from "../open.ts";
import colors from "./colors.ts";
import { type CommonOptions, command, type KernelOptions, kernelsOption } from "./command.ts";
import { type FuzzReport, fuzzRow, Opener, type Turns } from "./fuzz/random.ts";
import { type WideReport, wideDispatches } from "./fuzz/wide.ts";
import { BARE } from "./start/confusion.ts";
import { type Display, openDisplay } from "./start/display.ts";

interface FuzzOptions extends CommonOptions, KernelOptions {
  readonly op?: readonly string[];
  readonly turns: string;
  readonly turn?: string;
  readonly seed: string;
}

/** A device on which many dispatches must be folded, and no kernel may bind more than every adapter can. */
const NARROW = { maxComputeWorkgroupsPerDimension: 7, maxStorageBuffersPerShaderStage: 8 } as const;

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("fuzz", "Runs every function on random shapes and compares it with the reference")
    .addOption(kernelsOption())
    .option("--op <names>", "only these, separated by commas", (text: string) => text.split(","))
    .option("--turns <n>", "random shapes of each function", "300")
    .option("--turn <n>", "only this turn, or these: 17, 20-30; repeats what was wrong")
    .option("--seed <n>", "fixes shapes and values", "1")
    .parse([...argv], { from: "user" })
    .opts<FuzzOptions>();
  const unknown = options.op?.find((name) => !sampledOps.includes(name));
  if (unknown !== undefined) throw new OptionError(`fuzz: --op: no such function: "${unknown}"`);
  const turns = turnsOf(options);
  const display = openDisplay(options.json || options.quiet || false);
  const { gpu, line, device } = await findGpu(options.device);
  display.say(line);
  const open = (more: OpenOptions) => () =>
    openDevice(gpu ? { gpu, kernels: options.kernels, ...more } : { device: "cpu" });
  const openers = [new Opener(open({}), "")];
  if (gpu) openers.push(new Opener(open({ limits: NARROW }), `${NARROW.maxComputeWorkgroupsPerDimension} workgroups`));
  try {
    const start = performance.now();
    const reports = await fuzzAll(openers, turns, options.op ?? sampledOps, display);
    const wide = gpu && !options.op && options.turn === undefined ? await fuzzWide(open({}), display) : [];
    display.close();
    const seconds = (performance.now() - start) / 1000;
    const isWell = reports.every(({ mismatches }) => mismatches.length === 0) && wide.every(({ wrong }) => !wrong);
    if (options.json) console.log(JSON.stringify({ device, seed: turns.seed, reports, wide, seconds, isWell }));
    else console.log(tell(reports, wide, { device, seconds, seed: turns.seed, isQuiet: options.quiet ?? false }));
    return isWell ? 0 : 1;
  } finally {
    display.close();
    for (const opener of openers) opener.close();
  }
}

function turnsOf({ turns, turn, seed }: FuzzOptions): Turns {
  const whole = (name: string, text: string): number => {
    if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
    throw new OptionError(`fuzz: --${name} must be a whole number: got "${text}"`, { [name]: text });
  };
  if (turn === undefined) return { seed: whole("seed", seed), first: 0, count: whole("turns", turns) };
  const [first = 0, last = first] = turn.split("-").map((text) => whole("turn", text));
  return { seed: whole("seed", seed), first, count: Math.max(0, last - first) + 1 };
}

async function fuzzAll(
  openers: readonly Opener[],
  turns: Turns,
  ops: readonly string[],
  display: Display,
): Promise<FuzzReport[]> {
  const reports: FuzzReport[] = [];
  let wrong = 0;
  let lastSaid = performance.now();
  for (const op of ops) {
    const row = (samples as Readonly<Record<string, Row>>)[op] as Row;
    const report = await fuzzRow(openers, op, row, turns, (done) => {
      display.wait(`${op}: turn ${done} of ${turns.count}, ${reports.length} of ${ops.length} functions`);
    });
    reports.push(report);
    wrong += report.mismatches.length;
    for (const mismatch of report.mismatches) display.say(`${op}: ${mismatch.message}\n  ${mismatch.repeat}`);
    if (performance.now() - lastSaid > 10_000) {
      lastSaid = performance.now();
      display.say(`${reports.length} of ${ops.length} functions, ${wrong} mismatches`);
    }
  }
  return reports;
}

async function fuzzWide(open: () => ReturnType<typeof openDevice>, display: Display): Promise<WideReport[]> {
  const device = await open();
  try {
    const reports: WideReport[] = [];
    for await (const report of wideDispatches(device)) {
      reports.push(report);
      display.wait(`${report.name}: ${report.workgroups?.toLocaleString("en") ?? "no"} workgroups`);
    }
    return reports;
  } finally {
    device.close();
  }
}

interface Told {
  readonly device: string;
  readonly seconds: number;
  readonly seed: number;
  readonly isQuiet: boolean;
}

function tell(reports: readonly FuzzReport[], wide: readonly WideReport[], told: Told): string {
  const table = new Table({
    head: ["op", "turns", "cases", "max error", "slopes", "verdict"].map((title) => colors.bold(title)),
    colAligns: ["left", "right", "right", "right", "right", "left"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
  const share = (value: number | null) => (Number.isFinite(value) ? `${(100 * (value ?? 0)).toFixed(0)} %` : "–");
  const drawn = reports.filter(({ maxError }) => maxError !== null);
  for (const { op, turns, cases, maxError, maxSlopeError, mismatches } of drawn) {
    const verdict = mismatches.length === 0 ? GOOD : colors.red("WRONG");
    table.push([op, `${turns}`, `${cases}`, share(maxError), share(maxSlopeError), verdict]);
  }
  const mismatches = reports.flatMap(({ op, mismatches: list }) =>
    list.map(({ message, repeat }) => `${colors.red(op)}: ${message}\n  ${repeat}`),
  );
  const edges = wide.map(({ name, workgroups, wrong, skipped }) => {
    const verdict = wrong ? `${colors.red("WRONG")}: ${wrong}` : skipped ? colors.dim(skipped) : GOOD;
    return `${name.padEnd(22)} ${(workgroups?.toLocaleString("en") ?? "").padStart(8)} workgroups  ${verdict}`;
  });
  const cases = reports.reduce((sum, report) => sum + report.cases, 0).toLocaleString("en");
  const count = mismatches.length + wide.filter(({ wrong }) => wrong).length;
  const verdict = count === 0 ? colors.green("all agree with the float64 reference") : colors.red(`${count} are wrong`);
  const without = reports.filter(({ maxError }) => maxError === null).map(({ op }) => op);
  const sum = `${drawn.length} functions, ${cases} cases, seed ${told.seed}, ${told.device}, ${told.seconds.toFixed(0)} s: ${verdict}`;
  if (told.isQuiet) return [...mismatches, sum].join("\n");
  const note = colors.dim(
    "errors: share of what is allowed; slopes: gradients against central differences, in float64",
  );
  const rest = without.length > 0 ? [colors.dim(`no random shapes: ${without.join(", ")}`)] : [];
  return [table.toString(), note, ...rest, "", ...edges, ...(edges.length > 0 ? [""] : []), ...mismatches, sum].join(
    "\n",
  );
}

const GOOD = colors.green("ok");
