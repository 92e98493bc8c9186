// Figures of the whole thing, seen from outside: how soon it starts, how large it is, how hard it is to add an op, what it conforms to.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GpugradError } from "../../core/error.ts";
import { COLD_CASES, measureCold } from "../bench/cold.ts";
import type { Row } from "../bench/row.ts";
import { jsonOf, runCommand, runScript } from "../child.ts";
import { withSpread } from "./beside.ts";
import type { Bench, Figure } from "./figure.ts";

/** A start of the built command up to its first finished step. */
interface Start {
  readonly adapter: string;
  readonly cold: (typeof COLD_CASES)[number];
  /** Seconds. */
  readonly most: number;
}

const [WITH_CACHE, WITHOUT_CACHE] = COLD_CASES;

/** Starts on SwiftShader and, without a shader cache, on lavapipe; then with one, where a bound is given. */
export function coldStart(swiftshader: number, lavapipe: number, cached?: number): Figure {
  const starts: Start[] = [
    { adapter: "swiftshader", cold: WITH_CACHE, most: swiftshader },
    { adapter: "lavapipe", cold: WITHOUT_CACHE, most: lavapipe },
    ...(cached === undefined ? [] : [{ adapter: "lavapipe", cold: WITH_CACHE, most: cached }]),
  ];
  const further = cached === undefined ? "" : "; lavapipe with its shader cache";
  return {
    name: "cold",
    what: `process start to first finished step (SwiftShader; lavapipe, no shader cache${further})`,
    bound: starts.map(({ most }) => `≤ ${most} s`).join("; "),
    async measure(bench) {
      const rows: Row[] = [];
      const values: string[] = [];
      let isMet: boolean | undefined = true;
      for (const { adapter, cold, most } of starts) {
        if (!(await bench.find(adapter))) {
          values.push(`no ${adapter} here`);
          isMet &&= undefined;
          continue;
        }
        bench.note(`${cold.name} on ${adapter}`);
        const row = await measureCold(adapter, cold);
        const { milliseconds = Number.NaN, spread } = row;
        rows.push(row);
        values.push(`${withSpread(milliseconds / 1000, spread)} s`);
        if (!(milliseconds <= 1000 * most)) isMet = false;
      }
      return { value: values.join("; "), isMet, data: rows };
    },
  };
}

export const bundleSize: Figure = {
  name: "size",
  what: "gzip size of what a page that trains an MLP downloads (of what comes on demand, the kernels of products alone are counted)",
  bound: "≤ 40 KB",
  async measure({ note }) {
    note("bundling a page that trains an MLP");
    const { bundleGzipBytes } = jsonOf<{ readonly bundleGzipBytes: number }>(await runCommand(["size", "--json"]));
    const kilobytes = bundleGzipBytes / 1024;
    return { value: `${kilobytes.toFixed(1)} KB`, isMet: kilobytes <= 40, data: bundleGzipBytes };
  },
};

const CONTRIBUTING = "test/repo/contributing.test.ts";

export const contributing: Figure = {
  name: "contributing",
  what: "CONTRIBUTING's two examples, applied as patches by a test",
  bound: "2 files, 4 files, tests pass",
  async measure({ note }) {
    if (!existsSync(CONTRIBUTING)) return { value: "not in gpugrad's own folder", isMet: undefined, data: null };
    note("CONTRIBUTING's examples");
    const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
    const { status, output } = await runScript(vitest, [
      "run",
      "--project",
      "node",
      "--reporter",
      "json",
      CONTRIBUTING,
    ]);
    const files = [...readFileSync("CONTRIBUTING.md", "utf8").matchAll(/```diff\n([\s\S]*?)```/g)].map(
      ([, diff = ""]) => diff.match(/^\+\+\+ /gm)?.length ?? 0,
    );
    const isMet = status === 0 && files.join() === "2,4";
    const value = `${files.join(" files, ")} files, tests ${status === 0 ? "pass" : "fail"}`;
    return { value, isMet, data: { files, status, output: status === 0 ? "" : output.slice(-2000) } };
  },
};

/** The files that an issue requires, from the list `issue-<n>.json` beside the cases. */
export function conformance(issue: number): Figure {
  return {
    name: "conformance",
    what: `conformance, files of issue-${issue}.json, CPU + SwiftShader + lavapipe`,
    bound: "0 files short",
    async measure(bench) {
      const folder = bench.conformance;
      if (folder === undefined) return { value: "no cases given (--conformance)", isMet: undefined, data: null };
      const data: Record<string, Conformed> = {};
      const missing: string[] = [];
      for (const device of ["cpu", "swiftshader", "lavapipe"]) {
        if (device !== "cpu" && !(await bench.find(device))) missing.push(device);
        else data[device] = await conform(bench, { folder, issue, device });
      }
      const short = Object.values(data).reduce((sum, each) => sum + each.short, 0);
      const without = missing.length > 0 ? `, no ${missing.join(", ")} here` : "";
      const isMet = short > 0 ? false : missing.length > 0 ? undefined : true;
      return { value: `${short} files short${without}`, isMet, data };
    },
  };
}

interface Conformed {
  readonly short: number;
  readonly passed: number;
  readonly failed: number;
}

/** One adapter over the files that the list of the issue names. */
async function conform(
  { note }: Bench,
  { folder, issue, device }: { readonly folder: string; readonly issue: number; readonly device: string },
): Promise<Conformed> {
  note(`conformance on ${device}`);
  const required = join(folder, `issue-${issue}.json`);
  const { required: files } = JSON.parse(readFileSync(required, "utf8")) as { required: Record<string, unknown> };
  const scratch = mkdtempSync(join(tmpdir(), "gpugrad-figures-"));
  try {
    const json = join(scratch, "result.json");
    const cases = join(folder, "cases");
    const suites = Object.keys(files).join(",");
    const argv = ["--dir", cases, "--suite", suites, "--required", required, "--device", device, "--json", json];
    const { output } = await runCommand(["conformance", ...argv]);
    if (!existsSync(json)) throw new GpugradError(`conformance on ${device}: ${output.trim().split("\n").at(-1)}`);
    const { short, passed, failed } = JSON.parse(readFileSync(json, "utf8")) as Conformed;
    return { short, passed, failed };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface FuzzLine {
  readonly reports: readonly {
    readonly op: string;
    readonly turns: number;
    readonly maxError: number | null;
    readonly mismatches: readonly unknown[];
  }[];
  readonly wide: readonly { readonly name: string; readonly workgroups?: number; readonly wrong?: string }[];
  readonly isWell: boolean;
}

/** Random shapes of each function in `npm run fuzz`. */
const TURNS = 300;

export const randomShapes: Figure = {
  name: "shapes",
  what: "random shapes: wrong results in npm run fuzz, edges and 65,535 workgroups included",
  bound: `0 in ${TURNS} an op`,
  async measure({ device, note }) {
    note(`${TURNS} random shapes of each op: minutes`);
    const line = jsonOf<FuzzLine>(await runCommand(["fuzz", "--json", "--turns", `${TURNS}`, "--device", device]));
    const drawn = line.reports.filter(({ maxError }) => maxError !== null);
    const wrong = [...line.reports.flatMap(({ mismatches }) => mismatches), ...line.wide.filter((edge) => edge.wrong)];
    const value = `${wrong.length} in ${TURNS} of each of ${drawn.length} ops, ${line.wide.length} wide dispatches`;
    return { value, isMet: line.isWell && wrong.length === 0, data: { wrong, wide: line.wide } };
  },
};
