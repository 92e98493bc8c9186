// Keeps a device busy: queues submissions of several steps, and reads their log back without ever waiting inside a step.
import type { Device, Executable, Memory } from "../graph/device.ts";

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

/** Runs `steps` steps. `before(first, count)` uploads what they need; yields what `fetch` held after each submission, in order. */
export async function* runSteps(
  device: Device,
  executable: Executable,
  options: {
    steps: number;
    fetch: readonly Memory[];
    before: (first: number, count: number) => void;
    pace?: Pace;
    estimate?: StepEstimate;
  },
): AsyncGenerator<Fetched, void, undefined> {
  const { steps, fetch, before, pace = {}, estimate = newEstimate() } = options;
  const queue: Submission[] = [];
  let next = 0;
  let lastDone = performance.now();

  const submit = (): void => {
    const count = Math.min(steps - next, stepsFor(device, pace, estimate.milliseconds));
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
      while (next < steps && queue.length < IN_FLIGHT) submit();
      yield await settle();
    }
  } finally {
    for (const { read } of queue) await read().catch(() => []); // whoever stops early leaves nothing unread
  }
}

/** Steps in the next submission. Software adapters in Node gain nothing from small ones; everywhere else one should stay short. */
function stepsFor(device: Device, { stepsPerSubmit, budget }: Pace, milliseconds: number): number {
  if (stepsPerSubmit !== undefined) return stepsPerSubmit;
  if (device.info.class === "cpu") return 1;
  const limit = budget ?? (device.info.class === "software" ? 120 : 50);
  if (milliseconds === 0) return LEAST_STEPS;
  const fitting = Math.floor(limit / milliseconds);
  const least = budget === undefined && device.info.class === "software" ? LEAST_STEPS : 1;
  return Math.max(least, Math.min(MOST_STEPS, fitting));
}
