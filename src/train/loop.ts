// Keeps a device busy: queues submissions of several steps, and reads their log back without ever waiting inside a step.
import type { Device, Executable, ExecutableStats, Memory } from "../graph/device.ts";

/** How the host keeps up with a device. */
export interface Pace {
  /** Steps in one submission; found by itself when undefined. */
  readonly stepsPerSubmit?: number | undefined;
  /** The most milliseconds that one submission should keep the device (pages and watchdogs want about 50). */
  readonly budget?: number | undefined;
}

/** How long a step of a program takes, as far as is known. */
export interface StepEstimate {
  milliseconds: number;
  submissions: number;
}

export const newEstimate = (): StepEstimate => ({ milliseconds: 0, submissions: 0 });

/** Dispatches; a program whose steps share them takes more steps. */
const MOST_STEPS = 64;
const LEAST_STEPS = 16;
const IN_FLIGHT = 2;
/** ms from which submissions lose next to nothing when each waits for the one before. */
const LONG = 25;
/** Where answers are slow, more submissions fill the time until they come. */
const MOST_IN_FLIGHT = 16;
/** ms from which the answers of an idle device are slow: beside a page that compiles and draws a quick one may take 40. */
const SLOW = 50;
/** Answers to judge by, after one that does not count: it waits for uploads, or comes by chance just before the browser looks. */
const PROBES = 3;
/** ms that the reference may compute before others on its thread have their turn. */
const TURN = 30;

interface Submission {
  readonly first: number;
  readonly count: number;
  readonly queuedAt: number;
  readonly read: () => Promise<readonly ArrayLike<number>[]>;
}

/** The values fetched after a submission of `count` steps, the first being step `first`. */
export interface Fetched {
  readonly first: number;
  readonly count: number;
  readonly values: readonly ArrayLike<number>[];
}

/** What is to be run. */
export interface Steps {
  /** The first step, 0 when left out, and the one after the last. */
  readonly from?: number;
  readonly steps: number;
  readonly fetch: readonly Memory[];
  /** Uploads what `count` steps from `first` on need. */
  readonly before: (first: number, count: number) => void;
  /** Steps whose log the device keeps until it is overwritten. */
  readonly rows: number;
  /** No submission goes across a multiple of so many steps. */
  readonly lap?: number;
  /** Whether all steps of a lap must be done, and whoever reads them have asked for more, before the next one begins. */
  readonly waits?: boolean;
  /** True once nothing more is to be submitted: what is under way is read, and the run ends. */
  readonly isStopping?: () => boolean;
  /** Told of what was under way when the reader left. */
  readonly onLeft?: (fetched: Fetched) => void;
  readonly pace?: Pace;
  readonly estimate?: StepEstimate;
}

const latencies = new WeakMap<Device, number>();

/** How long an idle device takes until its answers are noticed, in ms, where that is much (Firefox looks every 100 ms); else 0. Measured once a device. */
export async function latencyOf(device: Device, memory: Memory): Promise<number> {
  let latency = latencies.get(device);
  if (latency !== undefined) return latency;
  latency = Number.POSITIVE_INFINITY;
  for (let probe = 0; probe <= PROBES && latency > 0; probe++) {
    const asked = performance.now();
    await device.read(memory);
    const took = performance.now() - asked;
    if (probe) latency = took < SLOW ? 0 : Math.min(latency, took);
  }
  latencies.set(device, latency);
  return latency;
}

