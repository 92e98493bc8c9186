// Opening what a page asked for: once, or again and again until a lost device is back.
import type { DeviceClass } from "../core/deviceInfo.ts";
import { DataError, DeviceError, GpugradError } from "../core/error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Open, ServeContext, Served } from "./serve.ts";

/** ms before each attempt to open a device again: about 10 s in all. */
const WAITS = [0, 100, 300, 1000, 1000, 2000, 2500, 3000];

/** ms that compiling which nobody waits for may hold up the next one. */
const LONGEST = 30_000;

/** Whether a device is there. (`Promise.race` with one promise for its loss would leave something behind on that promise each time.) */
export class Presence {
  #failure: GpugradError | undefined;
  readonly #waiting = new Set<(failure: GpugradError) => void>();

  /** The device is gone, or of no use any more. */
  lose(failure: GpugradError): void {
    if (this.#failure) return;
    this.#failure = failure;
    for (const leave of this.#waiting) leave(failure);
    this.#waiting.clear();
  }

  /** @throws the failure that was noticed */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Waits for a promise, or rejects once the device is gone. */
  whileThere<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const leave = (failure: GpugradError) => reject(failure);
      const done = () => this.#waiting.delete(leave);
      promise.then(resolve, reject).then(done, done);
      if (this.#failure) leave(this.#failure);
      else this.#waiting.add(leave);
    });
  }

  /** Calls `listener` once the device is gone. */
  onLost(listener: (failure: GpugradError) => void): void {
    if (this.#failure) listener(this.#failure);
    else this.#waiting.add(listener);
  }
}

/** An open trainer, and whether its device is there. */
export interface Opened {
  readonly served: Served;
  readonly presence: Presence;
}

/** Compiling that nobody waits for any more. Browsers end none that has begun, so the next one waits for it, lest they queue up. */
export interface Left {
  compiling: Promise<void>;
}

/** Opens, and compiles the training step. Rejects at once when the signal is aborted, and closes what comes late. */
export async function openServed(
  open: Open<unknown>,
  setup: unknown,
  context: ServeContext,
  left: Left,
): Promise<Opened> {
  const { signal } = context;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  await Promise.race([left.compiling, aborted]);
  const opening = (async () => open(setup, context))();
  const served = await Promise.race([opening, aborted]).catch((error) => {
    opening.then(
      (late) => close({ served: late }),
      () => {},
    );
    throw error;
  });
  if (!served?.trainer || !served.set) throw new DataError("open: what was opened has no trainer, or no set");
  const { trainer } = served;
  const presence = new Presence();
  trainer.device.onFailure((failure) => presence.lose(failure));
  const compiling = prepareStep(served);
  await Promise.race([presence.whileThere(compiling), aborted]).catch((error) => {
    const end = () => close({ served });
    const longest = new Promise<void>((resolve) => setTimeout(resolve, LONGEST));
    left.compiling = Promise.race([compiling.then(end, end), longest]);
    throw error;
  });
  return { served, presence };
}

/** Compiles the step that the run will take, where that is still to be done. */
export const prepareStep = ({ trainer, set, fit }: Served): Promise<void> =>
  trainer.prepare(set, fit?.batchSize === undefined ? {} : { batchSize: fit.batchSize });

/** Opens again, with waits, and goes on from the checkpoint. The reference does not do in place of a GPU. @throws the last attempt's error */
export async function openAgain(
  open: () => Promise<Opened>,
  options: {
    readonly signal: AbortSignal;
    readonly before: DeviceClass | undefined;
    readonly checkpoint: Checkpoint | undefined;
  },
): Promise<Opened> {
  const { signal, before, checkpoint } = options;
  let last: unknown;
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    signal.throwIfAborted();
    let opened: Opened | undefined;
    try {
      opened = await open();
      const { trainer } = opened.served;
      if (trainer.device.info.class === "cpu" && (before ?? "cpu") !== "cpu")
        throw new DeviceError("there is no adapter any more");
      if (checkpoint) await trainer.restore(checkpoint);
      return opened;
    } catch (error) {
      close(opened);
      signal.throwIfAborted();
      last = error;
    }
  }
  throw last;
}

/** Closes a trainer's device, once. */
export function close(opened: Pick<Opened, "served"> | undefined): void {
  if (!opened || opened.served.trainer.device.isClosed) return;
  opened.served.close?.();
  opened.served.trainer.device.close();
}

export const isLost = (error: unknown): error is DeviceError =>
  error instanceof DeviceError && error.fields["isLost"] === true;

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function overtaken(): GpugradError {
  return new GpugradError("open: another open, stop or dispose came before it was done", { isOvertaken: true });
}
