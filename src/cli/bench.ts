// `npm run bench -- matmul|steps`: how fast this device is. Each case is checked against the reference, warmed up, repeated; medians count.
import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { PRODUCT_CASES, type ProductCase } from "../../bench/kernels/matmul.ts";
import { STEP_CASES, type StepCase, stepOptions } from "../../bench/steps/steps.ts";
import { countCalls } from "../check/count.ts";
import { prepare, runGraph } from "../compile.ts";
import { GpugradError, OptionError } from "../core/error.ts";
import { STREAM, uniforms } from "../core/rng.ts";
import { CpuDevice } from "../cpu/device.ts";
import { evaluate } from "../cpu/evaluate.ts";
import type { Device } from "../graph/device.ts";
import type { Node, Values } from "../graph/node.ts";
import { openDevice } from "../open.ts";
import { input } from "../ops/constant.ts";
import { matmul } from "../ops/matmul.ts";
import { tensor } from "../tensor.ts";
import { createTrainer } from "../train/trainer.ts";
import { type CommonOptions, command, findDevice } from "./command.ts";

/** One measurement, as it goes into result files. */
interface Row {
  readonly suite: string;
  readonly case: string;
  readonly system: "gpugrad";
  readonly adapter: string;
  readonly [figure: string]: string | number;
}

const SUITES = ["matmul", "steps"] as const;
const REPETITIONS = 5;
const CHECKED_STEPS = 5;
const LARGEST_LOSS_ERROR = 1e-4;

export async function run(argv: readonly string[]): Promise<number> {
  const parsed = command("bench", "Measures matrix products and training steps")
    .argument("[suite]", `one of ${SUITES.join(", ")}; all of them when left out`)
    .option("--filter <text>", "only cases whose name has this in it")
    .option("--output <file>", "write the rows as JSON to a file")
    .parse([...argv], { from: "user" });
  const options = parsed.opts<CommonOptions & { filter?: string; output?: string }>();
  const [suite] = parsed.args as [string | undefined];
  if (suite !== undefined && !(SUITES as readonly string[]).includes(suite)) {
    throw new OptionError(`bench: unknown suite: "${suite}". Choose ${SUITES.join(", ")}`);
  }
  const chosen = <Case extends { readonly name: string }>(name: string, cases: readonly Case[]) =>
    suite === undefined || suite === name ? cases.filter((each) => each.name.includes(options.filter ?? "")) : [];
  const { gpu } = await findDevice(options);
  if (!gpu) throw new OptionError("bench: the CPU reference is not worth timing. Choose another --device");
  const counted = countCalls(gpu);
  const device = await openDevice({ gpu: counted.gpu });
  const rows: Row[] = [];
  const note = (row: Row) => {
    rows.push(row);
    if (!options.quiet && !options.json) process.stderr.write(`measured ${row.case}\n`);
  };
  for (const product of chosen("matmul", PRODUCT_CASES)) note(await measureProduct(device, product));
  for (const step of chosen("steps", STEP_CASES)) note(await measureStep(device, step, counted));
  device.close();
  if (rows.length === 0) throw new OptionError(`bench: no case has "${options.filter}" in its name`);
  if (options.output) await writeFile(options.output, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(options.json ? JSON.stringify(rows) : tableOf(rows));
  return 0;
}

/** Median wall seconds and CPU seconds of `work`. */
async function time(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number; spread: number }> {
  const samples: { seconds: number; cpuSeconds: number }[] = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const used = process.cpuUsage(cpu);
    samples.push({ seconds: (performance.now() - start) / 1000, cpuSeconds: (used.user + used.system) / 1e6 });
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
  const seconds = middle(samples.map((sample) => sample.seconds));
  const all = samples.map((sample) => sample.seconds);
  return {
    seconds,
    cpuSeconds: middle(samples.map((sample) => sample.cpuSeconds)),
    spread: (Math.max(...all) - Math.min(...all)) / seconds,
  };
}

async function measureProduct(device: Device, { name, M, K, N }: ProductCase): Promise<Row> {
  const [a, b] = [uniforms(1, STREAM.ops, M * K, -1, 1), uniforms(2, STREAM.ops, K * N, -1, 1)];
  await checkProduct(device, name, [a, [M, K]], [b, [K, N]]);
  const executable = await prepare(device, {
    outputs: [matmul(tensor(device, a, [M, K]).node, tensor(device, b, [K, N]).node)],
  });
  const mark = tensor(device, [0]);
  const times = Math.max(1, Math.round(1e9 / (2 * M * K * N)));
  const { seconds, cpuSeconds, spread } = await time(async () => {
    executable.run(times);
    await mark.read(); // comes back when all before it is done
  });
  executable.release();
  const giga = (2 * M * K * N * times) / 1e9;
  return {
    suite: "matmul",
    case: name,
    system: "gpugrad",
    adapter: device.info.adapter,
    gflops: giga / seconds,
    gflopsPerCpuSecond: giga / cpuSeconds,
    spread,
  };
}

/** Compares the first rows of a product with the reference. */
async function checkProduct(
  device: Device,
  name: string,
  [a, aShape]: [Float32Array, number[]],
  [b, bShape]: [Float32Array, number[]],
): Promise<void> {
  const rows = Math.min(8, aShape[0] as number);
  const [x, w, few] = [input("a", aShape), input("b", bShape), input("few", [rows, aShape[1] as number])];
  const [got] = await runGraph(
    device,
    [matmul(x, w)],
    new Map<Node, ArrayLike<number>>([
      [x, a],
      [w, b],
    ]),
  );
  const leaves = new Map<Node, Values>([
    [few, Float64Array.from(a.subarray(0, rows * (aShape[1] as number)))],
    [w, Float64Array.from(b)],
  ]);
  const [expected] = evaluate([matmul(few, w)], (leaf) => leaves.get(leaf) as Values);
  const worst = (expected as Values).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (got?.[i] as number))),
    0,
  );
  if (!(worst < 1e-3)) throw new GpugradError(`bench: ${name} is wrong by ${worst}`);
}