/** Runs steps; yields what `fetch` held after each submission, in order. */
export async function* runSteps(
  device: Device,
  executable: Executable,
  options: Steps,
): AsyncGenerator<Fetched, void, undefined> {
  const { from = 0, steps, fetch, before, rows, lap = steps, waits = false } = options;
  const { isStopping = () => false, onLeft, pace = {}, estimate = newEstimate() } = options;
  const latency = await latencyOf(device, fetch[0] as Memory);
  const queue: Submission[] = [];
  let next = from;
  let lastDone = performance.now();
  let turn = lastDone;

  const most = () => {
    const fitting = stepsFor(device, pace, estimate.milliseconds, executable.stats);
    return Math.min(fitting, steps - next, lap - (next % lap), rows / IN_FLIGHT);
  };
  const isRoom = () => queue.length < inFlight(pace, latency, estimate.milliseconds * most());
  const mayGoOn = () => next < steps && !isStopping() && (!waits || next % lap > 0 || queue.length === 0);
  const submit = (): void => {
    const count = most();
    before(next, count);
    const read = executable.run(count, fetch);
    const answer = latency > 0 ? read() : undefined; // asked for at once, since it takes its time
    answer?.catch(() => {});
    queue.push({ first: next, count, queuedAt: performance.now(), read: () => answer ?? read() });
    next += count;
  };
  const settle = async (): Promise<Fetched> => {
    const { first, count, queuedAt, read } = queue.shift() as Submission;
    const start = Math.max(queuedAt, lastDone);
    // a software adapter computes on our own cores: sleep through most of it before asking. Not in pages, which give a budget: asking costs
    // them nothing, and where answers take some ms a nap would make itself come true
    const nap = start + estimate.milliseconds * count * 0.9 - performance.now();
    const naps = nap > 1 && device.info.class === "software" && !(latency || pace.budget);
    if (naps) await new Promise((resolve) => setTimeout(resolve, nap));
    const asked = performance.now();
    const values = await read();
    device.check("run");
    lastDone = performance.now() - latency;
    // done before we asked: the estimate was too long, by how much nobody knows
    const overslept = naps && lastDone - asked < 0.05 * (lastDone - start);
    const known = estimate.milliseconds;
    const shorter = estimate.submissions < 8 ? 0.3 : 0.7;
    const measured = overslept ? known * shorter : Math.max(0, lastDone - start) / count;
    // the first one compiles kernels on some drivers; slow answers come several at a time
    if (estimate.submissions++ > 0)
      estimate.milliseconds = latency && known ? known + (measured - known) / 4 : measured;
    return { first, count, values };
  };

  try {
    while (mayGoOn() || queue.length > 0) {
      while (mayGoOn() && isRoom()) submit();
      if (device.info.class === "cpu" && performance.now() > turn + TURN) {
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
      }
      yield await settle();
    }
  } finally {
    for (const { first, count, read } of queue) {
      const values = await read().catch(() => undefined); // whoever stops early leaves nothing unread
      if (values) onLeft?.({ first, count, values });
    }
  }
}

/** How many submissions may be under way, of about `span` ms each; 0 where nothing is known yet. */
function inFlight({ budget }: Pace, latency: number, span: number): number {
  if (latency > 0 && span > 0) return Math.min(MOST_IN_FLIGHT, IN_FLIGHT + Math.floor(latency / span));
  // in pages, which give a budget: steps so long fill the device by themselves, and a pause should not wait for two
  return budget && !(span > 0 && span <= LONG) ? 1 : IN_FLIGHT;
}

/** Steps in the next submission. Software adapters in Node gain nothing from small ones; everywhere else one should stay short. */
function stepsFor(
  device: Device,
  { stepsPerSubmit, budget }: Pace,
  milliseconds: number,
  { stepsPerDispatch = MOST_STEPS }: ExecutableStats,
): number {
  if (stepsPerSubmit !== undefined) return stepsPerSubmit;
  if (device.info.class === "cpu") return 1;
  const limit = budget ?? (device.info.class === "software" ? 120 : 50);
  if (milliseconds === 0) return budget === undefined ? LEAST_STEPS : 1;
  const fitting = Math.floor(limit / milliseconds);
  const least = budget === undefined && device.info.class === "software" ? LEAST_STEPS : 1;
  return Math.max(least, Math.min(stepsPerDispatch, fitting));
}
