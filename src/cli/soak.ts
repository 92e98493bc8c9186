// `npm run soak`: trains small networks over and over, in changing ways, and watches what is left of each round: buffers and bytes on the
// device, pipelines, the heap. Exit status 1 when something grows, a run gives another result than before, or the device fails.
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CountedGpu, countCalls } from "../check/count.ts";
import { OptionError } from "../core/error.ts";
import { findGpu } from "../node/find.ts";
import { openDevice } from "../open.ts";
import colors from "./colors.ts";
import { type CommonOptions, command } from "./command.ts";
import { Rounds } from "./soak/rounds.ts";
import { type Level, verdictOf, WARM_UP } from "./soak/verdict.ts";
import { openDisplay, time } from "./start/display.ts";
import { interruption } from "./start/interrupt.ts";

interface SoakOptions extends CommonOptions {
  readonly minutes: string;
  readonly seed: string;
}

const LINE_EVERY = 5000; // ms

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("soak", "Trains over and over, and watches that nothing grows")
    .option("--minutes <n>", "for how long", "5")
    .option("--seed <n>", "fixes what is done in which order", "1")
    .parse([...argv], { from: "user" })
    .opts<SoakOptions>();
  const [minutes, seed] = [numberOf("minutes", options.minutes), Math.floor(numberOf("seed", options.seed))];
  const display = openDisplay(options.json || options.quiet || false);
  const { signal, release } = interruption(() =>
    display.say("stopping after this round … (Ctrl-C again ends at once)"),
  );
  const { gpu, line, device: name } = await findGpu(options.device);
  display.say(line);
  const [staying, passing] = [gpu && countCalls(gpu), gpu && countCalls(gpu)]; // one device for all, one a round
  const open = (counted: CountedGpu | undefined) => openDevice(counted ? { gpu: counted.gpu } : { device: "cpu" });
  const device = await open(staying);
  const levels: Level[] = [];
  try {
    const rounds = await Rounds.start({ device, open: () => open(passing), seed });
    const start = performance.now();
    let lastLine = start;
    while (!signal.aborted && (levels.length < 2 * WARM_UP || performance.now() - start < minutes * 60_000)) {
      await rounds.run();
      const level = await levelOf(rounds, staying, passing, start);
      levels.push(level);
      if (levels.length > 1 && performance.now() - lastLine < LINE_EVERY) continue;
      lastLine = performance.now();
      display.say(show(level));
    }
    const { steps, mistakes } = rounds;
    const verdict = verdictOf(levels, [...mistakes, ...(device.failure ? [device.failure.message] : [])]);
    const seconds = (performance.now() - start) / 1000;
    if (options.json) console.log(JSON.stringify({ device: name, seed, seconds, steps, levels, ...verdict }));
    else {
      const { lines, complaints } = verdict;
      const head = `${levels.length} rounds, ${steps.toLocaleString("en")} steps in ${time(seconds)} on ${name}`;
      const result = complaints.length === 0 ? colors.green("nothing grows") : colors.red(complaints.join("; "));
      console.log([`${head}: ${result}`, ...(options.quiet ? [] : lines)].join("\n"));
    }
    return verdict.complaints.length === 0 ? 0 : 1;
  } finally {
    display.close();
    release();
    device.close();
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new OptionError(`soak: --${name} must be a number from 0 on: got "${text}"`, { [name]: text });
}

/** What is left once everything that a round has let go of is collected. */
async function levelOf(
  { count, steps }: Rounds,
  staying: CountedGpu | undefined,
  passing: CountedGpu | undefined,
  start: number,
): Promise<Level> {
  for (let [turn, calm, last] = [0, 0, Number.POSITIVE_INFINITY]; turn < 30 && calm < 3; turn++) {
    collect();
    await setTimeout(2); // finalizers, which free device memory, run between tasks
    const held = process.memoryUsage().heapUsed + (staying?.live().bytes ?? 0);
    calm = last - held < 1024 ? calm + 1 : 0;
    last = held;
  }
  const { heapUsed, rss } = process.memoryUsage();
  const live = staying?.live() ?? { buffers: 0, bytes: 0 };
  return {
    round: count,
    steps,
    seconds: (performance.now() - start) / 1000,
    ...live,
    pipelines: staying?.counts().createComputePipelineAsync ?? 0,
    left: passing?.live().buffers ?? 0,
    heap: heapUsed,
    resident: rss,
  };
}

setFlagsFromString("--expose-gc");
setFlagsFromString("--no-opt"); // optimised code would make the heap grow for minutes
const collect = runInNewContext("gc") as () => void;

function show({ round, steps, seconds, buffers, bytes, pipelines, heap, resident }: Level): string {
  const mega = (value: number) => `${(value / 2 ** 20).toFixed(2)} MB`;
  const clock = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  return `${clock}  round ${round}  ${steps.toLocaleString("en")} steps  ${buffers} buffers ${mega(bytes)}  ${pipelines} pipelines  heap ${mega(heap)}  resident ${mega(resident)}`;
}
