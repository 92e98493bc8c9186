// The worker's side of a remote trainer: listens on a port, does what it is asked, and answers.
import { OptionError } from "../core/error.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Progress } from "../graph/device.ts";
import type { Port, Request, RequestName, Requests, Told } from "./channel.ts";
import type { FitOptions } from "./fitOptions.ts";
import type { Report } from "./report.ts";
import { packError } from "./sentError.ts";
import { Session } from "./session.ts";
import type { Trainer } from "./trainer.ts";

/** What the function that opens a trainer may use. */
export interface ServeContext {
  /** Aborted when what is being opened is not wanted any more. */
  readonly signal: AbortSignal;
  /** Tells the page how far opening is: pass it on as `onCompile`, or count bytes. */
  progress(progress: Progress): void;
  /** Sends the page a message, at any time. */
  send(name: string, payload: unknown, transfer?: Transferable[]): void;
}

/** What opening gives: the trainer, what it trains on, and how. */
export interface Served {
  readonly trainer: Trainer;
  readonly set: Dataset;
  /** As for `trainer.fit`, counted over the trainer's life; epochs without end, submissions of 8 ms (25 ms on software adapters), reports 33 ms apart. */
  readonly fit?: Omit<FitOptions, "signal" | "onCheckpoint">;
  /** Goes to the page as `OpenedInfo.info`. */
  readonly info?: unknown;
  /** What the page may `ask` for, by name. */
  readonly requests?: Readonly<Record<string, (payload: never) => unknown>>;
  /** Told each report before the page is, such as to draw; the run waits for it. */
  readonly onReport?: (report: Report) => void | Promise<void>;
  /** Called before the device is closed. */
  readonly close?: () => void;
}

/** Makes a trainer from what the page sent. It is called again when the device was lost: the same setup must give the same trainer. */
export type Open<Setup> = (setup: Setup, context: ServeContext) => Promise<Served>;

/**
 * Serves a trainer to the other end of `port`, where `connectTrainer` is called: in a worker its own scope, on the same thread one end of a
 * MessageChannel.
 * @example
 * serveTrainer<{ units: number }>(self, async ({ units }, { progress }) => {
 *   const device = await openDevice({ device: "auto" });
 *   const model = nn.serial(nn.linear(units), nn.tanh(), nn.linear(2));
 *   const options = { input: [2], loss: loss.softmaxCrossEntropy(), optimizer: optim.adam(0.01), onCompile: progress };
 *   return { trainer: await createTrainer(device, model, options), set: points };
 * });
 */
export function serveTrainer<Setup>(
  port: MessagePort | DedicatedWorkerGlobalScope | (Window & typeof globalThis),
  open: Open<Setup>,
): void {
  const end = port as unknown as Port;
  const tell = (told: Told, transfer: Transferable[] = []) => end.postMessage(told, { transfer });
  const session = new Session(open as Open<unknown>, tell);
  // what a run is told, in order; and what is asked of it, each after what it was told before: an answer that takes its time holds up no pause
  let told: Promise<unknown> = Promise.resolve();
  let asked: Promise<unknown> = told;

  const answer = async ({ id, call, args }: Request): Promise<void> => {
    try {
      const value = await perform(session, call, args);
      end.postMessage({ id, value });
    } catch (error) {
      end.postMessage({ id, error: packError(error) });
    }
    if (call !== "dispose") return;
    end.removeEventListener("message", listen);
    end.close?.();
  };
  const listen = ({ data }: MessageEvent<Request>) => {
    session.interrupt(data.call); // what ends a run must not wait behind it
    if (data.call === "ask") asked = Promise.all([asked, told]).then(() => answer(data));
    else told = told.then(() => answer(data));
  };
  end.addEventListener("message", listen);
  end.start?.();
  if ((port as unknown) === globalThis) showLife(tell);
}

/** Nobody is told when a browser ends a worker, but its locks become free. */
function showLife(tell: (told: Told) => void): void {
  const lock = `gpugrad ${Math.random()} ${performance.timeOrigin}`;
  const holding = globalThis.navigator?.locks?.request(lock, () => {
    tell({ told: "alive", lock });
    return new Promise(() => {});
  });
  holding?.catch(() => {}); // pages without an origin of their own have no locks
}

type Performers = { [Name in RequestName]: (...args: Requests[Name]["takes"]) => unknown };

function perform(session: Session, call: RequestName, args: readonly unknown[]): unknown {
  const performers: Performers = {
    open: (setup, wantsSteps) => session.open(setup, wantsSteps),
    resume: () => session.resume(),
    pause: () => session.pause(),
    step: (count) => session.step(count),
    stop: () => session.stop(),
    snapshot: () => session.snapshot(),
    checkpoint: () => session.checkpoint(),
    restore: (checkpoint) => session.change(({ trainer }) => trainer.restore(checkpoint)),
    load: (weights) => session.change(({ trainer }) => trainer.load(weights)),
    predict: (examples) => session.use(({ trainer }) => trainer.predict(examples)),
    evaluate: () => session.evaluate(),
    ask: (name, payload) => session.ask(name, payload),
    dispose: () => session.dispose(),
  };
  if (!Object.hasOwn(performers, call)) throw new OptionError(`${call}: there is no such request`);
  return (performers[call] as (...args: readonly unknown[]) => unknown)(...args);
}

declare global {
  /** The scope of a worker, which the library of pages does not have. */
  interface DedicatedWorkerGlobalScope extends EventTarget {
    postMessage(message: unknown, options?: StructuredSerializeOptions): void;
    close(): void;
  }
}
