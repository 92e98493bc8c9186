// What serves a page: a trainer that is opened, run, paused, asked, and opened again when its device is gone.
import { DeviceError, GpugradError, OptionError } from "../core/error.ts";
import type { OpenedInfo, RemoteState, RequestName, Told } from "./channel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { budgetOf, drive, Teller } from "./drive.ts";
import { close, isLost, type Opened, openAgain, openServed, overtaken, textOf } from "./opened.ts";
import type { Evaluation } from "./report.ts";
import type { Open, Served } from "./serve.ts";
import type { Weights } from "./state.ts";
import { watchAnswers } from "./watchdog.ts";

/** How much longer answers may take after an alarm that may have been a false one. */
const CALMER = 4;

/** A run that goes on until it is paused. */
interface Going {
  readonly goal: number;
  isPausing: boolean;
  fit: AbortController;
  /** What is to be done between two fits. */
  readonly tasks: (() => Promise<void>)[];
  done: Promise<void>;
}

/** One page's trainer. Requests come one at a time, but for what `interrupt` is told. */
export class Session {
  readonly #open: Open<unknown>;
  readonly #tell: (told: Told, transfer?: Transferable[]) => void;
  #setup: unknown;
  #teller: Teller;
  #opened: Opened | undefined;
  #going: Going | undefined;
  #checkpoint: Checkpoint | undefined;
  #recovering: Promise<boolean> | undefined;
  /** Aborted when what is being opened, or opened again, is not wanted any more. */
  #life = new AbortController();
  #isOpening = false;
  #openings = { asked: 0, begun: 0 };
  /** Why there is no going on: until something is opened, or the state is changed. */
  #end: "stopped" | "finished" | "failed" | "disposed" | undefined;
  #reason = "";
  #patience = 1;

  constructor(open: Open<unknown>, tell: (told: Told, transfer?: Transferable[]) => void) {
    this.#open = open;
    this.#tell = tell;
    this.#teller = new Teller(tell, false);
  }

