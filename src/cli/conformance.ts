// `npm run conformance`: runs folders of conformance cases (format "nn-conformance/1") through dist/conformance/adapter.js.
// Exit status: 0 when nothing failed and no required file is short, else 1; 2 after a wrong argument.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { DataError, OptionError } from "../core/error.ts";
import { type KernelOptions, kernelsOption } from "./command.ts";
import { type Answers, type Case, decode, judge, type TensorRecord } from "./judge.ts";

const FORMAT = "nn-conformance/1";
const MOST_FAILURES = 20;

/** What an adapter gets for each case. */
export interface AdapterTools {
  readonly tensor: (record: TensorRecord) => CaseTensor;
  readonly hash32: (seed: number, count: number) => Float32Array;
}

export interface CaseTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What dist/conformance/adapter.js exports. */
export interface Adapter {
  readonly run: (test: Case, tools: AdapterTools) => Promise<Answers | null> | Answers | null;
  /** Where it computes: "cpu", or the name of a GPU. */
  readonly device?: () => Promise<string> | string;
  readonly close?: () => Promise<void> | void;
}

interface Options extends KernelOptions {
  readonly dir: string;
  readonly suite?: string[];
  readonly op?: string[];
  readonly device: string;
  readonly required?: string;
  readonly json?: string;
  readonly adapter: string;
}

interface Tally {
  pass: number;
  fail: number;
  skip: number;
  worst: number;
}

const list = (text: string): string[] => text.split(",").map((part) => part.trim());

function parse(argv: readonly string[]): Options {
  return new Command("npm run conformance --")
    .description("Runs conformance cases against this engine")
    .requiredOption("--dir <folder>", "folder of suites: <suite>/<op>.json")
    .option("--suite <names>", "only these suites, separated by commas", list)
    .option("--op <names>", "only these ops, separated by commas", list)
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader", "cpu"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .addOption(kernelsOption())
    .option("--required <file>", "JSON of the files whose every case must pass, with their counts")
    .option("--json <file>", "write the results there")
    .option(
      "--adapter <file>",
      "the adapter to run",
      fileURLToPath(new URL("../conformance/adapter.js", import.meta.url)),
    )
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts();
}

/** Numbers in −1 … 1 for inputs too large to be written out, as the format defines them. */
export function hash32(seed: number, count: number): Float32Array {
  const offset = (Math.imul(seed, 40503) + 12345) >>> 0;
  return new Float32Array(count).map((_, i) => {
    let x = (Math.imul(i, 2654435761) + offset) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = (x ^ (x >>> 13)) >>> 0;
    return (x / 2 ** 32) * 2 - 1;
  });
}

/** The elements of a case's tensor. */
export function tensor({ dtype, shape, data = [], fill, gen, seed = 0 }: TensorRecord): CaseTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  if (gen) return { dtype, shape, data: hash32(seed, count) };
  if (fill !== undefined) return { dtype, shape, data: new Float32Array(count).fill(fill) };
  const values = data.map(decode);
  if (dtype === "int32") return { dtype, shape, data: Int32Array.from(values) };
  return { dtype, shape, data: dtype === "bool" ? Uint8Array.from(values) : Float32Array.from(values) };
}

