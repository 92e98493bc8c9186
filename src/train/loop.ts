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

interface Submission {
  readonly first: number;
  readonly count: number;
  readonly queuedAt: number;
  readonly read: () => Promise<readonly ArrayLike<number>[]>;
}

/** The values fetched after a submission of `count` steps, the first being step `first` (from 0). */
export interface Fetched {
  readonly first: number;
  readonly count: number;
  readonly values: readonly ArrayLike<number>[];
}

/** What is to be run. */
export interface Steps {
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
  readonly pace?: Pace;
  readonly estimate?: StepEstimate;
}

/** Runs steps; yields what `fetch` held after each submission, in order. */
export async function* runSteps(
  device: Device,
  executable: Executable,
  options: Steps,
): AsyncGenerator<Fetched, void, undefined> {
  const { steps, fetch, before, rows, lap = steps, waits = false, pace = {}, estimate = newEstimate() } = options;
  const queue: Submission[] = [];
  let next = 0;
  let lastDone = performance.now();

  const submit = (): void => {
    const most = stepsFor(device, pace, estimate.milliseconds, executable.stats);
    const count = Math.min(most, steps - next, lap - (next % lap), rows / IN_FLIGHT);
    before(next, count);
    queue.push({ first: next, count, queuedAt: performance.now(), read: executable.run(count, fetch) });
    next += count;
  };
  const settle = async (): Promise<Fetched> => {
    const { first, count, queuedAt, read } = queue.shift() as Submission;
    const start = Math.max(queuedAt, lastDone);
    // a software adapter computes on our own cores: sleep through most of it before asking
    const nap = start + estimate.milliseconds * count * 0.9 - performance.now();
    const naps = nap > 1 && device.info.class === "software";
    if (naps) await new Promise((resolve) => setTimeout(resolve, nap));
    const asked = performance.now();
    const values = await read();
    device.check("run");
    lastDone = performance.now();
    // done before we asked: the estimate was too long, by how much nobody knows
    const overslept = naps && lastDone - asked < 0.05 * (lastDone - start);
    const measured = overslept ? estimate.milliseconds * 0.7 : (lastDone - start) / count;
    if (estimate.submissions++ > 0) estimate.milliseconds = measured; // the first one compiles kernels on some drivers
    return { first, count, values };
  };

  try {
    while (next < steps || queue.length > 0) {
      const mayGoOn = () => !waits || next % lap > 0 || queue.length === 0;
      while (next < steps && queue.length < IN_FLIGHT && mayGoOn()) submit();
      yield await settle();
    }
  } finally {
    for (const { read } of queue) await read().catch(() => []); // whoever stops early leaves nothing unread
  }
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
  if (milliseconds === 0) return LEAST_STEPS;
  const fitting = Math.floor(limit / milliseconds);
  const least = budget === undefined && device.info.class === "software" ? LEAST_STEPS : 1;
  return Math.max(least, Math.min(stepsPerDispatch, fitting));
}
