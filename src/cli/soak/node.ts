// The soak in Node: small networks trained over and over, in changing ways; what is left of each round is compared: buffers and bytes on the
// device, pipelines, the heap.
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CountedGpu, countCalls } from "../../check/count.ts";
import { findGpu } from "../../node/find.ts";
import { openDevice } from "../../open.ts";
import { time } from "../start/display.ts";
import type { Soak, Soaked } from "./part.ts";
import { Rounds } from "./rounds.ts";
import { type Level, verdictOf, WARM_UP } from "./verdict.ts";

const LINE_EVERY = 5000; // ms

/** Trains for so long, and judges what was left of it. */
export async function soakNode({ minutes, seed, signal, device: wanted, say }: Soak): Promise<Soaked> {
  const { gpu, line, device: name } = await findGpu(wanted);
  say(line);
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
      say(show(level));
    }
    const { steps, mistakes } = rounds;
    const verdict = verdictOf(levels, [...mistakes, ...(device.failure ? [device.failure.message] : [])]);
    const seconds = (performance.now() - start) / 1000;
    return {
      head: `${levels.length} rounds, ${steps.toLocaleString("en")} steps in ${time(seconds)} on ${name}`,
      ...verdict,
      data: { in: "node", device: name, seed, seconds, steps, levels, ...verdict },
    };
  } finally {
    device.close();
  }
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