function readJson(path: string, option: string): unknown {
  if (!existsSync(path)) throw new OptionError(`conformance: ${option}: no such file: ${path}`);
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new DataError(`conformance: ${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function folders(dir: string): string[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) {
    throw new OptionError(`conformance: --dir: no such folder: ${dir}`);
  }
  return readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isDirectory())
    .sort();
}

/** All cases of a folder that the options ask for, in the order of their files. */
export function* casesIn({ dir, suite, op }: Pick<Options, "dir" | "suite" | "op">): Generator<Case> {
  for (const name of folders(dir)) {
    if (suite && !suite.includes(name)) continue;
    for (const file of readdirSync(join(dir, name)).sort()) {
      if (!file.endsWith(".json")) continue;
      const path = join(dir, name, file);
      const content = readJson(path, "--dir") as { format?: unknown; cases?: Case[] };
      if (content.format !== FORMAT || !Array.isArray(content.cases)) {
        throw new DataError(`conformance: ${path} is not in the format "${FORMAT}": it says "${content.format}"`);
      }
      for (const test of content.cases) {
        if (!op || op.includes(test.op)) yield Object.assign(test, { suite: name, file: basename(file, ".json") });
      }
    }
  }
}

type Required = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Names the required files of which fewer cases passed than they must have; gives their number. */
function reportShort(required: Required, perFile: ReadonlyMap<string, Tally>, suites: string[] | undefined): number {
  let short = 0;
  for (const [suite, files] of Object.entries(required)) {
    if (suites && !suites.includes(suite)) continue;
    for (const [file, count] of Object.entries(files)) {
      const { pass = 0, fail = 0, skip = 0 } = perFile.get(`${suite}/${file}`) ?? {};
      if (pass >= count) continue;
      short++;
      console.log(`SHORT ${suite}/${file}: ${pass} of ${count} passed, ${fail} failed, ${skip} skipped`);
    }
  }
  console.log(`required: ${short} files short`);
  return short;
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name) ?? { pass: 0, fail: 0, skip: 0, worst: 0 };
  tallies.set(name, known);
  return known;
}

function printTable(perOp: ReadonlyMap<string, Tally>): void {
  const width = Math.max(2, ...[...perOp.keys()].map((name) => name.length));
  const row = (name: string, ...cells: string[]) =>
    console.log([name.padEnd(width), ...cells.map((cell) => cell.padStart(7))].join("  "));
  row("op", "passed", "failed", "skipped", "worst");
  for (const [name, { pass, fail, skip, worst }] of perOp) {
    row(name, `${pass}`, `${fail}`, `${skip}`, worst.toPrecision(2));
  }
}

async function conform(options: Options): Promise<number> {
  const required = options.required && (readJson(options.required, "--required") as { required?: Required }).required;
  if (options.required && !required) throw new DataError(`conformance: ${options.required} has no entry "required"`);
  const suites = folders(options.dir);
  for (const wanted of options.suite ?? []) {
    if (!suites.includes(wanted)) {
      throw new OptionError(`conformance: --suite: ${options.dir} has no "${wanted}". Suites: ${suites.join(", ")}`);
    }
  }
  if (!existsSync(options.adapter)) {
    throw new OptionError(`conformance: no adapter at ${options.adapter}. Run npm run build first`);
  }
  process.env.GPUGRAD_DEVICE = options.device;
  process.env.GPUGRAD_KERNELS = options.kernels;
  const adapter = (await import(pathToFileURL(options.adapter).href)) as Adapter;
  const isGpu = (await (adapter.device?.() ?? options.device)) !== "cpu";

  const perOp = new Map<string, Tally>();
  const perFile = new Map<string, Tally>();
  const failures: string[] = [];
  const total = { pass: 0, fail: 0, skip: 0, advisory: 0 };
  const count = (test: Case, what: "pass" | "fail" | "skip") => {
    total[what]++;
    tallyOf(perOp, `${test.suite}/${test.op}`)[what]++;
    tallyOf(perFile, `${test.suite}/${test.file}`)[what]++;
  };
  for (const test of casesIn(options)) {
    let answers: Answers | null;
    try {
      answers = await adapter.run(test, { tensor, hash32 });
    } catch (error) {
      count(test, "fail");
      failures.push(`${test.id} ${test.name}: run ${error instanceof Error ? error.message : error}`);
      continue;
    }
    if (answers === null) {
      count(test, "skip");
      continue;
    }
    const verdicts = judge(test, answers);
    const wrong = verdicts.find((verdict) => verdict.why !== undefined);
    const isAdvisory = wrong !== undefined && isGpu && (test.tags ?? []).includes("nonfinite");
    if (isAdvisory) total.advisory++;
    count(test, wrong && !isAdvisory ? "fail" : "pass");
    if (wrong && !isAdvisory) failures.push(`${test.id} ${test.name}: ${wrong.name} ${wrong.why}`);
    const tally = tallyOf(perOp, `${test.suite}/${test.op}`);
    for (const { why, worst } of verdicts) if (why === undefined) tally.worst = Math.max(tally.worst, worst);
  }
  await adapter.close?.();

  printTable(perOp);
  for (const failure of failures.slice(0, MOST_FAILURES)) console.log(`FAIL ${failure}`);
  if (failures.length > MOST_FAILURES) console.log(`… and ${failures.length - MOST_FAILURES} more`);
  const short = required ? reportShort(required, perFile, options.suite) : 0;
  if (options.json) {
    const { pass: passed, fail: failed, skip: skipped } = total;
    const ops = Object.fromEntries(perOp);
    writeFileSync(options.json, JSON.stringify({ passed, failed, skipped, short, ops, fails: failures }, null, 1));
  }
  if (total.advisory > 0) console.log(`${total.advisory} cases tagged nonfinite differ (advisory on a GPU)`);
  console.log(`${total.pass} passed, ${total.fail} failed, ${total.skip} skipped`);
  return total.fail > 0 || short > 0 ? 1 : 0;
}

/** Runs the command; gives the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    return await conform(parse(argv));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has already spoken
    if (!(error instanceof OptionError || error instanceof DataError)) throw error;
    console.error(`error: ${error.message}`);
    return 2;
  }
}
