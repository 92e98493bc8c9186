// A trainer that outlasts its device: opened again when that is gone, and brought back to its last checkpoint.
import { DeviceError, OptionError } from "../core/error.ts";
import type { RemoteState } from "./channel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { close, isLost, type Left, type Opened, openAgain, openServed, overtaken, textOf } from "./opened.ts";
import type { Open, ServeContext, Served } from "./serve.ts";
import { Watchdog } from "./watchdog.ts";

/** How much longer answers may take after an alarm that may have been a false one. */
const CALMER = 4;

/** Whom a lasting trainer tells. */
export interface Owner {
  say(state: RemoteState): void;
  readonly send: ServeContext["send"];
  /** The trainer is there, for the first time or again. */
  onBack(): void;
  /** There is no trainer any more, and none to come. */
  onFail(reason: string): void;
  /** True while a run would notice by itself that the device is gone. */
  isRunning(): boolean;
}

export class LastingTrainer {
  readonly #open: Open<unknown>;
  readonly #owner: Owner;
  /** What it is brought back to; from the beginning where there is none. */
  checkpoint: Checkpoint | undefined;
  #setup: unknown;
  #opened: Opened | undefined;
  #watchdog: Watchdog | undefined;
  #recovering: Promise<boolean> | undefined;
  /** Aborted when what is being opened, or opened again, is not wanted any more. */
  #life = new AbortController();
  #isOpening = false;
  /** Why it is not opened again. */
  #end = "";
  #patience = 1;
  readonly #left: Left = { compiling: Promise.resolve() };

  constructor(open: Open<unknown>, owner: Owner) {
    this.#open = open;
    this.#owner = owner;
  }

  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Settles when a recovery that is under way is done. */
  get recovering(): Promise<boolean> | undefined {
    return this.#recovering;
  }

  /** True when there is no device to ask. */
  get isGone(): boolean {
    const device = this.#opened?.served.trainer.device;
    return this.#recovering !== undefined || device?.failure !== undefined || (device?.isClosed ?? true);
  }

  /** Opens in place of what was open. */
  async open(setup: unknown): Promise<Served> {
    close(this.#opened);
    [this.#setup, this.#life, this.#end, this.#patience] = [setup, new AbortController(), "", 1];
    [this.#opened, this.checkpoint] = [undefined, undefined];
    this.#isOpening = true;
    this.#owner.say({ kind: "opening" });
    try {
      this.#adopt(await this.#make());
    } catch (error) {
      const isBack = isLost(error) && (await this.#recover(undefined, error.message));
      if (!isBack) {
        if (this.#life.signal.aborted) this.#owner.say({ kind: "closed" });
        else if (this.#end === "") this.#fail(textOf(error));
        throw error;
      }
    } finally {
      this.#isOpening = false;
    }
    return this.require("open");
  }

  /** Gives up what is being opened, or opened again. */
  abort(): void {
    if (this.#isOpening || this.#recovering) this.#life.abort(overtaken());
  }

  /** Closes the device for good. */
  dispose(): void {
    this.#end = "it was disposed of";
    this.#life.abort(overtaken());
    this.#opened?.presence.lose(overtaken());
    close(this.#opened);
  }

  /** What is open. @throws OptionError in the name of `call` when nothing is */
  require(call: string): Served {
    if (!this.#opened) throw new OptionError(`${call}: nothing is open. Call open first`);
    return this.#opened.served;
  }

  /** Does what needs the device, once more when that was lost meanwhile and is back. */
  async use<Result>(work: (served: Served) => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.#recovering;
      const served = this.require("request");
      if (served.trainer.device.isClosed) throw new DeviceError(`request: ${this.#end}`);
      const opened = this.#opened as Opened;
      const release = this.watch();
      try {
        return await opened.presence.whileThere(work(served));
      } catch (error) {
        if (!isLost(error) || !(await this.#recover(opened, error.message))) throw error;
      } finally {
        release();
      }
    }
  }

  /** Has the device watched until the result is called. */
  watch(): () => void {
    return this.#watchdog?.hold() ?? (() => {});
  }

  /** After an error of `opened`: whether the trainer is there again. */
  async recover(opened: Opened, error: unknown): Promise<boolean> {
    if (isLost(error)) return this.#recover(opened, error.message);
    this.#fail(textOf(error));
    return false;
  }

  /** Opens again when the device is gone and no run is there that will notice. */
  look(): void {
    const opened = this.#opened;
    if (!opened || this.#end !== "" || this.#owner.isRunning()) return;
    try {
      opened.presence.check();
    } catch (failure) {
      void this.recover(opened, failure);
    }
  }

  #make(): Promise<Opened> {
    const { signal } = this.#life;
    const context: ServeContext = {
      signal,
      progress: (progress) => {
        if (this.#isOpening && !signal.aborted) this.#owner.say({ kind: "opening", progress });
      },
      send: this.#owner.send,
    };
    return openServed(this.#open, this.#setup, context, this.#left);
  }

  #adopt(opened: Opened): void {
    this.#opened = opened;
    const { presence, served } = opened;
    presence.onLost(() => this.look());
    this.#watchdog = new Watchdog(served.trainer.device, this.#patience, () => {
      this.#patience *= CALMER;
      presence.lose(new DeviceError("device: it does not answer any more", { isLost: true }));
    });
    this.#owner.onBack();
  }

  /** Opens again in place of `opened`; false when that fails. */
  async #recover(opened: Opened | undefined, reason: string): Promise<boolean> {
    if (this.#recovering) return this.#recovering;
    if (this.#opened !== opened) return true;
    if (this.#end !== "") return false;
    this.#recovering = this.#reopen(opened, reason).finally(() => {
      this.#recovering = undefined;
    });
    return this.#recovering;
  }

  async #reopen(opened: Opened | undefined, reason: string): Promise<boolean> {
    const { signal } = this.#life;
    close(opened);
    this.#owner.say({ kind: "recovering", reason });
    try {
      const before = opened?.served.trainer.device.info.class;
      this.#adopt(await openAgain(() => this.#make(), { signal, before, checkpoint: this.checkpoint }));
      return true;
    } catch (error) {
      if (!signal.aborted) this.#fail(`the device was lost, and none came back: ${textOf(error)}`);
      return false;
    }
  }

  #fail(reason: string): void {
    if (this.isGone) this.#end ||= reason;
    this.#owner.onFail(reason);
  }
}