async function measureStep(device: Device, step: StepCase, counted: ReturnType<typeof countCalls>): Promise<Row> {
  const { name, batchSize } = step;
  const data = step.data();
  const losses = async (target: Device) => {
    const seen: number[] = [];
    const trainer = await createTrainer(target, step.model(), stepOptions(step));
    for await (const _ of trainer.fit(data, {
      batchSize,
      maxSteps: CHECKED_STEPS,
      callbacks: [{ onStep: ({ loss }) => seen.push(loss) }],
    }));
    return seen;
  };
  const [own, expected] = [await losses(device), await losses(new CpuDevice())];
  const error = Math.max(...own.map((loss, i) => Math.abs(loss / (expected[i] as number) - 1)));
  if (!(error < LARGEST_LOSS_ERROR))
    throw new GpugradError(`bench: ${name}: losses differ from the reference by ${error}`);

  const trainer = await createTrainer(device, step.model(), stepOptions(step));
  const train = async (maxSteps: number) => {
    for await (const _ of trainer.fit(data, { batchSize, epochs: Number.POSITIVE_INFINITY, maxSteps }));
  };
  await train(64); // warm up
  const before = trainer.step;
  await train(64);
  const steps = trainer.step - before;
  counted.reset();
  const { seconds, cpuSeconds, spread } = await time(() => train(steps));
  const { dispatches, submits, created, writes } = counted.calls();
  const per = (count: number) => count / (REPETITIONS * steps);
  return {
    suite: "steps",
    case: name,
    system: "gpugrad",
    adapter: device.info.adapter,
    stepsPerSecond: steps / seconds,
    stepsPerCpuSecond: steps / cpuSeconds,
    spread,
    dispatches: per(dispatches),
    submits: per(submits),
    bindGroups: per(counted.counts().createBindGroup ?? 0),
    buffers: per(counted.counts().createBuffer ?? 0),
    created: per(created),
    writes: per(writes),
  };
}

function tableOf(rows: readonly Row[]): string {
  const shown = (value: string | number | undefined) =>
    typeof value === "number" ? Number(value.toPrecision(3)).toString() : (value ?? "");
  return [...new Set(rows.map(({ suite }) => suite))]
    .map((suite) => {
      const own = rows.filter((row) => row.suite === suite);
      const columns = Object.keys(own[0] as Row).filter((name) => !["suite", "system", "adapter"].includes(name));
      const table = new Table({ head: columns, style: { head: [], border: [] } });
      for (const row of own) table.push(columns.map((name) => shown(row[name])));
      return table.toString();
    })
    .join("\n");
}
