// The page's side of a trainer that works elsewhere: in a worker, or on the same thread at the other end of a MessageChannel.
import { DataError, GpugradError, OptionError } from "../core/error.ts";
import type { OpenedInfo, Port, RemoteState, Reply, RequestName, Requests, Told } from "./channel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Prediction } from "./predict.ts";
import type { Evaluation, Report, StepLog } from "./report.ts";
import { unpackError } from "./sentError.ts";
import type { Weights } from "./state.ts";

/** What a remote trainer tells by itself. */
export interface RemoteOptions {
  /** Reports, at most about 30 a second: of those that come faster the last one, and each with a validation. None comes twice. */
  readonly onReport?: (report: Report) => void;
  /** Loss and metrics of every step once, in order, many at a time. Without it they are not collected. */
  readonly onSteps?: (logs: readonly StepLog[]) => void;
  /** Each new state: opening, running, paused … */
  readonly onState?: (state: RemoteState) => void;
  /** What the other side sends by its context. */
  readonly onMessage?: (name: string, payload: unknown) => void;
}

/** A trainer at the other end of a channel. Requests are answered in order, those of `ask` among themselves; what fails there is thrown here, as the same error. */
export interface RemoteTrainer<Setup> {
  /** Where it is; the step is that of the last report. */
  readonly state: RemoteState;
  /**
   * Builds the trainer over there, in place of one that was open, and leaves it paused.
   * @throws whatever building it throws; GpugradError when another `open`, `stop` or `dispose` came before it was done
   */
  open(setup: Setup, transfer?: Transferable[]): Promise<OpenedInfo>;
  /** Resolves once it runs. */
  resume(): Promise<void>;
  /** Resolves once nothing runs any more. */
  pause(): Promise<void>;
  /** Runs exactly so many steps (1), then pauses; resolves when they are done, or when a pause comes before. */
  step(count?: number): Promise<void>;
  /** Pauses for good: only another `open` starts a run again. Everything else still answers. */
  stop(): Promise<void>;
  /** All parameters; those last known while there is no device. */
  snapshot(): Promise<Weights>;
  /** The whole state; the last one known while there is no device. */
  checkpoint(): Promise<Checkpoint>;
  /** Goes on from a checkpoint, paused or running as it was. @throws DataError when it does not fit */
  restore(checkpoint: Checkpoint): Promise<void>;
  /** Replaces all parameters. @throws DataError when they do not fit */
  load(weights: Weights): Promise<void>;
  /** The model's outputs for examples in one flat array. */
  predict(examples: Float32Array): Promise<Prediction>;
  /** Means over the validation set of the run, or over its own set where it has none. */
  evaluate(): Promise<Evaluation>;
  /** A request that the other side has a handler for. */
  ask<Answer>(name: string, payload?: unknown, transfer?: Transferable[]): Promise<Answer>;
  /** Closes device and port, and ends a worker. Whatever was not answered is rejected. */
  dispose(): void;
}

/** ms that a worker has to close its device before it is ended. */
const CLOSING = 500;
const ENDED = "the worker ended: the browser may have been short of memory";

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connects to the other end of `port`, where `serveTrainer` listens.
 * @example
 * const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
 * const trainer = connectTrainer(worker, { onReport: ({ loss }) => draw(loss) });
 * await trainer.open({ units: 16 });
 * await trainer.resume();
 */