  /** Ends what a request that has just come must not wait for. */
  interrupt(call: RequestName): void {
    if (call === "open") this.#openings.asked++;
    if (call === "dispose") this.#end = "disposed";
    if (call === "stop") this.#end ??= "stopped";
    const isEnd = call === "open" || call === "stop" || call === "dispose";
    if ((isEnd || call === "pause") && this.#going) {
      this.#going.isPausing = true;
      this.#going.fit.abort();
    }
    if (isEnd && (this.#isOpening || this.#recovering)) this.#life.abort(overtaken());
  }

  async open(setup: unknown, wantsSteps: boolean): Promise<OpenedInfo> {
    if (++this.#openings.begun < this.#openings.asked || this.#end === "disposed") throw overtaken();
    await this.pause();
    await this.#recovering;
    await this.#going?.done;
    close(this.#opened);
    [this.#opened, this.#checkpoint, this.#end, this.#patience] = [undefined, undefined, undefined, 1];
    [this.#setup, this.#life, this.#teller] = [setup, new AbortController(), new Teller(this.#tell, wantsSteps)];
    this.#isOpening = true;
    this.#say({ kind: "opening" });
    try {
      this.#adopt(await this.#make());
    } catch (error) {
      const isBack = isLost(error) && (await this.#recover(undefined, error.message));
      if (!isBack) {
        if (this.#life.signal.aborted) this.#say({ kind: "closed" });
        else if (!this.#end) this.#fail(textOf(error));
        throw error;
      }
    } finally {
      this.#isOpening = false;
    }
    const { trainer, info } = (this.#opened as unknown as Opened).served;
    const { stats, parameterCount, device } = trainer;
    return {
      device: device.info,
      parameterCount,
      ...(stats ? { stats } : {}),
      ...(info === undefined ? {} : { info }),
    };
  }

  async resume(): Promise<void> {
    await this.#recovering;
    this.#checkReady("resume");
    if (!this.#going) this.#start(Number.POSITIVE_INFINITY);
  }

  /** Waits until nothing runs; a recovery goes on by itself and ends paused. */
  async pause(): Promise<void> {
    this.interrupt("pause"); // a run that a request before this one has started
    if (!this.#recovering) await this.#going?.done;
  }

  async step(count: number): Promise<void> {
    if (!Number.isInteger(count) || count < 1)
      throw new OptionError(`step: count must be a whole number from 1 on: got ${count}`, { count });
    await this.pause();
    await this.#recovering;
    const { trainer } = this.#checkReady("step");
    await this.#start(trainer.step + count).done;
  }

  async stop(): Promise<void> {
    await this.pause();
    if (!this.#opened) this.#say({ kind: "closed" });
    else if (this.#end === "stopped") this.#sayPlace("finished");
  }

  async snapshot(): Promise<Weights> {
    const { trainer } = this.#checkOpen("snapshot");
    try {
      if (!this.#recovering && !trainer.device.isClosed) return await trainer.weights();
    } catch (error) {
      if (!trainer.device.failure) throw error;
    }
    return this.#checkpoint?.weights ?? trainer.weights();
  }

  async checkpoint(): Promise<Checkpoint> {
    const { trainer } = this.#checkOpen("checkpoint");
    const isGone = this.#recovering || trainer.device.failure || trainer.device.isClosed;
    if (isGone && this.#checkpoint) return this.#checkpoint;
    return this.#between(() => this.use(({ trainer }) => trainer.checkpoint()));
  }

  /** Changes the trainer's state, between two fits when it runs. */
  async change(work: (served: Served) => void | Promise<void>): Promise<void> {
    await this.#between(async () => {
      this.#checkpoint = await this.use(async (served) => {
        await work(served);
        this.#teller.startAt(served.trainer.step);
        return served.trainer.checkpoint();
      });
      if (this.#end === "failed" || this.#end === "finished") this.#end = undefined;
      if (!this.#going) this.#sayPlace(this.#end ? "finished" : "paused");
    });
  }

  evaluate(): Promise<Evaluation> {
    return this.use((served) =>
      served.trainer.evaluate(served.fit?.validation ?? served.set, { budget: budgetOf(served) }),
    );
  }

  async ask(name: string, payload: unknown): Promise<unknown> {
    await this.#recovering;
    const { requests = {} } = this.#checkOpen("ask");
    if (!Object.hasOwn(requests, name)) {
      throw new OptionError(`ask: there is no "${name}". There are: ${Object.keys(requests).join(", ") || "none"}`);
    }
    const { lost } = this.#opened as Opened;
    return Promise.race([requests[name]?.(payload as never), lost]);
  }

  /** Does what needs the device, once more when that was lost meanwhile and is back. */
  async use<Result>(work: (served: Served) => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.#recovering;
      const served = this.#checkOpen("request");
      const opened = this.#opened as Opened;
      if (served.trainer.device.isClosed) throw new DeviceError(`request: ${this.#reason}`);
      const unwatch = this.#watch(opened);
      try {
        return await Promise.race([work(served), opened.lost]);
      } catch (error) {
        if (!isLost(error) || !(await this.#recover(opened, error.message))) throw error;
      } finally {
        unwatch();
      }
    }
  }

  async dispose(): Promise<void> {
    this.#life.abort(overtaken());
    this.#opened?.lose(overtaken());
    close(this.#opened);
    await this.#going?.done;
  }

  #start(goal: number): Going {
    const going: Going = { goal, isPausing: false, fit: new AbortController(), tasks: [], done: Promise.resolve() };
    this.#going = going;
    this.#sayPlace("running");
    going.done = this.#run(going);
    return going;
  }

  async #run(going: Going): Promise<void> {
    let isOver = false;
    while (!going.isPausing && !isOver && !this.#end) {
      const opened = this.#opened as Opened;
      const unwatch = this.#watch(opened);
      going.fit = new AbortController();
      try {
        isOver = await drive(opened.served, {
          ...{ goal: going.goal, signal: going.fit.signal, teller: this.#teller, lost: opened.lost },
          isFinal: () => this.#end !== undefined,
          keep: (checkpoint) => {
            if (opened === this.#opened) this.#checkpoint = checkpoint;
          },
        });
        if (isOver) this.#end ??= "finished";
        if (opened.served.trainer.step >= going.goal) going.isPausing = true;
      } catch (error) {
        if (!isLost(error)) this.#fail(textOf(error));
        else if (!(await this.#recover(opened, error.message))) break;
      } finally {
        unwatch();
      }
      for (const task of going.tasks.splice(0)) await task();
    }
    this.#going = undefined;
    for (const task of going.tasks) await task();
    if (!this.#end && !this.#recovering && !this.#life.signal.aborted) this.#sayPlace("paused");
    if (this.#end === "finished") this.#sayPlace("finished");
  }

  /** Does `work` while no fit runs; a run goes on after it. */
  async #between<Result>(work: () => Promise<Result>): Promise<Result> {
    const going = this.#going;
    if (!going) return work();
    return new Promise((resolve, reject) => {
      going.tasks.push(() => work().then(resolve, reject));
      going.fit.abort();
    });
  }

  #make(): Promise<Opened> {
    const { signal } = this.#life;
    return openServed(this.#open, this.#setup, {
      signal,
      progress: (progress) => {
        if (this.#isOpening && !signal.aborted) this.#say({ kind: "opening", progress });
      },
      send: (name, payload, transfer) => this.#tell({ told: "message", name, payload }, transfer),
    });
  }

  #adopt(opened: Opened): void {
    this.#opened = opened;
    opened.lost.catch((failure) => {
      if (this.#opened !== opened || this.#end === "disposed" || this.#going) return; // a run sees it by itself
      if (isLost(failure)) void this.#recover(opened, failure.message);
      else this.#fail(textOf(failure));
    });
    if (this.#end) this.#sayPlace("finished");
    else this.#sayPlace(this.#going && !this.#going.isPausing ? "running" : "paused");
  }

  /** Opens again in place of `opened`; false when that fails. */
  async #recover(opened: Opened | undefined, reason: string): Promise<boolean> {
    if (this.#recovering) return this.#recovering;
    if (this.#opened !== opened) return true;
    if (this.#end === "failed" || this.#end === "disposed") return false;
    this.#recovering = this.#reopen(opened, reason).finally(() => {
      this.#recovering = undefined;
    });
    return this.#recovering;
  }

  async #reopen(opened: Opened | undefined, reason: string): Promise<boolean> {
    const { signal } = this.#life;
    close(opened);
    this.#say({ kind: "recovering", reason });
    try {
      const before = opened?.served.trainer.device.info.class;
      this.#adopt(await openAgain(() => this.#make(), { signal, before, checkpoint: this.#checkpoint }));
      return true;
    } catch (error) {
      if (!signal.aborted) this.#fail(`the device was lost, and none came back: ${textOf(error)}`);
      return false;
    }
  }

  #watch({ served, lose }: Opened): () => void {
    return watchAnswers(served.trainer.device, this.#patience, () => {
      this.#patience *= CALMER;
      lose(new DeviceError("device: it does not answer any more", { isLost: true }));
    });
  }

  #fail(reason: string): void {
    if (this.#end === "disposed") return;
    [this.#end, this.#reason] = ["failed", reason];
    this.#say({ kind: "failed", reason, hasSnapshot: this.#opened !== undefined });
  }

  #checkOpen(call: string): Served {
    if (!this.#opened) throw new OptionError(`${call}: nothing is open. Call open first`);
    return this.#opened.served;
  }

  #checkReady(call: string): Served {
    const served = this.#checkOpen(call);
    if (this.#end === "failed") throw new GpugradError(`${call}: the run failed: ${this.#reason}`);
    if (this.#end) throw new OptionError(`${call}: the run is ${this.#end}. Open it again, or restore a checkpoint`);
    return served;
  }

  #sayPlace(kind: "paused" | "running" | "finished"): void {
    const { step, epoch } = this.#checkOpen("state").trainer;
    this.#say({ kind, step, epoch });
  }

  #say(state: RemoteState): void {
    if (this.#end !== "disposed") this.#tell({ told: "state", state });
  }
}