export function connectTrainer<Setup>(port: MessagePort | Worker, options: RemoteOptions = {}): RemoteTrainer<Setup> {
  const { onReport, onSteps, onState, onMessage } = options;
  const end = port as Port & Partial<Worker>;
  const pending = new Map<number, Pending>();
  let state: RemoteState = { kind: "closed" };
  let isDisposed = false;
  let isEnded = false;
  let last = 0;

  const become = (next: RemoteState) => {
    state = next;
    onState?.(next);
  };
  const rejectAll = (why: (call: string) => Error) => {
    for (const { reject } of pending.values()) reject(why("request"));
    pending.clear();
  };
  const call = <Name extends RequestName>(
    name: Name,
    args: Requests[Name]["takes"],
    transfer: Transferable[] = [],
  ): Promise<Requests[Name]["gives"]> => {
    if (isDisposed) return Promise.reject(new OptionError(`${name}: this remote trainer was disposed of`));
    if (isEnded) return Promise.reject(new GpugradError(`${name}: ${ENDED}`));
    return new Promise((resolve, reject) => {
      const id = ++last;
      pending.set(id, { resolve, reject });
      try {
        end.postMessage({ id, call: name, args }, { transfer });
      } catch (cause) {
        pending.delete(id);
        reject(new DataError(`${name}: this cannot be sent: ${(cause as Error).message}`, { cause }));
      }
    });
  };
  const settle = ({ id, value, error }: Reply) => {
    const { resolve, reject } = pending.get(id) ?? {};
    pending.delete(id);
    if (error) reject?.(unpackError(error));
    else resolve?.(value as never);
  };
  const hear = (told: Told) => {
    if (isDisposed) return;
    if (told.told === "state") become(told.state);
    else if (told.told === "alive") watchLife(told.lock);
    else if (told.told === "message") onMessage?.(told.name, told.payload);
    else if (told.told === "steps") onSteps?.(unpackSteps(told));
    else {
      const { totalSteps: step, epoch, isEpochEnd } = told.report;
      if (state.kind === "running") state = { kind: "running", step, epoch: isEpochEnd ? epoch : epoch - 1 };
      onReport?.(told.report);
    }
  };
  const fail = (reason: string) => {
    if (isDisposed) return;
    rejectAll(() => new GpugradError(`connectTrainer: ${reason}`));
    become({ kind: "failed", reason, hasSnapshot: false });
  };
  const watchLife = (lock: string) => {
    const free = navigator.locks.request(lock, () => {
      isEnded = true;
      fail(ENDED);
    });
    free.catch(() => {});
  };
  const listen = ({ data }: MessageEvent) => ("id" in data ? settle(data) : hear(data));
  end.addEventListener("message", listen);
  end.start?.();
  // a worker whose script does not load, or that threw where nobody waits
  if (end.terminate) {
    port.addEventListener("error", (event) => {
      fail(`the worker failed: ${(event as ErrorEvent).message || "its script did not load"}`);
    });
  }
  const close = () => {
    end.removeEventListener("message", listen);
    end.terminate?.();
    if (!end.terminate) end.close?.();
  };

  return {
    get state() {
      return state;
    },
    open(setup, transfer) {
      if (!isDisposed) become({ kind: "opening" });
      return call("open", [setup, onSteps !== undefined], transfer);
    },
    resume: () => call("resume", []),
    pause: () => call("pause", []),
    step: (count = 1) => call("step", [count]),
    stop: () => call("stop", []),
    snapshot: () => call("snapshot", []),
    checkpoint: () => call("checkpoint", []),
    restore: (checkpoint) => call("restore", [checkpoint]),
    load: (weights) => call("load", [weights]),
    predict: (examples) => call("predict", [examples]),
    evaluate: () => call("evaluate", []),
    ask: <Answer>(name: string, payload?: unknown, transfer?: Transferable[]) =>
      call("ask", [name, payload], transfer) as Promise<Answer>,
    dispose() {
      if (isDisposed) return;
      const closed = call("dispose", []);
      pending.delete(last);
      isDisposed = true;
      rejectAll((name) => new OptionError(`${name}: this remote trainer was disposed of`));
      become({ kind: "closed" });
      closed.catch(() => {});
      if (!end.terminate) close();
      else setTimeout(close, CLOSING);
    },
  };
}

function unpackSteps({ metrics, rows }: Extract<Told, { told: "steps" }>): StepLog[] {
  const width = 2 + metrics.length;
  return Array.from({ length: rows.length / width }, (_, i) => {
    const at = (column: number) => rows[i * width + column] as number;
    return {
      ...{ step: at(0), loss: at(1) },
      metrics: Object.fromEntries(metrics.map((name, k) => [name, at(2 + k)])),
    };
  });
}
